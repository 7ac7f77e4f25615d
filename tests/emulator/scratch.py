"""A copy of the Terraform configuration in a folder of its own, for a local AWS."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contract.command import CommandError
from contract.repository import ROOT
from release.terraform import Terraform

# An emulator answers 500 to calls that it does not implement. The provider repeats these up to
# 25 times, and ignores AWS_MAX_ATTEMPTS.
LOCAL = """terraform {
  backend "local" {}
}

provider "aws" {
  max_retries = 1
}
"""

SETTINGS = ("*.tfvars", "*.tfvars.json", "backend.hcl")


@contextmanager
def copied(folder: Path, environment: Mapping[str, str]) -> Iterator[Terraform]:
    """Copy terraform/ and the files that it reads into a folder, and initialise Terraform there.

    The owner's settings (terraform.tfvars) are not copied: a test must not depend on them.

    Args:
        folder: add `build/visits.zip` to it before an apply.
        environment: Terraform gets these variables and PATH, and no others.
    """
    shutil.copytree(ROOT / "terraform", folder / "terraform", ignore=ignored)
    shutil.copytree(ROOT / "client" / "dist", folder / "client" / "dist")
    shutil.copy(ROOT / "openapi.yaml", folder)
    (folder / "terraform" / "local_override.tf").write_text(LOCAL)
    environment = {"PATH": os.environ["PATH"], "CHECKPOINT_DISABLE": "1", **environment}
    terraform = Terraform(folder / "terraform", environment)
    terraform.run("init", "-input=false")
    with running_provider(terraform):
        yield terraform


def apply(terraform: Terraform, **variables: object) -> dict[str, Any]:
    """Apply with these variables, and return the outputs."""
    (terraform.folder / "terraform.tfvars.json").write_text(json.dumps(variables))
    terraform.run("apply", "-auto-approve", "-input=false")
    return terraform.outputs()


def ignored(folder: str, names: list[str]) -> set[str]:
    """Return which files of a folder are not copied. tests/ has settings that belong to it."""
    settings = () if Path(folder).name == "tests" else SETTINGS
    patterns = (".terraform", "*.tfstate*", "*_override.tf", *settings)
    return shutil.ignore_patterns(*patterns)(folder, names)


@contextmanager
def running_provider(terraform: Terraform) -> Iterator[None]:
    """Run the AWS provider as a server while the context is open.

    Without it, each command starts the provider two or three times, which takes half of its time:
    https://developer.hashicorp.com/terraform/plugin/debugging
    """
    [program] = terraform.folder.glob(".terraform/providers/*/hashicorp/aws/*/*/*-aws_v*")
    variable = "TF_REATTACH_PROVIDERS"
    with subprocess.Popen(
        [program.resolve(), "-debug"],
        cwd=terraform.folder,  # the provider reads the zip, whose path is relative
        env=terraform.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a log of every call; Terraform reports the errors
        text=True,
    ) as server:
        try:
            for line in server.stdout or []:
                if line.strip().startswith(f"{variable}="):
                    terraform.environment[variable] = line.split("=", 1)[1].strip(" \n'")
                    break
            else:
                raise CommandError("The AWS provider did not start.")
            yield
        finally:
            server.terminate()
