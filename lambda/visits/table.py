"""The DynamoDB table, within the time that one request has.

By default botocore waits 60 s for an answer, which is longer than the function may run,
and it does not repeat transactions that ran into each other. So it makes one attempt
here, and all repeats happen in Table._call, under one deadline for the whole request.
"""

from http import HTTPStatus
from random import random
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import boto3
from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

ATTEMPT = {"connect_timeout": 0.5, "read_timeout": 1.0}  # seconds; DynamoDB takes milliseconds
BUDGET = 6.0  # seconds for all calls of a request; the last attempt may begin just before
LONGEST = BUDGET + sum(ATTEMPT.values())

# The errors below 500 that AWS calls safe to repeat:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
TRANSIENT = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionInProgressException",
}
# The same for the reasons of a cancelled transaction. "None" is a write that was fine.
CANCELLED_IN_PASSING = {
    "None",
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
    "TransactionConflict",
}


# A client error may pass; no answer, or half of one, may have been a success.
FAILURES = (
    ClientError,
    exceptions.ConnectionError,
    exceptions.HTTPClientError,
    ResponseParserError,
)


class StoreUnavailable(Exception):
    """DynamoDB did not answer within the request's budget."""


def connect() -> Any:
    """A client; make it once, it takes longer than a request."""
    retries = {"mode": "standard", "total_max_attempts": 1}
    return boto3.client("dynamodb", config=Config(**ATTEMPT, retries=retries))


class Table:
    """A table, for the length of one request.

    Its methods raise StoreUnavailable when the budget (seconds) is used up, and
    botocore's ClientError for what no repeat would mend.
    """

    def __init__(self, client: Any, name: str, budget: float = BUDGET) -> None:
        self._client = client
        self._name = name
        self._deadline = monotonic() + budget

    def query(self, pk: str) -> list[dict[str, Any]]:
        """The items of a partition, with every write that was answered before."""
        answer = self._call(
            "query",
            TableName=self._name,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
        )
        return list(answer["Items"])

    def transact(self, *writes: dict[str, Any]) -> set[int]:
        """Do all writes or none; returns the positions of those whose condition failed.

        The token makes repeats write once when it was only the answer that got lost:
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
        """
        token = str(uuid4())
        items = [
            {kind: {"TableName": self._name, **write}}
            for each in writes
            for kind, write in each.items()
        ]
        try:
            self._call("transact_write_items", TransactItems=items, ClientRequestToken=token)
        except ClientError as error:
            failed = {i for i, why in enumerate(reasons(error)) if why == "ConditionalCheckFailed"}
            if failed:
                return failed
            raise
        return set()

    def _call(self, operation: str, **parameters: Any) -> Any:
        attempt = 0
        while True:
            try:
                return getattr(self._client, operation)(**parameters)
            except FAILURES as error:
                if isinstance(error, ClientError) and not transient(error):
                    raise
                pause = random() * min(0.025 * 2**attempt, 1.0)
                if monotonic() + pause > self._deadline:
                    raise StoreUnavailable(type(error).__name__) from error
                sleep(pause)
                attempt += 1


def reasons(error: ClientError) -> list[str]:
    """Why each write of a transaction was cancelled; empty for any other error."""
    return [reason["Code"] for reason in error.response.get("CancellationReasons", [])]


def transient(error: ClientError) -> bool:
    """Whether the same call may succeed a moment later."""
    if cancelled := reasons(error):
        return CANCELLED_IN_PASSING.issuperset(cancelled)
    status: int = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return (
        status >= HTTPStatus.INTERNAL_SERVER_ERROR or error.response["Error"]["Code"] in TRANSIENT
    )
