"""Child processes that never outlive their parent, however it ends."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

Child = subprocess.Popen[bytes]


def spawn(module: str, *arguments: str, environment: Mapping[str, str], **options: Any) -> Child:
    """Run a module of this project, which has to call end_with_parent."""
    return subprocess.Popen(  # noqa: S603 - modules of ours
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        env=dict(environment),
        start_new_session=True,  # Ctrl-C is for the parent, which ends its children in order
        **options,
    )


def end(child: Child) -> None:
    """Ask a child to end, and wait until it has."""
    child.communicate()


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def end_with_parent(stop: Callable[[], None] = terminate) -> None:
    """Stop this process when its standard input ends: its parent has ended, or asks for it."""

    def wait() -> None:
        sys.stdin.buffer.read()
        stop()

    threading.Thread(target=wait, daemon=True).start()
