"""Runs MiniStack, an emulator of AWS (https://pypi.org/project/ministack/), on 127.0.0.1.

`python -m local.ministack` is its process. It ends when its standard input closes.
"""

import runpy
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from contract.command import CommandError
from local import process

READY_SECONDS = 30


@dataclass(frozen=True)
class MiniStack:
    """A running MiniStack."""

    url: str
    log: Path
    child: process.Child

    def check(self) -> None:
        """Check that it is still running."""
        if self.child.poll() is not None:
            code = self.child.returncode
            raise CommandError(
                f"MiniStack, the local DynamoDB, ended with exit code {code}. The visits of its "
                f"last seconds may be lost. Its log is {self.log}."
            )


@contextmanager
def running(
    folder: Path,
    environment: Mapping[str, str],
    settings: Mapping[str, str],
    command: tuple[str, ...] = ("local.ministack",),
    **options: Any,
) -> Iterator[MiniStack]:
    """Run MiniStack with its log in a folder. The options are those of subprocess.Popen."""
    port = free_port()
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), **settings}
    path = folder / "ministack.log"
    with path.open("w") as log:
        options = {"stdout": log, "stderr": log, **options}
        child = process.spawn(*command, environment={**environment, **settings}, **options)
    try:
        if not opens(port, child):
            raise CommandError(f"MiniStack did not start. Its log is {path}.")
        yield MiniStack(f"http://127.0.0.1:{port}", path, child)
    finally:
        process.end(child)


def opens(port: int, child: process.Child) -> bool:
    """Return whether the child process opens the port before it ends or the time-out expires."""
    deadline = monotonic() + READY_SECONDS
    while monotonic() < deadline and child.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        sleep(0.05)
    return False


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    process.end_with_parent()
    runpy.run_module("ministack", run_name="__main__")
