"""Read from and write to the GitHub runner.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from contract.command import CommandError


def run(step: Callable[[], None]) -> None:
    """Run a step, and exit with 1 if it fails."""
    try:
        step()
    except CommandError as failure:
        say(str(failure), "error")
        sys.exit(1)


def variable(name: str) -> str:
    """Return an environment variable."""
    if value := os.environ.get(name):
        return value
    raise CommandError(f"{name} is not set. GitHub's runner sets it; elsewhere, set it yourself.")


def say(message: str, kind: str = "") -> None:
    """Print a message. On GitHub, an "error" or a "notice" is also shown on the run's page."""
    if kind and os.environ.get("GITHUB_ACTIONS") == "true":
        # https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
        for character, escaped in {"%": "%25", "\r": "%0D", "\n": "%0A"}.items():
            message = message.replace(character, escaped)
        message = f"::{kind}::{message}"
    print(message, flush=True)


def output(**values: str) -> None:
    """Set outputs of the step."""
    append("GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in values.items()))


def summary(text: str) -> None:
    """Add Markdown to the run's page."""
    append("GITHUB_STEP_SUMMARY", text.rstrip("\n") + "\n")


def append(name: str, text: str) -> None:
    if text.strip() and (path := os.environ.get(name)):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
