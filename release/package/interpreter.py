"""Find and run a Python of the runtime's version: only that version can compile for Lambda."""

import os
import subprocess
import sys
from pathlib import Path

from contract.command import CommandError
from release.package import bytecode

VERSION = "3.13"
VARIABLE = "PYTHON313"
SCRIPT = f"import sys; '%d.%d' % sys.version_info[:2] == '{VERSION}' and print(sys.executable)"
NOT_FOUND = f"""\
compiling for Lambda needs Python {VERSION}, the runtime's version, and {{found}}. Install it \
(https://www.python.org/downloads/, or uv python install {VERSION}) beside your other Python, or \
pass its path: make deploy {VARIABLE}=/path/to/python{VERSION}"""


def find() -> str:
    """Return the path of a Python 3.13."""
    chosen = os.environ.get(VARIABLE)
    for command in [chosen] if chosen else [sys.executable, f"python{VERSION}"]:
        if path := location(command):
            return path
    found = f"{VARIABLE}={chosen} is not one" if chosen else "none was found"
    raise CommandError(NOT_FOUND.format(found=found))


def location(command: str) -> str:
    """Return the path of the Python that a command runs; empty if it is not Python 3.13."""
    # Without this variable pyenv's python3.13 fails where another version is selected.
    environment = {**os.environ, "PYENV_VERSION": VERSION}
    try:
        done = subprocess.run(  # noqa: S603 - the user's own interpreter
            [command, "-I", "-c", SCRIPT],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip()


def compile_sources(python: str, folder: Path) -> str:
    """Compile the sources in a folder with another Python; return that Python's version."""
    command = [python, "-I", "-S", "-W", "ignore", bytecode.__file__, str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    return done.stdout.strip()
