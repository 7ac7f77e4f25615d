"""The releases in the state bucket, by commit, and which of them is the last good one.

    releases/COMMIT/visits.zip  the function's zip; the commit has everything else
    releases/last-good          the commit whose smoke test was the last to pass

A rollback reads them, so it needs no build. The bucket keeps earlier versions for 90 days.
"""

import json
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from contract.command import CommandError
from release import account
from release.terraform import Terraform

ZIP = "visits.zip"
LAST_GOOD = "releases/last-good"
KEPT = 10  # releases
MISSING = (
    "The bucket {bucket} has no release of {commit}. It keeps those whose smoke test passed on "
    "staging, the newest {kept} and the last good one. Deploy a newer commit."
)


class Store:
    """The releases in the state bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def save(self, commit: str, folder: Path) -> None:
        """Store the zip that was built from a commit, from a folder."""
        self._put(zip_of(commit), (folder / ZIP).read_bytes())

    def fetch(self, commit: str, folder: Path) -> None:
        """Write the zip of a commit into a folder."""
        folder.mkdir(exist_ok=True)
        content = self._get(zip_of(commit))
        if content is None:
            raise CommandError(MISSING.format(bucket=self._bucket, commit=commit, kept=KEPT))
        (folder / ZIP).write_bytes(content)

    def last_good(self) -> str:
        """Return the commit of the last good release, or an empty string."""
        content = self._get(LAST_GOOD)
        return str(json.loads(content)["commit"]) if content else ""

    def record_good(self, commit: str) -> None:
        """Record a commit as the last good release, and delete releases that are too old."""
        self._put(LAST_GOOD, json.dumps({"commit": commit}).encode())
        for old in set(self._commits()[KEPT:]) - {commit}:
            self._client.delete_object(Bucket=self._bucket, Key=zip_of(old))

    def _commits(self) -> list[str]:
        """Return the stored commits, the newest first."""
        zips = [stored for stored in self._objects() if stored["Key"].endswith(f"/{ZIP}")]
        zips.sort(key=lambda stored: stored["LastModified"], reverse=True)
        return [stored["Key"].split("/")[1] for stored in zips]

    def _objects(self) -> Any:
        return self._client.list_objects_v2(Bucket=self._bucket, Prefix="releases/")["Contents"]

    def _put(self, key: str, content: bytes) -> None:
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=content)
        except (BotoCoreError, ClientError) as error:
            raise CommandError(f"The bucket {self._bucket} cannot be written: {error}") from None

    def _get(self, key: str) -> bytes | None:
        try:
            return bytes(self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        except self._client.exceptions.NoSuchKey:
            return None
        except (BotoCoreError, ClientError) as error:
            raise CommandError(f"The bucket {self._bucket} cannot be read: {error}") from None


def zip_of(commit: str) -> str:
    return f"releases/{commit}/{ZIP}"


def connect(terraform: Terraform) -> Store:
    """Return the releases in the bucket that has Terraform's state."""
    settings, _ = account.backend(terraform)
    session = boto3.Session(region_name=settings["region"])
    account.identity(session)
    return Store(session.client("s3"), settings["bucket"])
