"""Run Terraform, on the terminal or captured."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGINT, SIGTERM, signal
from typing import Any

from contract.repository import ROOT

NO_TERRAFORM = """\
Terraform is not installed, or not on the PATH. This needs version {needed} or newer: \
https://developer.hashicorp.com/terraform/install"""
OLD_TERRAFORM = """\
Terraform {found} is too old. This needs version {needed} or newer: \
https://developer.hashicorp.com/terraform/install"""


class DeployError(Exception):
    """A command cannot continue. The message gives the reason and, if known, the solution."""


class Terraform:
    """Terraform in one folder.

    Args:
        folder: a root module, such as terraform/.
        environment: all environment variables that Terraform gets.
    """

    def __init__(
        self, folder: Path = ROOT / "terraform", environment: Mapping[str, str] = os.environ
    ) -> None:
        self.folder = folder
        # Without TF_IN_AUTOMATION, Terraform suggests commands that do not fit this project.
        automation = {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        self.environment = {**environment, **automation}

    @property
    def data(self) -> Path:
        """The folder in which Terraform keeps its providers and the connection with its state."""
        return self.folder / self.environment.get("TF_DATA_DIR", ".terraform")

    @property
    def by_hand(self) -> str:
        """The beginning of a command line that works on the same state."""
        folder = self.environment.get("TF_DATA_DIR")
        return f"{f'TF_DATA_DIR={folder} ' if folder else ''}terraform -chdir=terraform"

    def check(self) -> None:
        """Raise DeployError unless a Terraform is installed that is new enough."""
        versions = (self.folder / "versions.tf").read_text()
        [needed] = re.findall(r'required_version = ">= ([\d.]+)"', versions)
        if not shutil.which("terraform", path=self.environment.get("PATH")):
            raise DeployError(NO_TERRAFORM.format(needed=needed))
        found = json.loads(self.run("version", "-json"))["terraform_version"]
        if numbers(found) < numbers(needed):
            raise DeployError(OLD_TERRAFORM.format(found=found, needed=needed))

    def on_terminal(self, command: str, *options: str, limit: float | None = None) -> int:
        """Run a command on the terminal, and return its exit code.

        After Ctrl-C, SIGTERM or the limit, Terraform finishes the current write, saves its state,
        removes the lock and fails.

        Args:
            limit: seconds after which Terraform is asked to stop.
        """
        with subprocess.Popen(  # noqa: S603 - the command line is built here
            self._command_line(command, *options), env=self.environment
        ) as process:
            reasons: list[str] = []

            def stop(reason: str) -> None:
                if not reasons:  # a second SIGINT would end Terraform at once
                    process.send_signal(SIGINT)
                reasons.append(reason)

            former = {
                SIGINT: signal(SIGINT, lambda *_: None),  # the terminal sends it to Terraform, too
                SIGTERM: signal(SIGTERM, lambda *_: stop("SIGTERM")),
            }
            try:
                with suppress(subprocess.TimeoutExpired):
                    return process.wait(limit)
                print(
                    f"\nTerraform is asked to stop: it has run for {limit:.0f} seconds.", flush=True
                )
                stop("limit")
                return process.wait()
            finally:
                for number, handler in former.items():
                    signal(number, handler)
                if "SIGTERM" in reasons:
                    sys.exit("Stopped by SIGTERM.")

    def run(self, command: str, *options: str) -> str:
        """Run a command, and return its standard output.

        Raises:
            DeployError: the command failed. The message contains its output.
        """
        done = subprocess.run(  # noqa: S603 - the command line is built here
            self._command_line(command, *options, "-no-color"),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DeployError(f"terraform {command} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def apply(self, **variables: object) -> dict[str, Any]:
        """Apply with these variables, without a question, and return the outputs."""
        (self.folder / "terraform.tfvars.json").write_text(json.dumps(variables))
        self.run("apply", "-auto-approve", "-input=false")
        return self.outputs()

    def outputs(self) -> dict[str, Any]:
        """Return the values of the outputs. They are empty if nothing is deployed."""
        outputs = json.loads(self.run("output", "-json"))
        return {name: output["value"] for name, output in outputs.items()}

    def managed(self) -> dict[str, bool]:
        """Return the addresses of the resources in the state, and whether each is tainted.

        `terraform show -json` would start the provider.
        """
        state = json.loads(self.run("state", "pull") or '{"resources": []}')
        return {
            f"{resource['type']}.{resource['name']}": any(
                instance.get("status") == "tainted" for instance in resource["instances"]
            )
            for resource in state["resources"]
            if resource["mode"] == "managed"
        }

    @contextmanager
    def override(self, name: str, text: str | None = None) -> Iterator[None]:
        """Override parts of the configuration while the context is open.

        https://developer.hashicorp.com/terraform/language/files/override

        Args:
            name: the file is `{name}_override.tf`.
            text: its content; by default that of `{name}_override.tf.example`.
        """
        file = self.folder / f"{name}_override.tf"
        file.write_text(text or file.with_name(f"{file.name}.example").read_text())
        try:
            yield
        finally:
            file.unlink()

    def _command_line(self, command: str, *options: str) -> list[str]:
        """Build a command line. TERRAFORM_PLUGIN_DIR replaces the provider registry."""
        if command == "init" and (plugins := os.environ.get("TERRAFORM_PLUGIN_DIR")):
            options = (f"-plugin-dir={plugins}", *options)
        return ["terraform", f"-chdir={self.folder}", command, *options]


def numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]
