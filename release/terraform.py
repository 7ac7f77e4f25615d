"""Run Terraform, on the terminal or captured."""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGALRM, SIGINT, SIGTERM, alarm, signal
from subprocess import DEVNULL, PIPE, Popen
from tempfile import TemporaryDirectory
from typing import Any

from contract.command import CommandError
from contract.repository import ROOT

NO_TERRAFORM = """\
Terraform is not installed, or not on the PATH: https://developer.hashicorp.com/terraform/install"""
FAILED = """\
terraform {command} failed or was stopped{limit}, and a part may be done; see its message above. \
Fix the cause if it names one, and repeat the command: it completes what is missing."""
# A line of an apply that has another one when it is done.
BEGINNING = re.compile(r": (Creating|Modifying|Destroying)\.\.\.")


class Terraform:
    """Terraform in one root module. It gets these environment variables and no others."""

    def __init__(
        self, folder: Path = ROOT / "terraform", environment: Mapping[str, str] = os.environ
    ) -> None:
        self.folder = folder
        # Without TF_IN_AUTOMATION, Terraform suggests commands that do not fit this project.
        automation = {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        self.environment = {**environment, **automation}

    def run(self, command: str, *options: str) -> str:
        """Run a command, and return its standard output.

        Raises:
            CommandError: the command failed. The message contains its output.
            KeyboardInterrupt: it was stopped. Terraform has removed its lock.
        """
        process = self._start(
            *(command, *options, "-no-color"), stdin=DEVNULL, stdout=PIPE, stderr=PIPE
        )
        with process, stoppable(process) as reasons:
            printed, errors = process.communicate()
        if reasons:
            raise KeyboardInterrupt
        if process.returncode:
            raise CommandError(f"terraform {command} failed:\n{printed}{errors}")
        return printed

    def on_terminal(self, command: str, *options: str) -> None:
        """Run a command on the terminal. Raise CommandError if it fails or is stopped."""
        process = self._start(command, *options)
        with process, stoppable(process):
            process.wait()
        if process.returncode:
            raise CommandError(FAILED.format(command=command, limit=""))

    def apply(self, plan: str, limit: int = 0) -> None:
        """Apply a saved plan, print one line for each resource, and delete the plan.

        Raise CommandError if it fails or is stopped, also by the limit, which is in seconds.
        """
        process = self._start("apply", "-no-color", plan, stdout=PIPE)
        with process, stoppable(process, limit) as reasons:
            try:
                for line in process.stdout or ():
                    if line == "Outputs:\n":
                        break
                    if not BEGINNING.search(line):
                        print(line, end="", flush=True)
            finally:  # Terraform could not save its state if it could not write
                process.communicate()
        (self.folder / plan).unlink()
        if process.returncode:
            late = f" after {limit} seconds" if SIGALRM in reasons else ""
            raise CommandError(FAILED.format(command="apply", limit=late))

    def state(self) -> "State":
        """Read the state."""
        return State(json.loads(self.run("state", "pull") or "{}"))

    def outputs(self) -> dict[str, Any]:
        """Return the values of the outputs. They are empty if nothing is deployed."""
        return self.state().outputs

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

    def _start(self, command: str, *options: str, **streams: Any) -> "Popen[str]":
        """Start a command. TERRAFORM_PLUGIN_DIR replaces the provider registry."""
        if command == "init" and (plugins := os.environ.get("TERRAFORM_PLUGIN_DIR")):
            options = (f"-plugin-dir={plugins}", *options)
        line = ["terraform", f"-chdir={self.folder}", command, *options]
        try:
            return Popen(line, env=self.environment, text=True, **streams)  # noqa: S603 - built here
        except (FileNotFoundError, PermissionError):  # the folder terraform/, if PATH has "."
            raise CommandError(NO_TERRAFORM) from None


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
        for address, instance in State(content).instances():
            instance["attributes"] |= attributes.get(address, {})
        return State(content)

    def instances(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the address and the record of each resource."""
        for resource in self.content.get("resources", []):
            if resource["mode"] == "managed":
                for instance in resource["instances"]:
                    yield f"{resource['type']}.{resource['name']}", instance


@contextmanager
def stoppable(process: "Popen[str]", limit: int = 0) -> Iterator[list[int]]:
    """Let a running Terraform end by itself, when this command is asked to stop or at a limit.

    It then finishes the current write, saves its state, removes the lock of the state and fails. A
    killed Terraform would leave the lock behind. Yields the signals that came.
    """
    reasons: list[int] = []

    def stop(number: int, _: object) -> None:
        # At Ctrl-C, the terminal sends SIGINT to Terraform, too. A second one would end it at once.
        if number != SIGINT and not reasons:
            process.send_signal(SIGINT)
        reasons.append(number)

    handlers = {number: signal(number, stop) for number in (SIGINT, SIGTERM, SIGALRM)}
    alarm(limit)
    try:
        yield reasons
    finally:
        alarm(0)
        for number, handler in handlers.items():
            signal(number, handler)
    if SIGTERM in reasons:
        sys.exit("Stopped by SIGTERM.")
