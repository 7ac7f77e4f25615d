"""A checkout on a local AWS, and its commands as a person runs them."""

import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from typing import Any

from contract.repository import ROOT
from release.package.__main__ import hash_of_inputs
from tests import emulator

TFVARS = 'region = "eu-west-1"\nallowed_origins = ["https://resume.example"]\n'
PASSED_ON = ["TERRAFORM_PLUGIN_DIR"]
KEY = "visits/terraform.tfstate"
BACKEND = """\
bucket                      = "state"
region                      = "eu-west-1"
use_path_style              = true
skip_credentials_validation = true
"""


def make(folder: Path) -> Path:
    """Copy what the commands need, with terraform.tfvars and backend.hcl."""
    shutil.copy(ROOT / "openapi.yaml", folder)
    ignore = shutil.ignore_patterns(
        ".terraform*", "*.tfstate*", "*_override.tf", "node_modules", "__pycache__"
    )
    for part in ("client/dist", "lambda", "local", "contract", "release", "terraform"):
        shutil.copytree(ROOT / part, folder / part, ignore=ignore)
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
    """Run a command that must fail, and return what it printed."""
    code, printed = run(folder, *arguments, **options)
    assert code == 1, printed
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
