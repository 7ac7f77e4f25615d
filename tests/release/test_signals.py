"""Terraform is asked to stop once, and the command ends after it."""

import os
import shlex
import signal
import subprocess
import sys
import time
from unittest.mock import Mock

import pytest

from release.terraform import stoppable

pytestmark = pytest.mark.slow
PROGRAM = """\
from pathlib import Path
from contract.command import CommandError
from release.terraform import Terraform

try:
    Terraform(Path("{folder}")).{call}
except (CommandError, KeyboardInterrupt) as error:
    print(repr(error))
"""
# Stands for Terraform: it needs some time to stop, and shows a second signal.
TERRAFORM = """\
import pathlib, signal, sys, time

def stop(*_):
    folder.joinpath("stopping").open("a").write("x")
    print("Stopping ...", flush=True)
    time.sleep(0.5)
    print("Saving the state ...", flush=True)
    folder.joinpath("saved").touch()
    sys.exit("stopped")

folder = pathlib.Path(__file__).parent
signal.signal(signal.SIGINT, stop)
folder.joinpath("running").touch()
time.sleep(600)
"""


def wait_for(file):
    while not file.exists():
        time.sleep(0.01)


def start(tmp_path, call):
    script, command = tmp_path / "terraform.py", tmp_path / "terraform"
    script.write_text(TERRAFORM)
    command.write_text(f"#!/bin/sh\nexec {shlex.join([sys.executable, str(script)])}\n")
    command.chmod(0o755)
    (tmp_path / "plan").touch()
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(call=call, folder=tmp_path)],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize(
    ("call", "signals", "printed"),
    [
        ('apply("plan")', [signal.SIGTERM] * 2, "Stopped by SIGTERM."),
        ('apply("plan", limit=600)', [signal.SIGALRM] * 2, "stopped after 600 seconds"),
        ('run("plan")', [signal.SIGINT], "KeyboardInterrupt()"),
    ],
)
def test_terraform_is_asked_to_stop_once(tmp_path, call, signals, printed):
    """A killed Terraform would leave the lock of its state. After SIGTERM and Ctrl-C, the command
    ends; after the limit, it decides what follows."""
    process = start(tmp_path, call)
    for number, file in zip(signals, ("running", "stopping"), strict=False):
        wait_for(tmp_path / file)
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does
        else:
            process.send_signal(number)
    assert printed in process.communicate()[0]
    assert (tmp_path / "stopping").read_text() == "x"


def test_terraform_saves_its_state_although_nothing_reads_its_output(tmp_path):
    """Ctrl-C in `make deploy | tee log` ends tee first, and Terraform still writes."""
    process = start(tmp_path, 'apply("plan")')
    wait_for(tmp_path / "running")
    process.stdout.close()
    os.killpg(process.pid, signal.SIGINT)
    process.wait()
    assert (tmp_path / "saved").exists()


def test_the_limit_is_set():
    """It sends SIGALRM, and ends with Terraform."""
    with stoppable(Mock(), limit=600):
        assert signal.alarm(600) > 0
    assert signal.alarm(0) == 0
