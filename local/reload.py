"""Runs the server, and restarts it when a source file changes."""

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from time import sleep

import yaml

from contract import validity
from contract.command import CommandError
from contract.repository import ROOT, SOURCE
from local import process

WATCHED = ("openapi.yaml", "lambda/**/*.py", "local/**/*.py", "contract/**/*.py")
ENDED = (
    "The server has ended with exit code {code}; its error is above. It starts again when you "
    "change a file."
)


def serve(
    listener: socket.socket, environment: Mapping[str, str], log: Path, check: Callable[[], None]
) -> None:
    """Run the server on a listening socket until interrupted.

    The socket stays open while the server restarts, so that requests wait.

    Args:
        check: is called a few times per second. An error that it raises ends the server.
    """
    descriptor = listener.fileno()
    while True:
        before = modified()
        server = process.spawn(
            "local.server",
            str(descriptor),
            str(log),
            environment=environment,
            pass_fds=[descriptor],
        )
        try:
            wait_for_change(before, server, check)
        finally:
            process.end(server)


def wait_for_change(
    before: dict[Path, int], server: process.Child, check: Callable[[], None]
) -> None:
    """Return when a file has changed and the contract is valid. Report a server that has ended."""
    reported = False
    while True:
        while modified() == before:
            check()
            if server.poll() is not None and not reported:
                print(ENDED.format(code=server.returncode), flush=True)
                reported = True
            sleep(0.3)
        before = modified()
        try:
            check_contract()
        except CommandError as error:
            print(f"The server was not restarted: {error}", flush=True)
        else:
            print("Restarting the server.", flush=True)
            return


def modified() -> dict[Path, int]:
    """Return the modification time of each watched file, in nanoseconds."""
    files = (path for pattern in WATCHED for path in ROOT.glob(pattern))
    times = {}
    for path in files:
        with suppress(FileNotFoundError):  # deleted meanwhile, or a dangling link: a lock of Emacs
            times[path] = path.stat().st_mtime_ns
    return times


def check_contract() -> None:
    """Check that openapi.yaml is valid OpenAPI."""
    try:
        document = yaml.safe_load(SOURCE.read_bytes())
    except OSError as error:
        raise CommandError(f"openapi.yaml cannot be read: {error.strerror}.") from None
    except yaml.YAMLError as error:
        raise CommandError(f"openapi.yaml is not YAML.\n{error}") from None
    try:
        for place, message in validity.find_errors(document):
            raise CommandError(f"openapi.yaml is not valid OpenAPI.\nAt {place}: {message}")
    except RecursionError:
        raise CommandError("openapi.yaml has an alias of a block in this block.") from None
