"""Run a command as GitHub's runner runs a step."""

import contextlib
import io
import os
import re
import runpy
import subprocess
import sys
from dataclasses import dataclass
from unittest import mock


@dataclass
class Step:
    """The result of a step: exit code, printed text, outputs, and summary."""

    code: int
    printed: str
    outputs: dict[str, str]
    summary: str


def run(folder, module, *arguments, **environment):
    """Run `python -m release.github.MODULE` in a folder, inside this process."""
    printed, code = io.StringIO(), 0
    with (
        mock.patch.dict(os.environ, prepare(folder, environment), clear=True),
        mock.patch.object(sys, "argv", [module, *arguments]),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
    ):
        try:
            with mock.patch.dict(sys.modules):
                sys.modules.pop(f"release.github.{module}", None)
                runpy.run_module(f"release.github.{module}", run_name="__main__")
        except SystemExit as end:
            code = int(end.code or 0)
    return result(folder, code, printed.getvalue())


def make(folder, *words, **environment):
    """Run make in a folder, with this environment and no other."""
    done = subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=folder,
        env=prepare(folder, environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout, done.stdout
    return result(folder, done.returncode, done.stdout)


def prepare(folder, environment):
    """Create the files of a step, and return its environment."""
    files = {name: folder / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for path in files.values():
        path.write_text("")
    return {"PATH": os.environ["PATH"], **{k: str(v) for k, v in files.items()}, **environment}


def result(folder, code, printed):
    output = (folder / "github_output").read_text()
    assert re.fullmatch(r"(\w+=.*\n)*", output)
    outputs = dict(line.split("=", 1) for line in output.splitlines())
    return Step(code, printed, outputs, (folder / "github_step_summary").read_text())
