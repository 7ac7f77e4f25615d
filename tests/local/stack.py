"""`make run` in a copy of the checkout, so that tests touch neither its files nor its counts."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import requests

from local.ministack import free_port
from visits.contract import ROOT

PARTS = ("openapi.yaml", "lambda", "local", "site")
READY_SECONDS = 120


@dataclass
class Stack:
    """A running local stack; `output` is the file with what it printed."""

    process: "subprocess.Popen[str]"
    url: str
    output: Path

    @property
    def printed(self) -> str:
        return self.output.read_text()

    def wait_for(self, condition: object, what: str) -> None:
        """Wait until a condition holds, or fail with what the stack printed."""
        deadline = monotonic() + READY_SECONDS
        while not condition():  # type: ignore[operator]
            assert monotonic() < deadline, f"no {what}; the stack printed:\n{self.printed}"
            assert self.process.poll() is None, f"the stack ended:\n{self.printed}"
            sleep(0.05)

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/live/health", timeout=60).ok
        except requests.ConnectionError:
            return False

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=READY_SECONDS)


def checkout(folder: Path) -> Path:
    """Copy what the stack runs on."""
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / part)
    return folder


def start(folder: Path, port: int | None = None, **environment: str) -> Stack:
    """Start the stack of a checkout, without waiting for it."""
    port = port or free_port()
    output = folder / "output.txt"
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    imports = {"PYTHONPATH": f"lambda{os.pathsep}."}
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "local"],
            cwd=folder,
            env={**clean, **imports, "PORT": str(port), **environment},
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return Stack(process, f"http://127.0.0.1:{port}", output)


@contextmanager
def running(folder: Path, port: int | None = None, **environment: str) -> Iterator[Stack]:
    """A stack that answers."""
    stack = start(folder, port, **environment)
    try:
        stack.wait_for(stack.answers, "answer")
        yield stack
    finally:
        if stack.process.poll() is None:
            stack.stop()
