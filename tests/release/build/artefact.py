"""What `make build` makes, built for the tests."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from release.build import interpreter
from visits.contract import ROOT



@dataclass
class Builds:
    """Three zips. Beside each lies its bill of materials.

    Attributes:
        here: built for Lambda.
        elsewhere: the same under other circumstances, as far as one machine has them.
        host: built for this machine.
        printed: what the first build printed.

    """

    here: Path
    elsewhere: Path
    host: Path
    printed: str


def build_all(folder):
    """Build all three at once, each in a checkout of its own."""
    here, elsewhere, host = (folder / name for name in ("here", "else where", "host"))
    with ThreadPoolExecutor() as pool:
        building = [
            pool.submit(build, here, PYTHONHASHSEED="1"),
            pool.submit(build_elsewhere, elsewhere, folder / "venv"),
            pool.submit(build, host, "--platform", "host"),
        ]
    done = [each.result() for each in building]
    assert [each.returncode for each in done] == [0, 0, 0], [each.stderr for each in done]
    return Builds(
        here=here / "build" / "visits.zip",
        elsewhere=elsewhere / "build" / "visits.zip",
        host=host / "build" / "visits-host.zip",
        printed=done[0].stdout,
    )


def build_elsewhere(folder, venv):
    others = {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    return build(folder, python=another_python(venv), umask=0o077, **others)


def build(folder, *options, python=sys.executable, umask=0o022, **environment):
    """Run the build in a new checkout."""
    for part in ("lambda", "release", "requirements"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy(ROOT / "openapi.yaml", folder)
    (folder / "lambda" / "visits" / "notes.txt").write_text("lies beside the sources")
    return subprocess.run(
        [python, "-m", "release.build", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"lambda{os.pathsep}.", **environment},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )


def another_python(venv):
    """The runtime's Python, with what a build needs: another builder where this one is older."""
    uv = [sys.executable, "-m", "uv", "--quiet"]
    subprocess.run([*uv, "venv", "--seed", "--python", interpreter.find(), venv], check=True)
    python = venv / "bin" / "python"
    pinned = ["--no-deps", "--require-hashes", "-r", ROOT / "requirements" / "run.txt"]
    subprocess.run([*uv, "pip", "install", "--python", python, *pinned], check=True)
    return python


def unpack(path, folder, without=None):
    """Unpack a zip, without the files whose names begin so."""
    with ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not without or not name.startswith(without)]
        archive.extractall(folder, names)
    return folder
