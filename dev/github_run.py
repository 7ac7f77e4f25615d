"""What a step of a GitHub Actions run tells those after it. Elsewhere nobody is told.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

import os
from pathlib import Path


def output(**values: str) -> None:
    """Set outputs of the step."""
    append("GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in values.items()))


def summarize(text: str) -> None:
    """Add Markdown to the summary page of the run."""
    append("GITHUB_STEP_SUMMARY", f"{text}\n")


def append(name: str, text: str) -> None:
    if path := os.environ.get(name):
        with Path(path).open("a") as file:
            file.write(text)
