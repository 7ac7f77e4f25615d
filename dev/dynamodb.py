"""An embedded DynamoDB: MiniStack's, on loopback, with its data in a folder.

Run as `python -m dev.dynamodb` it is MiniStack itself, which saves its data as it ends.
"""

import runpy
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import boto3

from dev import child

READY_SECONDS = 30


@contextmanager
def running(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a DynamoDB that keeps its data in a folder; gives its URL.

    Raises:
        RuntimeError: it did not start. The message says where its log is.

    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    settings = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "PERSIST_STATE": "1",
        "SERVICES": "dynamodb",
        "STATE_DIR": str(folder),
    }
    path = folder / "dynamodb.log"
    with path.open("w") as log:
        process = child.spawn(
            "dev.dynamodb", environment={**environment, **settings}, stdout=log, stderr=log
        )
    try:
        if not opens(port, process):
            raise RuntimeError(f"The embedded DynamoDB did not start; {path} says why.")
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


def create_table(name: str, endpoint: str | None = None) -> None:
    """Create the table as terraform/dynamodb.tf has it, unless it is there."""
    client = boto3.client("dynamodb", endpoint_url=endpoint)
    with suppress(client.exceptions.ResourceInUseException):
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )


if __name__ == "__main__":
    child.end_with_parent()
    runpy.run_module("ministack", run_name="__main__")
