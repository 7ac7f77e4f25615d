"""An embedded DynamoDB: MiniStack's, with its data in a folder."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import boto3

from local import ministack


@contextmanager
def running(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a DynamoDB that keeps its data in a folder; gives its URL.

    Raises:
        RuntimeError: it did not start, or its data is damaged.
    """
    check(folder / "dynamodb.json")
    keep = {"PERSIST_STATE": "1", "STATE_DIR": str(folder)}
    with ministack.running(folder, environment, SERVICES="dynamodb", **keep) as url:
        yield url


def check(data: Path) -> None:
    """Refuse data that is not JSON: MiniStack would begin from zero, and write over it."""
    try:
        json.loads(data.read_bytes())
    except FileNotFoundError:
        return
    except ValueError:
        raise RuntimeError(f"{data} is damaged. Move it away to count from zero.") from None


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
