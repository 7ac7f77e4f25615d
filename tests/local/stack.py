"""Runs `make run` in a copy of the repository, so that tests do not change its files or counts."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import requests

from local.ministack import free_port
from tests.checkouts import copy_work_tree

READY_SECONDS = 120


@dataclass
class Stack:
    """A running local stack. Its output goes to the file `output`."""

    process: "subprocess.Popen[str]"
    url: str
    output: Path

    @property
    def printed(self) -> str:
        return self.output.read_text()

    def wait_for(self, condition: Callable[[], bool], name: str) -> None:
        """Wait until a condition is true, or fail with the output of the stack."""
        deadline = monotonic() + READY_SECONDS
        while not condition():
            assert monotonic() < deadline, f"no {name}; the stack printed:\n{self.printed}"
            assert self.process.poll() is None, f"the stack ended:\n{self.printed}"
            sleep(0.05)

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/live/health", timeout=60).ok
        except requests.ConnectionError:
            return False

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=READY_SECONDS)


def checkout(folder: Path) -> Path:
    """Copy the files that the stack needs."""
    copy_work_tree(folder, "openapi.yaml", "client/dist", "contract", "lambda", "local", "site")
    return folder


def start(folder: Path, port: int | None = None, **environment: str) -> Stack:
    """Start the stack of a checkout, without waiting until it is ready."""
    port = port or free_port()
    output = folder / "output.txt"
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "local"],
            cwd=folder,
            env={**clean, "PORT": str(port), **environment},
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return Stack(process, f"http://127.0.0.1:{port}", output)


@contextmanager
def running(folder: Path, port: int | None = None, **environment: str) -> Iterator[Stack]:
    """Run the stack of a checkout until the context ends, and yield it when it is ready."""
    stack = start(folder, port, **environment)
    try:
        stack.wait_for(stack.answers, "answer")
        yield stack
    finally:
        if stack.process.poll() is None:
            stack.stop()
