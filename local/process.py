"""Starts child processes that end when their parent ends, even after kill -9.

The parent holds a pipe to the standard input of the child; the operating system closes it.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

Child = subprocess.Popen[bytes]


def spawn(module: str, *arguments: str, environment: Mapping[str, str], **options: Any) -> Child:
    """Run a module of this project as a child process. The module must call end_with_parent()."""
    return subprocess.Popen(  # noqa: S603 - runs only modules of this project
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        env=dict(environment),
        start_new_session=True,  # keeps Ctrl-C from the children: the parent ends them in order
        **options,
    )


def end(child: Child) -> None:
    """Close the standard input of a child, and wait until the child has ended."""
    child.communicate()


def end_with_parent() -> None:
    """Send SIGTERM to this process when standard input closes: the parent ended or called end()."""

    def wait() -> None:
        os.read(sys.stdin.fileno(), 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
