"""The DynamoDB table, with one deadline for all calls of a request.

By default botocore waits 60 s for an answer, which is longer than the function may run,
and it does not retry transactions that conflict. So botocore makes one attempt here, see
connection.py, and Table._call does all retries until the deadline.
"""

from copy import copy
from http import HTTPStatus
from random import random
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from botocore import exceptions
from botocore.exceptions import ClientError

from visits.counting.connection import LONGEST_ATTEMPT, Unreadable

BUDGET = 6.0  # seconds for all calls of a request; the last attempt may begin just before
LONGEST = BUDGET + LONGEST_ATTEMPT

# The errors below 500 that AWS documents as safe to retry:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
TRANSIENT = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionInProgressException",
}
NO_TABLE = "ResourceNotFoundException"  # it is being created or restored, or was deleted
# The same for the reasons of a cancelled transaction. "None" is a write that did not fail.
TRANSIENT_REASONS = {
    "None",
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
    "TransactionConflict",
}
# A ClientError may be transient. After the others, the write may have succeeded.
FAILURES = (
    ClientError,
    exceptions.ConnectionError,
    exceptions.HTTPClientError,
    Unreadable,
)

Item = dict[str, Any]


class StoreUnavailable(Exception):
    """DynamoDB did not answer before the deadline, or has no such table. A repetition is safe."""


class Table:
    """A table during one request.

    Args:
        client: see connection.py.
        budget: seconds for all calls.

    Its methods raise StoreUnavailable at the deadline, and botocore's ClientError for an
    error that a retry cannot fix.
    """

    def __init__(self, client: Any, name: str, budget: float) -> None:
        self._client = client
        self._name = name
        self._deadline = monotonic() + budget

    def sibling(self, name: str) -> "Table":
        """Return another table, with the deadline of this one."""
        other = copy(self)
        other._name = name  # noqa: SLF001 - of the same class
        return other

    def query(self, pk: str, first_sk: str) -> list[Item]:
        """Return the items of a partition from one sort key onwards.

        They include every write that was answered before.
        """
        items: list[Item] = []
        next_page: dict[str, Any] = {}
        while True:
            answer = self._call(
                "query",
                TableName=self._name,
                ConsistentRead=True,
                KeyConditionExpression="pk = :pk AND sk >= :first",
                ExpressionAttributeValues={":pk": {"S": pk}, ":first": {"S": first_sk}},
                **next_page,
            )
            items += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return items
            next_page = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def transact(self, *writes: Item) -> dict[int, Item]:
        """Do all writes or none.

        The token makes a retry safe if the write succeeded and only its answer was lost:
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html

        Returns:
            The positions of the writes whose condition failed, each with the item that it met
            if the write has ReturnValuesOnConditionCheckFailure and the item exists, or else
            an empty one. If any condition failed, nothing was written.
        """
        token = str(uuid4())
        items = [
            {kind: {"TableName": self._name, **write}}
            for item in writes
            for kind, write in item.items()
        ]
        try:
            self._call("transact_write_items", TransactItems=items, ClientRequestToken=token)
        except ClientError as error:
            failed = {
                position: reason.get("Item", {})
                for position, reason in enumerate(reasons(error))
                if reason["Code"] == "ConditionalCheckFailed"
            }
            if failed:
                return failed
            raise
        return {}

    def get_or_create(self, key: Item, attributes: Item) -> Item:
        """Return an item. Attributes that it does not have get these values first.

        It is one write, which changes nothing when it is repeated.
        """
        assignments = [f"#{name} = if_not_exists(#{name}, :{name})" for name in attributes]
        answer = self._call(
            "update_item",
            TableName=self._name,
            Key=key,
            UpdateExpression=f"SET {', '.join(assignments)}",
            ExpressionAttributeNames={f"#{name}": name for name in attributes},
            ExpressionAttributeValues={f":{name}": value for name, value in attributes.items()},
            ReturnValues="ALL_NEW",
        )
        return dict(answer["Attributes"])

    def delete(self, key: Item) -> None:
        """Delete an item if it exists."""
        self._call("delete_item", TableName=self._name, Key=key)

    def _call(self, operation: str, **parameters: Any) -> Any:
        attempts, pause, failure = 0, 0.0, None
        while monotonic() + pause <= self._deadline:
            sleep(pause)
            try:
                return getattr(self._client, operation)(**parameters)
            except FAILURES as error:
                failure = error
                if isinstance(error, ClientError) and not is_transient(error):
                    if error.response["Error"]["Code"] == NO_TABLE:
                        break
                    raise
            pause = random() * min(0.025 * 2**attempts, 1.0)
            attempts += 1
        raise StoreUnavailable from failure


def reasons(error: ClientError) -> list[dict[str, Any]]:
    """Return why each write of a transaction was cancelled; empty for any other error."""
    return list(error.response.get("CancellationReasons", []))


def is_transient(error: ClientError) -> bool:
    """Return whether the same call may succeed a moment later.

    The first write of a transaction decides: while another transaction holds its item, the
    conditions of the later writes say nothing.
    """
    if cancelled := [reason["Code"] for reason in reasons(error)]:
        decisive = cancelled[:1] if cancelled[0] != "None" else cancelled
        return TRANSIENT_REASONS.issuperset(decisive)
    status: int = error.response["ResponseMetadata"]["HTTPStatusCode"]
    code = error.response["Error"]["Code"]
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or code in TRANSIENT
