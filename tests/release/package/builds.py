"""Zips that `make build` makes, for the tests."""

import fcntl
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from contract.repository import ROOT
from release.package import interpreter
from tests.checkouts import copy_work_tree


@dataclass
class Builds:
    """Zips in a folder that all workers of a test run share: each is built once, on first use."""

    folder: Path

    def host(self):
        """Return the zip for this machine."""
        return self.once("host", "--platform", "host") / "build" / "visits-host.zip"

    def here(self):
        """Return the zip for Lambda."""
        return self.once("here", PYTHONHASHSEED="1") / "build" / "visits.zip"

    def elsewhere(self):
        """Return the zip for Lambda, built in an environment as different as one machine allows."""
        environment = {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
        python = partial(another_python, self.folder / "venv")
        checkout = self.once("else where", python=python, umask=0o077, **environment)
        return checkout / "build" / "visits.zip"

    def once(self, name, *options, python=lambda: sys.executable, **environment):
        """Build in a new checkout, unless it has been done; return the checkout."""
        checkout = self.folder / name
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (checkout / "done").exists():
                shutil.rmtree(checkout, ignore_errors=True)  # a failed build
                done = build(checkout, *options, python=python(), **environment)
                assert done.returncode == 0, done.stderr
                (checkout / "done").touch()
        return checkout


def build(folder, *options, python=sys.executable, umask=0o022, **environment):
    """Run the build in a new checkout."""
    parts = ("openapi.yaml", "client/dist", "contract", "lambda", "release", "requirements")
    copy_work_tree(folder, *parts)
    (folder / "lambda" / "visits" / "notes.txt").write_text("must not be in the zip")
    return subprocess.run(
        [python, "-m", "release.package", *options],
        cwd=folder,
        env={**os.environ, **environment},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )


def another_python(venv):
    """Install the build's packages for the runtime's Python; return that Python."""
    uv = [sys.executable, "-m", "uv", "--quiet"]
    create = [*uv, "venv", "--clear", "--seed", "--python", interpreter.find(), venv]
    subprocess.run(create, check=True)
    python = venv / "bin" / "python"
    pinned = ["--no-deps", "--require-hashes", "-r", ROOT / "requirements" / "run.txt"]
    subprocess.run([*uv, "pip", "install", "--python", python, *pinned], check=True)
    return python
