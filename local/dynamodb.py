"""Runs MiniStack's DynamoDB, and creates the tables."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO

import boto3

from contract.command import CommandError
from local import ministack, persistence
from local.ministack import MiniStack

IN_MEMORY = {
    "SERVICES": "dynamodb",
    "PERSIST_STATE": "0",
    "IOT_MTLS_ENABLED": "0",  # "1" would open another port
}


@contextmanager
def running(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a DynamoDB that forgets its data when it ends, and yield its URL."""
    with ministack.running(folder, environment, IN_MEMORY) as emulator:
        yield emulator.url


def persistent(
    folder: Path, environment: Mapping[str, str], lock: IO[bytes]
) -> AbstractContextManager[MiniStack]:
    """Run a DynamoDB that keeps its data in a folder.

    Args:
        lock: the lock of the folder. The process of the DynamoDB holds it, too: if this process
            is killed, the other one may live longer.

    Raises:
        CommandError: it did not start, or its data is damaged.
    """
    data = folder / "dynamodb.json"
    persistence.read(data)
    command = ("local.persistence", str(data))
    options = {"stdout": None, "pass_fds": [lock.fileno()]}
    return ministack.running(folder, environment, IN_MEMORY, command, **options)


@contextmanager
def locked(folder: Path) -> Iterator[IO[bytes]]:
    """Lock a data folder for this process, and for those that inherit the open file."""
    with (folder / "lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"another `make run` uses {folder}. Stop it first, or use a second checkout."
            ) from None
        yield lock


def create_tables(environment: Mapping[str, str], endpoint: str | None = None) -> None:
    """Create the function's tables with the keys of terraform/dynamodb.tf, unless they exist."""
    client = boto3.client("dynamodb", endpoint_url=endpoint)
    tables = {"TABLE_NAME": {"pk": "HASH", "sk": "RANGE"}, "SECRETS_TABLE_NAME": {"day": "HASH"}}
    for variable, keys in tables.items():
        with suppress(client.exceptions.ResourceInUseException):
            client.create_table(
                TableName=environment[variable],
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[
                    {"AttributeName": name, "AttributeType": "S"} for name in keys
                ],
                KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
            )
