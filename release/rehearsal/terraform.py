"""Terraform on this project's configuration and a local AWS, in a folder of its own."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from visits.contract import ROOT

# A local AWS answers 500 to what it cannot do. The provider has its own count of attempts,
# 25, and does not look at AWS_MAX_ATTEMPTS.
LOCAL = """terraform {
  backend "local" {}
}

provider "aws" {
  max_retries = 1
}
"""


class TerraformError(Exception):
    """Terraform failed; the message is what it said."""


class Terraform:
    """A copy of terraform/ and openapi.yaml, with state and zip of its own.

    Args:
        folder: where the copy is made. `build/visits.zip` belongs into it before apply.
        environment: what Terraform finds in its environment beside PATH.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.root = folder / "terraform"
        ignore = shutil.ignore_patterns(".terraform*", "*.tfstate*")
        shutil.copytree(ROOT / "terraform", self.root, ignore=ignore)
        shutil.copy(ROOT / "openapi.yaml", folder)
        self.override("local", LOCAL)
        self._environment = {
            "PATH": os.environ["PATH"],
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            **environment,
        }

    def override(self, name: str, text: str) -> None:
        """Change the configuration: https://developer.hashicorp.com/terraform/language/files/override."""
        (self.root / f"{name}_override.tf").write_text(text)

    def restore(self, name: str) -> None:
        (self.root / f"{name}_override.tf").unlink()

    def init(self) -> None:
        """Get the provider: from the folder that TERRAFORM_PLUGIN_DIR names, else the registry."""
        folder = os.environ.get("TERRAFORM_PLUGIN_DIR")
        self.run("init", "-input=false", *([f"-plugin-dir={folder}"] if folder else []))

    def apply(self, **variables: object) -> dict[str, Any]:
        """Apply with these variables; the outputs."""
        (self.root / "terraform.tfvars.json").write_text(json.dumps(variables))
        self.run("apply", "-auto-approve", "-input=false")
        outputs = json.loads(self.run("output", "-json"))
        return {name: output["value"] for name, output in outputs.items()}

    def run(self, *arguments: str) -> str:
        """Run a command; what it printed.

        Raises:
            TerraformError: it failed.
        """
        command, *options = arguments
        done = subprocess.run(  # noqa: S603 - the words are ours
            ["terraform", f"-chdir={self.root}", command, "-no-color", *options],  # noqa: S607
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise TerraformError(f"terraform {command}:\n{done.stdout}{done.stderr}")
        return done.stdout
