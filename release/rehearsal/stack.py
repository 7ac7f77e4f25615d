"""A deployment before the deployment: the real Terraform and the real zip, on a local AWS.

release/rehearsal/faults.py looks at what came of it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from local import emulator
from local.emulator import LocalAws
from release.rehearsal.terraform import Terraform

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36"


@dataclass
class Rehearsal:
    """A stack on a local AWS.

    Attributes:
        origin: of the page that may count.
        outputs: Terraform's, after `deploy`.
    """

    aws: LocalAws
    terraform: Terraform
    origin: str
    outputs: Mapping[str, Any]

    @property
    def url(self) -> str:
        """Where the API answers."""
        return self.aws.stage_url(self.outputs["rest_api_id"], self.outputs["stage"])

    def deploy(self) -> None:
        self.outputs = self.terraform.apply(region=emulator.REGION, allowed_origins=[self.origin])

    def call(self, method: str, path: str) -> urllib3.BaseHTTPResponse:
        """Send a request as the page would."""
        headers = {"Origin": self.origin, "User-Agent": BROWSER}
        return urllib3.request(
            method, f"{self.url}{path}", headers=headers, timeout=60, retries=False
        )


@contextmanager
def running(folder: Path, zip_file: Path, origin: str) -> Iterator[Rehearsal]:
    """Deploy to a local AWS in a folder.

    Args:
        zip_file: the function's zip, built for this machine's platform.
        origin: of the page that may count.

    Raises:
        TerraformError: it could not be deployed.
    """
    with emulator.running(folder) as aws:
        environment = {**emulator.ROOT_USER, "AWS_ENDPOINT_URL": aws.endpoint}
        terraform = Terraform(folder, environment)
        (folder / "build").mkdir()
        (folder / "build" / "visits.zip").write_bytes(zip_file.read_bytes())
        terraform.init()
        rehearsal = Rehearsal(aws, terraform, origin, {})
        rehearsal.deploy()
        yield rehearsal
