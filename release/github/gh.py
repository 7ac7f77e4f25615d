"""Run `gh`, GitHub's command line: https://cli.github.com/manual/.

GitHub's runners have it. There it works on the repository of the run, and signs in with GH_TOKEN.
"""

import json
import os
import re
import subprocess
from time import sleep
from typing import Any

from contract.command import CommandError
from release.github.runner import variable

REPOSITORY = "repos/{owner}/{repo}"  # gh fills in the names from GH_REPO
TOKEN = "In a workflow: env: GH_TOKEN: ${{ github.token }}"  # noqa: S105
ATTEMPTS, PAUSE = 4, 2  # seconds before the second attempt, then twice as many each time
HINTS = {
    "Upgrade to GitHub": "The free plan does not have this for private repositories.",
    "rate limit": "The token has made too many calls: start the job again later.",
    "HTTP 401": "GH_TOKEN is wrong, or has expired with its run.",
    "HTTP 403": "The token lacks a permission: add it to the job's `permissions`.",
    "Resource not accessible": "The token lacks a permission: add it to the job's `permissions`.",
    "HTTP 404": "Is GITHUB_REPOSITORY correct, and may GH_TOKEN read it?",
    "disabled issues": "A fork starts without issues: enable them in its settings.",
}


class GhError(CommandError):
    """gh failed. The message has what it printed, and what to do."""


def run(*arguments: str, text: str = "") -> str:
    """Run gh once, with a text as its input, and return what it prints."""
    environment = dict(os.environ)
    if environment.get("GITHUB_ACTIONS") == "true":
        variable("GH_TOKEN", TOKEN)
        environment["GH_REPO"] = variable("GITHUB_REPOSITORY")
    try:
        done = subprocess.run(  # noqa: S603
            ["gh", *arguments],  # noqa: S607
            env=environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise GhError("gh is not installed. Install it: https://cli.github.com") from None
    if done.returncode:
        hint = next((hint for sign, hint in HINTS.items() if sign in done.stderr), "")
        command = " ".join(arguments[:3])
        raise GhError(f"gh {command} failed: {done.stderr.strip()}. {hint}".strip())
    return done.stdout.strip()


def get(path: str, *options: str) -> str:
    """Read from GitHub's REST API. Repeat the call if the server fails."""
    for attempt in range(1, ATTEMPTS):
        try:
            return run("api", f"{REPOSITORY}/{path}", *options)
        except GhError as error:
            if not re.search("HTTP 5[0-9][0-9]", str(error)):
                raise
            sleep(PAUSE**attempt)
    return run("api", f"{REPOSITORY}/{path}", *options)


def send(method: str, path: str, **body: Any) -> Any:
    """Write to GitHub's REST API once, and return the answer; None if it is empty."""
    command = ("api", f"{REPOSITORY}/{path}", f"--method={method}", "--input=-")
    answer = run(*command, text=json.dumps(body))
    return json.loads(answer) if answer else None
