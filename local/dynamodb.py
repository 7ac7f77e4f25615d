"""Runs MiniStack's DynamoDB with its data in a folder, and creates the table."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import boto3

from local import ministack


@contextmanager
def running(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a DynamoDB that keeps its data in a folder, and yield its URL.

    Raises:
        RuntimeError: it did not start, or its data is damaged.
    """
    check(folder / "dynamodb.json")
    persistence = {"PERSIST_STATE": "1", "STATE_DIR": str(folder)}
    with ministack.running(folder, environment, SERVICES="dynamodb", **persistence) as url:
        yield url


def check(data: Path) -> None:
    """Check that the data is JSON. MiniStack replaces other data with an empty database."""
    try:
        json.loads(data.read_bytes())
    except FileNotFoundError:
        return
    except ValueError:
        raise RuntimeError(
            f"{data} is damaged. Move it to another place to count from zero."
        ) from None


def create_table(name: str, endpoint: str | None = None) -> None:
    """Create the table with the keys of terraform/dynamodb.tf, unless it exists."""
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
