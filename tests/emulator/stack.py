"""A deployment to a local AWS, with the real Terraform and the real zip."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from release.terraform import Terraform
from tests import emulator
from tests.emulator import LocalAws, scratch

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36"


@dataclass
class Rehearsal:
    """A deployment to a local AWS.

    Attributes:
        folder: contains the copies of terraform/ and openapi.yaml, and the zip.
        origin: the origin of the page that may count visits.
        outputs: Terraform's outputs of the last deployment.
    """

    aws: LocalAws
    folder: Path
    terraform: Terraform
    origin: str
    outputs: Mapping[str, Any]

    @property
    def url(self) -> str:
        """The URL of the API."""
        return self.aws.stage_url(self.outputs["rest_api_id"], self.outputs["stage"])

    def deploy(self) -> None:
        self.outputs = scratch.apply(
            self.terraform, region=emulator.REGION, allowed_origins=[self.origin]
        )

    def call(self, method: str, path: str) -> urllib3.BaseHTTPResponse:
        """Send a request as a browser on the page does."""
        headers = {"Origin": self.origin, "User-Agent": BROWSER}
        return urllib3.request(
            method, f"{self.url}{path}", headers=headers, timeout=60, retries=False
        )


@contextmanager
def running(aws: LocalAws, folder: Path, zip_file: Path, origin: str) -> Iterator[Rehearsal]:
    """Deploy to an empty local AWS.

    Args:
        folder: an empty folder for the copy of the configuration.
        zip_file: the function's zip, built for the platform of this machine.
        origin: the origin of the page that may count visits.

    Raises:
        CommandError: Terraform failed.
    """
    (folder / "build").mkdir()
    (folder / "build" / "visits.zip").write_bytes(zip_file.read_bytes())
    environment = {**emulator.ROOT_USER, "AWS_ENDPOINT_URL": aws.endpoint}
    with scratch.copied(folder, environment) as terraform:
        rehearsal = Rehearsal(aws, folder, terraform, origin, {})
        rehearsal.deploy()
        yield rehearsal
