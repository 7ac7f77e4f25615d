"""`make run`: the whole product on this machine, without an AWS account."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EADDRINUSE
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local import dynamodb, reload
from local.reload import RunError
from visits.contract import ROOT
from visits.settings import Settings, SettingsError

DATA = ROOT / ".data"
LOG = DATA / "function.log"
ENDPOINT = "AWS_ENDPOINT_URL_DYNAMODB"
BANNER = """
  The site            http://127.0.0.1:{port}/
  The API             http://127.0.0.1:{port}/live/counters/resume
  The API, described  http://127.0.0.1:{port}/reference
  DynamoDB            {database}
  The function's log  .data/function.log

  A change in lambda/, local/ or openapi.yaml reloads. Ctrl-C stops.
"""


def main() -> None:
    for ending in (signal.SIGTERM, signal.SIGINT):  # a shell's background ignores the latter
        signal.signal(ending, signal.default_int_handler)
    try:
        port = chosen_port(os.environ.get("PORT", "8000"))
        reload.check_contract()
        environment = function_environment(port)
        make_data_folder()
        with listening(port) as listener, database(environment):
            print(BANNER.format(port=port, database=environment[ENDPOINT]), flush=True)
            reload.serve(listener, environment, LOG)
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
    except (RunError, RuntimeError) as error:
        sys.exit(f"Cannot run: {error}")


def chosen_port(text: str) -> int:
    if not text.isdecimal() or int(text) not in range(1, 2**16):
        raise RunError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def function_environment(port: int) -> dict[str, str]:
    """The function's environment: what the user has set, and defaults for the rest."""
    defaults = {
        "TABLE_NAME": "visits",
        "COUNTERS": '{"resume": {}, "smoke": {}}',
        "ALLOWED_ORIGINS": f"http://127.0.0.1:{port},http://localhost:{port}",
        "SHARDS": "4",
    }
    environment = {**defaults, **os.environ}
    try:
        Settings.from_environment(environment)
    except SettingsError as error:
        raise RunError(f"{error}.") from None
    return environment


def make_data_folder() -> None:
    """Make .data/, and make sure that what it holds can be written."""
    try:
        DATA.mkdir(exist_ok=True)
        for path in (LOG, *filter(Path.is_file, DATA.iterdir())):
            path.open("a").close()
    except OSError as error:
        raise RunError(f"{error.filename} cannot be written: {error.strerror}.") from None


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        why = "is taken" if error.errno == EADDRINUSE else f"cannot be used: {error.strerror}"
        raise RunError(f"port {port} {why}. Choose another one: PORT=8001 make run") from None
    with listener:
        yield listener


@contextmanager
def database(environment: dict[str, str]) -> Iterator[None]:
    """The DynamoDB that the user names with botocore's variable, or an embedded one."""
    if environment.get(ENDPOINT):
        create_table(environment)
        yield
        return
    with dynamodb.running(DATA, environment) as url:
        credentials = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "local")
        for profile in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
            environment.pop(profile, None)
        environment |= {**credentials, ENDPOINT: url, "AWS_DEFAULT_REGION": "eu-west-1"}
        environment["no_proxy"] = "127.0.0.1"  # botocore would ask a proxy for it
        create_table(environment)
        yield


def create_table(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)  # botocore reads it there
    try:
        dynamodb.create_table(environment["TABLE_NAME"])
    except (BotoCoreError, ClientError) as error:
        raise RunError(f"the DynamoDB at {environment[ENDPOINT]} does not do: {error}") from None


if __name__ == "__main__":
    main()
