"""A step of a workflow, as GitHub's runner runs it."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass

from visits.contract import ROOT


@dataclass
class Step:
    """A step that has run: its exit code, what it printed, and what it told the runner."""

    code: int
    printed: str
    outputs: dict[str, str]
    summary: str


def run(folder, module, *arguments, **environment):
    """Run one of release/github's commands in a folder, with this environment and no other."""
    return execute(
        [sys.executable, "-m", f"release.github.{module}", *arguments],
        folder,
        {"PYTHONPATH": str(ROOT), **environment},
    )


def make(folder, *words, **environment):
    """Run make in a folder, with this environment and no other."""
    return execute(["make", "--no-print-directory", *words], folder, environment)


def execute(command, folder, environment):
    files = {name: folder / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for path in files.values():
        path.write_text("")
    done = subprocess.run(
        command,
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            **{name: str(path) for name, path in files.items()},
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout, done.stdout
    output = files["GITHUB_OUTPUT"].read_text()
    assert re.fullmatch(r"(\w+=.*\n)*", output)
    return Step(
        done.returncode,
        done.stdout,
        dict(line.split("=", 1) for line in output.splitlines()),
        files["GITHUB_STEP_SUMMARY"].read_text(),
    )
