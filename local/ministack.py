"""Runs MiniStack, an emulator of AWS (https://pypi.org/project/ministack/), on 127.0.0.1.

`python -m local.ministack` is its process. When its standard input closes, it saves its data
and ends.
"""

import runpy
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep

from local import process

READY_SECONDS = 30


@contextmanager
def running(folder: Path, environment: Mapping[str, str], **settings: str) -> Iterator[str]:
    """Run MiniStack with its log in a folder, and yield its URL.

    Args:
        settings: MiniStack's environment variables.

    Raises:
        RuntimeError: it did not start. The message names the log.
    """
    port = free_port()
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), **settings}
    path = folder / "ministack.log"
    with path.open("w") as log:
        child = process.spawn(
            "local.ministack", environment={**environment, **settings}, stdout=log, stderr=log
        )
    try:
        if not opens(port, child):
            raise RuntimeError(f"MiniStack did not start. Its log is {path}.")
        yield f"http://127.0.0.1:{port}"
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
