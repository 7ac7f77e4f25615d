"""What GitHub's runner tells a step, and what a step tells it.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path


class Failure(Exception):
    """The step fails. The message says why, and what to do."""


def run(step: Callable[..., None], *arguments: str) -> None:
    try:
        step(*arguments)
    except Failure as failure:
        say(str(failure), "error")
        sys.exit(1)


def variable(name: str, hint: str = "GitHub's runner sets it; elsewhere, set it yourself.") -> str:
    """A variable of the environment.

    Raises:
        Failure: it is not set, or empty.
    """
    if value := os.environ.get(name):
        return value
    raise Failure(f"{name} is not set. {hint}")


def run_url() -> str:
    """Where somebody reads this run."""
    server = os.environ.get("GITHUB_SERVER_URL") or "https://github.com"
    return f"{server}/{variable('GITHUB_REPOSITORY')}/actions/runs/{variable('GITHUB_RUN_ID')}"


def say(message: str, kind: str = "") -> None:
    """Print a message. On GitHub an error or a notice also stands on the run's page."""
    if kind and os.environ.get("GITHUB_ACTIONS") == "true":
        message = f"::{kind}::{escaped(message)}"
    print(message, flush=True)


def escaped(message: str) -> str:
    """https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts."""
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def output(**values: str) -> None:
    """Tell the steps and jobs that follow."""
    append("GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in values.items()))


def summary(text: str) -> None:
    """Write Markdown on the run's page."""
    append("GITHUB_STEP_SUMMARY", text.rstrip("\n") + "\n")


def append(name: str, text: str) -> None:
    if text.strip() and (path := os.environ.get(name)):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
