"""The Python of the runtime's version: no other makes the .pyc files that the runtime loads."""

import os
import subprocess
import sys
from pathlib import Path

from release.build import CannotBuild

VERSION = "3.13"
MAGIC = 3571  # at the head of every .pyc file that a Python 3.13 makes or loads
NAMED = "PYTHON313"
ASK = """
import importlib.util, sys
print(int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little"), sys.executable)
"""


def find() -> str:
    """Where it is.

    Raises:
        CannotBuild: there is none, or the one that the user named is no such Python.

    """
    named = os.environ.get(NAMED)
    for command in [[named]] if named else candidates():
        if path := location(command):
            return path
    found = f"{NAMED}={named} is none" if named else "there is none here"
    raise CannotBuild(
        f"it takes a Python {VERSION}, the runtime's version, to compile for it, and {found}. "
        f"Install one, or name it: make build {NAMED}=/path/to/python{VERSION}"
    )


def candidates() -> list[list[str]]:
    """Commands that may run it, best first."""
    on_path = [[str(Path(folder, f"python{VERSION}"))] for folder in os.get_exec_path()]
    by_uv = ["uv", "run", "--no-project", "--no-python-downloads", "--python", VERSION, "python"]
    return [[sys.executable], *on_path, by_uv]


def location(command: list[str]) -> str | None:
    """The path of the Python that a command runs, if it does run and is of the version."""
    # pyenv's python3.13 fails without a version to run, although it has one.
    environment = {**os.environ, "PYENV_VERSION": VERSION}
    try:
        asked = subprocess.run(  # noqa: S603 - interpreters of the user's
            [*command, "-I", "-c", ASK],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    magic, _, path = asked.stdout.strip().partition(" ")
    return path if magic == str(MAGIC) else None
