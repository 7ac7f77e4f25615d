"""Run Terraform, on the terminal or captured."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGTERM, signal
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO, Any

from contract.command import CommandError
from contract.repository import ROOT

NO_TERRAFORM = """\
Terraform is not installed, or not on the PATH. This needs version {needed} or newer: \
https://developer.hashicorp.com/terraform/install"""
OLD_TERRAFORM = """\
Terraform {found} is too old. This needs version {needed} or newer: \
https://developer.hashicorp.com/terraform/install"""


class Terraform:
    """Terraform in one root module. It gets these environment variables and no others."""

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
        """Raise CommandError unless a Terraform is installed that is new enough."""
        versions = (self.folder / "versions.tf").read_text()
        [needed] = re.findall(r'required_version = ">= ([\d.]+)"', versions)
        if not shutil.which("terraform", path=self.environment.get("PATH")):
            raise CommandError(NO_TERRAFORM.format(needed=needed))
        found = json.loads(self.run("version", "-json"))["terraform_version"]
        if numbers(found) < numbers(needed):
            raise CommandError(OLD_TERRAFORM.format(found=found, needed=needed))

    def on_terminal(
        self, command: str, *options: str, limit: float | None = None, brief: bool = False
    ) -> int:
        """Run a command on the terminal, and return its exit code.

        After Ctrl-C, SIGTERM or the limit, Terraform finishes the current write, saves its state,
        removes the lock and fails.

        Args:
            limit: seconds after which Terraform is asked to stop.
            brief: print one line for each resource, and no outputs.
        """
        plain = ["-no-color"] if brief else []
        process = subprocess.Popen(  # noqa: S603 - the command line is built here
            self._command_line(command, *plain, *options),
            env=self.environment,
            stdout=subprocess.PIPE if brief else None,
            text=True,
        )
        with process, briefly(process.stdout), stoppable(process) as reasons:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(limit)
            print(f"\nTerraform is asked to stop: it has run for {limit:.0f} seconds.", flush=True)
            process.send_signal(SIGINT)
            reasons.append(SIGINT)
            return process.wait()

    def run(self, command: str, *options: str) -> str:
        """Run a command, and return its standard output.

        Raises:
            CommandError: the command failed. The message contains its output.
            KeyboardInterrupt: it was stopped. Terraform has removed its lock.
        """
        process = subprocess.Popen(  # noqa: S603 - the command line is built here
            self._command_line(command, *options, "-no-color"),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process, stoppable(process) as reasons:
            printed, errors = process.communicate()
        if reasons:
            raise KeyboardInterrupt
        if process.returncode:
            raise CommandError(f"terraform {command} failed:\n{printed}{errors}")
        return printed

    def outputs(self) -> dict[str, Any]:
        """Return the values of the outputs. They are empty if nothing is deployed."""
        return self.state().outputs

    def state(self) -> "State":
        """Read the state."""
        return State(json.loads(self.run("state", "pull") or "{}"))

    def push(self, state: "State") -> None:
        """Write a state that was read and changed, unless another command has changed it."""
        with TemporaryDirectory() as folder:
            file = Path(folder, "terraform.tfstate")
            file.write_text(json.dumps(state.content))
            self.run("state", "push", str(file))

    @contextmanager
    def override(self, name: str) -> Iterator[None]:
        """Let Terraform read `{name}_override.tf.example` while the context is open.

        https://developer.hashicorp.com/terraform/language/files/override
        """
        file = self.folder / f"{name}_override.tf"
        shutil.copy(file.with_name(f"{file.name}.example"), file)
        try:
            yield
        finally:
            file.unlink()

    def _command_line(self, command: str, *options: str) -> list[str]:
        """Build a command line. TERRAFORM_PLUGIN_DIR replaces the provider registry."""
        if command == "init" and (plugins := os.environ.get("TERRAFORM_PLUGIN_DIR")):
            options = (f"-plugin-dir={plugins}", *options)
        return ["terraform", f"-chdir={self.folder}", command, *options]


# A line of an apply that has another one when it is done, or the list of the outputs.
BEGINNING = re.compile(r": (Creating|Modifying|Destroying)\.\.\.|^Outputs:")


@dataclass(frozen=True)
class State:
    """The state of a deployment. `terraform show -json` would start the provider to read it."""

    content: Mapping[str, Any]

    @property
    def outputs(self) -> dict[str, Any]:
        """The values of the outputs. They are empty if nothing is deployed."""
        return {name: each["value"] for name, each in self.content.get("outputs", {}).items()}

    @property
    def managed(self) -> set[str]:
        """The addresses of the resources."""
        return {address for address, _ in self.instances()}

    @property
    def tainted(self) -> set[str]:
        """The addresses of the resources that the next plan replaces."""
        return {address for address, each in self.instances() if each.get("status") == "tainted"}

    def attributes(self, address: str) -> dict[str, Any]:
        """Return the attributes of a resource; none if it is not managed."""
        for name, each in self.instances():
            if name == address and "deposed" not in each:
                return dict(each["attributes"])
        return {}

    def changed(self, attributes: Mapping[str, Mapping[str, Any]]) -> "State":
        """Return a later state, in which attributes differ, by the address of their resource."""
        content = json.loads(json.dumps({**self.content, "serial": self.content["serial"] + 1}))
        for address, each in State(content).instances():
            each["attributes"] |= attributes.get(address, {})
        return State(content)

    def instances(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the address and the record of each resource."""
        for resource in self.content.get("resources", []):
            if resource["mode"] == "managed":
                for instance in resource["instances"]:
                    yield f"{resource['type']}.{resource['name']}", instance


@contextmanager
def stoppable(process: "subprocess.Popen[str]") -> Iterator[list[int]]:
    """Let a running Terraform end by itself, when this command is asked to stop.

    A killed Terraform would leave the lock of its state behind. Yields the signals that came.
    """
    reasons: list[int] = []

    def stop(number: int, _: object) -> None:
        if number == SIGTERM and not reasons:  # a second SIGINT would end Terraform at once
            process.send_signal(SIGINT)
        reasons.append(number)  # at Ctrl-C, the terminal sends SIGINT to Terraform, too

    former = {number: signal(number, stop) for number in (SIGINT, SIGTERM)}
    try:
        yield reasons
    finally:
        for number, handler in former.items():
            signal(number, handler)
    if SIGTERM in reasons:
        sys.exit("Stopped by SIGTERM.")


@contextmanager
def briefly(lines: IO[str] | None) -> Iterator[None]:
    """Print the lines of an apply while the context is open, one for each resource."""

    def copy() -> None:
        for line in lines or ():
            beginning = BEGINNING.search(line)
            if not beginning:
                print(line, end="", flush=True)
            elif lines and beginning[0] == "Outputs:":
                lines.read()

    thread = Thread(target=copy)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]
