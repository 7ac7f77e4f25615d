"""A checkout on a local AWS, and its commands as a person runs them."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

from contract.repository import ROOT
from release.package.__main__ import hash_of_inputs
from release.terraform import Terraform
from tests import emulator
from tests.checkouts import copy_work_tree
from tests.emulator import LocalAws, scratch

TFVARS = 'region = "eu-west-1"\nallowed_origins = ["https://resume.example"]\n'
PASSED_ON = ["TERRAFORM_PLUGIN_DIR"]
# Options of Terraform for a bucket of the local AWS.
INIT = "-backend-config=use_path_style=true -backend-config=skip_credentials_validation=true"
BACKEND = """\
bucket                      = "state"
region                      = "eu-west-1"
use_path_style              = true
skip_credentials_validation = true
"""


@contextmanager
def running_provider(folder: Path, endpoint: str) -> Iterator[dict[str, str]]:
    """Run Terraform's AWS provider, and yield the environment of commands that use it.

    Without it, each command starts the provider two or three times, which takes half of its time.
    """
    shutil.copy(ROOT / "terraform" / "versions.tf", folder)
    environment = {**emulator.ROOT_USER, "AWS_ENDPOINT_URL": endpoint}
    terraform = Terraform(folder, {"PATH": os.environ["PATH"], **environment})
    terraform.run("init", "-backend=false")
    with scratch.running_provider(terraform):
        name = "TF_REATTACH_PROVIDERS"
        yield {name: terraform.environment[name]}


def override(aws: LocalAws) -> str:
    """Return an override for what differs here from AWS: the address of the API, and no alarms.

    The local AWS returns alarms changed, which would be a change in every plan. The provider runs
    in another folder, so it needs the absolute path of the zip.
    """
    return f"""\
output "api_url" {{
  value = "{aws.stage_url("${aws_api_gateway_rest_api.visits.id}", "live")}"
}}
resource "aws_cloudwatch_metric_alarm" "each" {{
  for_each = {{}}
}}
resource "aws_lambda_function" "visits" {{
  filename = abspath(local.lambda_zip)
}}
"""


def make(folder: Path) -> Path:
    """Copy what the commands need, with terraform.tfvars and backend.hcl."""
    parts = ("openapi.yaml", "client/dist", "lambda", "local", "contract", "release", "terraform")
    copy_work_tree(folder, *parts)
    (folder / "terraform" / "terraform.tfvars").write_text(TFVARS)
    (folder / "terraform" / "backend.hcl").write_text(BACKEND)
    return folder


def place_zip(folder: Path, content: bytes) -> None:
    """Put a zip where `make build` does, so that it has nothing to do."""
    build = folder / "build"
    build.mkdir(exist_ok=True)
    with chdir(folder):
        inputs = hash_of_inputs(host=False)
    (build / "visits.zip").write_bytes(content)
    (build / "visits.inputs").write_text(f"{inputs} {hashlib.sha256(content).hexdigest()}\n")


def start(
    folder: Path,
    command: str = "deploy",
    answers: str = "",
    module: str = "deploy",
    **environment: str,
) -> "subprocess.Popen[str]":
    """Start a command in a session of its own, and type the answers."""
    with (folder / "printed").open("w") as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", f"release.{module}", command],
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "CHECKPOINT_DISABLE": "1",
                "AWS_EC2_METADATA_DISABLED": "true",
                "TF_VAR_lambda_zip": str(folder / "build" / "visits.zip"),  # for a running provider
                **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
                **environment,
            },
            stdin=subprocess.PIPE,
            stdout=printed,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    assert process.stdin
    process.stdin.write(f"{answers}\n")
    process.stdin.close()
    return process


def run(folder: Path, *arguments: str, **options: Any) -> tuple[int, str]:
    """Run a command, and return the exit code and everything it printed."""
    code = start(folder, *arguments, **options).wait()
    printed = (folder / "printed").read_text()
    assert "Traceback" not in printed
    return code, printed


def refused(folder: Path, *arguments: str, **options: Any) -> str:
    """Run a command that must fail with a message, and return what it printed."""
    code, printed = run(folder, *arguments, **options)
    assert code == 1, printed
    assert "Traceback" not in printed, printed
    return printed


def succeeded(folder: Path, *arguments: str, **options: Any) -> str:
    """Run a command that must succeed, and return what it printed."""
    code, printed = run(folder, *arguments, **options)
    assert code == 0, printed
    return printed


def account(endpoint: str) -> dict[str, str]:
    """Return the environment of a person who is signed in to a local AWS."""
    return {
        **emulator.ROOT_USER,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "SKIP_PREFLIGHT": "1",  # its tests are in test_preflight.py
    }
