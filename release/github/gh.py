"""Run `gh`, GitHub's command line, which GitHub's runners have: https://cli.github.com/manual/."""

import json
import subprocess
from typing import Any

from contract.command import CommandError

REPOSITORY = "repos/{owner}/{repo}"  # gh fills in the names


def run(*arguments: str, text: str = "") -> str:
    """Run gh with a text as its input, and return what it prints."""
    try:
        done = subprocess.run(  # noqa: S603
            ["gh", *arguments],  # noqa: S607
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise CommandError("gh is not installed. Install it: https://cli.github.com") from None
    if done.returncode:
        command = " ".join(arguments[:3])
        raise CommandError(f"gh {command} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def get(path: str) -> Any:
    """Read from GitHub's REST API."""
    return json.loads(run("api", f"{REPOSITORY}/{path}"))


def send(method: str, path: str, **body: Any) -> None:
    """Write to GitHub's REST API."""
    command = ("api", f"{REPOSITORY}/{path}", f"--method={method}", "--input=-")
    run(*command, text=json.dumps(body))
