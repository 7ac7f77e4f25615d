"""An embedded DynamoDB: MiniStack's, with its data in a folder."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import boto3

from dev import ministack


@contextmanager
def running(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a DynamoDB that keeps its data in a folder; gives its URL."""
    keep = {"PERSIST_STATE": "1", "STATE_DIR": str(folder)}
    with ministack.running(folder, environment, SERVICES="dynamodb", **keep) as url:
        yield url


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
