"""Terraform is asked to stop once, and the command ends after it."""

import os
import shlex
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.slow
PROGRAM = """\
from pathlib import Path
from release.terraform import Terraform

try:
    Terraform(Path()).{call}
    print("went on")
except KeyboardInterrupt:
    print("interrupted")
"""
# Stands for Terraform: it needs some time to stop, and shows a second signal.
TERRAFORM = """\
import pathlib, signal, sys, time

def stop(*_):
    print("stopping", flush=True)
    time.sleep(1)
    pathlib.Path(__file__).with_name("stopped").touch()
    sys.exit("stopped")

signal.signal(signal.SIGINT, stop)
print("running", flush=True)
pathlib.Path(__file__).with_name("running").touch()
time.sleep(600)
"""


def start(folder, call):
    script, command = folder / "terraform.py", folder / "terraform"
    script.write_text(TERRAFORM)
    command.write_text(f"#!/bin/sh\nexec {shlex.join([sys.executable, str(script)])}\n")
    command.chmod(0o755)
    return subprocess.Popen(
        [sys.executable, "-u", "-c", PROGRAM.format(call=call)],
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_sigterm_lets_terraform_finish_and_ends_the_command(tmp_path):
    """A second SIGTERM does not reach Terraform, and nothing runs after it."""
    process = start(tmp_path, 'on_terminal("apply", brief=True)')
    assert process.stdout.readline() == "running\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "stopping\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate()[0] == "stopped\nStopped by SIGTERM.\n"
    assert process.returncode != 0


def test_the_limit_lets_terraform_finish(tmp_path):
    """The command goes on, and decides what follows."""
    printed, _ = start(tmp_path, 'on_terminal("apply", limit=3)').communicate()
    assert printed.splitlines()[-3:] == ["stopping", "stopped", "went on"]


def test_ctrl_c_lets_a_plan_finish(tmp_path):
    """A killed plan would leave the lock of the state. The command is interrupted after it."""
    process = start(tmp_path, 'run("plan")')
    while not (tmp_path / "running").exists():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    assert process.communicate()[0] == "interrupted\n"
    assert (tmp_path / "stopped").exists()
