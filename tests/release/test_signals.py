"""Terraform is asked to stop once, and the command ends after it."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
PROGRAM = """\
from pathlib import Path
from release.terraform import Terraform

Terraform(Path()).on_terminal("apply", limit={limit})
print("went on")
"""
# Stands for Terraform: it needs some time to stop, and shows a second signal.
TERRAFORM = """\
#!{python}
import signal, sys, time

def stop(*_):
    print("stopping", flush=True)
    time.sleep(1)
    sys.exit("stopped")

signal.signal(signal.SIGINT, stop)
print("running", flush=True)
time.sleep(600)
"""


def start(folder, limit):
    (folder / "terraform").write_text(TERRAFORM.format(python=sys.executable))
    (folder / "terraform").chmod(0o755)
    return subprocess.Popen(
        [sys.executable, "-u", "-c", PROGRAM.format(limit=limit)],
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_sigterm_lets_terraform_finish_and_ends_the_command(tmp_path):
    """A second SIGTERM does not reach Terraform, and nothing runs after it."""
    process = start(tmp_path, None)
    assert process.stdout.readline() == "running\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "stopping\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate()[0] == "stopped\nStopped by SIGTERM.\n"
    assert process.returncode != 0


def test_the_limit_lets_terraform_finish(tmp_path):
    """The command goes on, and decides what follows."""
    printed, _ = start(tmp_path, 3).communicate()
    assert printed.splitlines()[-3:] == ["stopping", "stopped", "went on"]
