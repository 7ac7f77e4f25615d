"""Runs redocly, which compares contracts and builds the API reference.

https://redocly.com/docs/cli
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NODE = Path(sys.executable).with_name("node")
CLI = HERE / "node_modules/@redocly/cli/bin/cli.js"
SILENT = {"REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "REDOCLY_SUPPRESS_NOTIFICATIONS": "true"}


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of redocly with the configuration in this folder."""
    return subprocess.run(  # noqa: S603 - no shell, and the arguments are ours
        [NODE, CLI, *arguments, f"--config={HERE / 'redocly.yaml'}"],
        env={**os.environ, **SILENT},
        capture_output=True,
        text=True,
        check=False,
    )
