"""MiniStack, a local AWS (https://pypi.org/project/ministack/), on loopback.

Run as `python -m local.ministack` it ends, and saves what it is told to keep, when its
standard input does.
"""

import runpy
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep

from local import child

READY_SECONDS = 30


@contextmanager
def running(folder: Path, environment: Mapping[str, str], **settings: str) -> Iterator[str]:
    """Run MiniStack with its log in a folder; gives its URL.

    Raises:
        RuntimeError: it did not start. The message says where its log is.
    """
    port = free_port()
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), **settings}
    path = folder / "ministack.log"
    with path.open("w") as log:
        process = child.spawn(
            "local.ministack", environment={**environment, **settings}, stdout=log, stderr=log
        )
    try:
        if not opens(port, process):
            raise RuntimeError(f"The local AWS did not start; {path} says why.")
        yield f"http://127.0.0.1:{port}"
    finally:
        child.end(process)


def opens(port: int, process: child.Child) -> bool:
    """Whether a process listens on a port before it ends or the time is up."""
    deadline = monotonic() + READY_SECONDS
    while monotonic() < deadline and process.poll() is None:
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
    child.end_with_parent()
    runpy.run_module("ministack", run_name="__main__")
