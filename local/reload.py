"""Runs the server, and again whenever something it runs on has changed."""

import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import sleep

import yaml
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import (
    OpenAPIValidationError,
    ValidatorDetectError,
)
from referencing.exceptions import Unresolvable

from local import process
from visits import contract
from visits.contract import ROOT

WATCHED = ("openapi.yaml", "lambda/**/*.py", "local/**/*.py")


class RunError(Exception):
    """The stack cannot run. The message says why, and what to do."""


def serve(listener: socket.socket, environment: Mapping[str, str], log: Path) -> None:
    """Serve on a listening socket until interrupted. While the server restarts, requests wait."""
    descriptor = listener.fileno()
    while True:
        seen = modified()
        server = process.spawn(
            "local.server",
            str(descriptor),
            str(log),
            environment=environment,
            pass_fds=[descriptor],
        )
        try:
            wait_for_change(seen)
        finally:
            process.end(server)


def wait_for_change(seen: dict[Path, int]) -> None:
    """Return when a file has changed and the contract is valid."""
    while True:
        while modified() == seen:
            sleep(0.3)
        seen = modified()
        try:
            check_contract()
        except RunError as error:
            print(f"Not reloaded: {error}", flush=True)
        else:
            print("Reloading.", flush=True)
            return


def modified() -> dict[Path, int]:
    """When each file changed. Editors' locks are links to nowhere, and files may just be gone."""
    files = (path for pattern in WATCHED for path in ROOT.glob(pattern))
    seen = {}
    for path in files:
        with suppress(FileNotFoundError):
            seen[path] = path.stat().st_mtime_ns
    return seen


def check_contract() -> None:
    """Refuse to run with a contract that is not valid OpenAPI.

    Raises:
        RunError: the message names the place and the mistake.
    """
    try:
        document, _ = contract.read()
        validate(document)
    except OSError as error:
        raise RunError(f"openapi.yaml cannot be read: {error.strerror}.") from None
    except yaml.YAMLError as error:
        raise RunError(f"openapi.yaml is not YAML.\n{error}") from None
    except (TypeError, ValidatorDetectError):
        raise RunError("openapi.yaml is not OpenAPI: `openapi: 3.0.3` is missing.") from None
    except Unresolvable as error:
        raise RunError(f"openapi.yaml has no {error.ref}, and refers to it.") from None
    except OpenAPIValidationError as error:
        place = " > ".join(map(str, error.absolute_path)) or "the top level"
        raise RunError(f"openapi.yaml is not valid OpenAPI.\nAt {place}: {error.message}") from None
