"""`make mutants`: runs mutmut over lambda/, lists the surviving mutants and prints the score."""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from mutmut.__main__ import cli
from mutmut.utils import format_utils

from local import dynamodb

strip_prefix = format_utils.strip_prefix


def strip_import_root(name, *, prefix, strict=False):
    """mutmut knows only src/ as an import root. Here it is lambda/."""
    return strip_prefix(strip_prefix(name, prefix="lambda."), prefix=prefix, strict=strict)


def main():
    format_utils.strip_prefix = strip_import_root
    with (
        TemporaryDirectory() as folder,
        dynamodb.running(Path(folder), os.environ) as os.environ["RUNNING_DYNAMODB"],
    ):
        cli(["run"], standalone_mode=False)
    for command in ("results", "export-cicd-stats"):
        cli([command], standalone_mode=False)
    stats = json.loads(Path("mutants/mutmut-cicd-stats.json").read_text())
    killed, total = stats["killed"] + stats["timeout"], stats["total"] - stats["skipped"]
    print(f"Mutation score: {killed} of {total} mutants killed ({killed / total:.1%})")


if __name__ == "__main__":
    main()
