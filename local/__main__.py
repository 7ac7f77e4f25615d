"""`make run`: runs the site, the API and DynamoDB on this machine, without an AWS account."""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from botocore.exceptions import BotoCoreError, ClientError

from contract.command import CommandError
from contract.repository import ROOT
from local import dynamodb, reload
from visits.settings import Settings, SettingsError

DATA = ROOT / ".data"
LOG = DATA / "function.log"
ENDPOINT = "AWS_ENDPOINT_URL_DYNAMODB"
BANNER = """
  Site           http://127.0.0.1:{port}/
  API            http://127.0.0.1:{port}/live/counters/{counter}
  API reference  http://127.0.0.1:{port}/reference
  DynamoDB       {database}
  Function log   .data/function.log

  Pages of another origin may count visits, too: ALLOWED_ORIGINS=http://127.0.0.1:5500 make run
  The server restarts when a file in lambda/, local/ or contract/, or openapi.yaml, changes.
  Press Ctrl-C to stop.
"""


def main() -> None:
    # A shell without job control makes its background processes ignore SIGINT.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        port = chosen_port(os.environ.get("PORT", "8000"))
        reload.check_contract()
        environment = function_environment(port)
        DATA.mkdir(exist_ok=True)
        with (
            dynamodb.locked(DATA) as lock,
            listen(port) as listener,
            database(environment, lock) as check_database,
        ):
            print(banner(port, environment), flush=True)
            reload.serve(listener, environment, LOG, check_database)
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
    except CommandError as error:
        sys.exit(f"Cannot run: {error}")
    except OSError as error:
        sys.exit(f"Cannot run: {error.filename} cannot be used: {error.strerror}.")


def banner(port: int, environment: Mapping[str, str]) -> str:
    counter = next(iter(json.loads(environment["COUNTERS"])))
    return BANNER.format(port=port, counter=counter, database=environment[ENDPOINT])


def chosen_port(text: str) -> int:
    if not text.isdecimal() or int(text) not in range(1, 2**16):
        raise CommandError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def function_environment(port: int) -> dict[str, str]:
    """Return the environment of the function: the user's variables, and defaults for the rest."""
    defaults = {
        "TABLE_NAME": "visits",
        "SECRETS_TABLE_NAME": "visits-secrets",
        "COUNTERS": '{"resume": {}, "smoke": {}}',
        "SHARDS": "4",
        "VISIT_CAP": "0",
    }
    environment = {**defaults, **os.environ}
    environment["ALLOWED_ORIGINS"] = allowed_origins(port, os.environ.get("ALLOWED_ORIGINS", ""))
    try:
        Settings.from_environment(environment)
    except SettingsError as error:
        raise CommandError(f"{error}.") from None
    return environment


def allowed_origins(port: int, added: str) -> str:
    """Return the origins of the stack's own page and those that the user adds, comma-separated."""
    own = [f"http://{host}:{port}".removesuffix(":80") for host in ("127.0.0.1", "localhost")]
    return ",".join([*own, added] if added else own)


def listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise CommandError(
            f"port {port} cannot be used: {os.strerror(error.errno or 0)}. "
            "Choose another port: PORT=8001 make run"
        ) from None


@contextmanager
def database(environment: dict[str, str], lock: IO[bytes]) -> Iterator[Callable[[], None]]:
    """Use the DynamoDB at AWS_ENDPOINT_URL_DYNAMODB, or run MiniStack's if that is not set.

    Adds what boto3 needs to the environment, and creates the tables. Yields a function that raises
    CommandError if MiniStack has ended.
    """
    if environment.get(ENDPOINT):
        create_tables(environment)
        yield lambda: None
        return
    with dynamodb.persistent(DATA, environment, lock) as embedded:
        credentials = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "local")
        for profile in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
            environment.pop(profile, None)
        environment |= {**credentials, ENDPOINT: embedded.url, "AWS_DEFAULT_REGION": "eu-west-1"}
        environment["no_proxy"] = "127.0.0.1"  # do not send these requests to a proxy
        create_tables(environment)
        yield embedded.check


def create_tables(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)  # boto3 reads its settings from os.environ
    try:
        dynamodb.create_tables(environment)
    except (BotoCoreError, ClientError) as error:
        message = f"the DynamoDB at {environment[ENDPOINT]} cannot be used: {error}"
        raise CommandError(message) from None


if __name__ == "__main__":
    main()
