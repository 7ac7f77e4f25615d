"""`make mutants`: runs mutmut over lambda/, lists the surviving mutants and prints the score.

mutmut runs in a process that has imported nothing of this repository: it imports the mutated copy.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from mutmut.__main__ import cli
from mutmut.utils import format_utils

strip_prefix = format_utils.strip_prefix


def strip_import_root(name, *, prefix, strict=False):
    """mutmut knows only src/ as an import root. Here it is lambda/."""
    return strip_prefix(strip_prefix(name, prefix="lambda."), prefix=prefix, strict=strict)


def main():
    from local import dynamodb  # noqa: PLC0415 - mutate() may not import it

    with (
        TemporaryDirectory() as folder,
        dynamodb.running(Path(folder), os.environ) as os.environ["RUNNING_DYNAMODB"],
    ):
        sys.exit(subprocess.run([sys.executable, "-P", __file__], check=False).returncode)


def mutate():
    format_utils.strip_prefix = strip_import_root
    for command in ("run", "results", "export-cicd-stats"):
        cli([command], standalone_mode=False)
    stats = json.loads(Path("mutants/mutmut-cicd-stats.json").read_text())
    killed, total = stats["killed"] + stats["timeout"], stats["total"] - stats["skipped"]
    print(f"Mutation score: {killed} of {total} mutants killed ({killed / total:.1%})")


if __name__ == "__main__":
    mutate() if "RUNNING_DYNAMODB" in os.environ else main()
