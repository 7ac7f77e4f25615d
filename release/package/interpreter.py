"""Find and run a Python of the runtime's version: only that version can compile for Lambda."""

import os
import subprocess
import sys
from pathlib import Path

from contract.command import CommandError
from release.package import bytecode

VERSION = "3.13"
MAGIC = 3571  # the number at the start of every .pyc file of Python 3.13
VARIABLE = "PYTHON313"
SCRIPT = """
import importlib.util, sys
print(int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little"), sys.executable)
"""


def find() -> str:
    """Return the path of a Python 3.13."""
    chosen = os.environ.get(VARIABLE)
    for command in [[chosen]] if chosen else candidates():
        if path := location(command):
            return path
    found = f"{VARIABLE}={chosen} is not one" if chosen else "none was found"
    raise CommandError(
        f"compiling for Lambda needs Python {VERSION}, the runtime's version, and {found}. Install "
        f"it (https://www.python.org/downloads/, or uv python install {VERSION}) beside your other "
        f"Python, or pass its path: make deploy {VARIABLE}=/path/to/python{VERSION}"
    )


def candidates() -> list[list[str]]:
    """Return commands that may run Python 3.13, the preferred ones first."""
    on_path = [[str(Path(folder, f"python{VERSION}"))] for folder in os.get_exec_path()]
    by_uv = ["uv", "run", "--no-project", "--no-python-downloads", "--python", VERSION, "python"]
    return [[sys.executable], *on_path, by_uv]


def location(command: list[str]) -> str | None:
    """Return the path of the Python that a command runs, or None if it is not Python 3.13."""
    # Without this variable pyenv's python3.13 fails where another version is selected.
    environment = {**os.environ, "PYENV_VERSION": VERSION}
    try:
        done = subprocess.run(  # noqa: S603 - the user's own interpreters
            [*command, "-I", "-c", SCRIPT],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    magic, _, path = done.stdout.strip().partition(" ")
    return path if magic == str(MAGIC) else None


def compile_sources(python: str, folder: Path) -> str:
    """Compile the sources in a folder with another Python; return that Python's version."""
    command = [python, "-I", "-S", "-W", "ignore", bytecode.__file__, str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    return done.stdout.strip()
