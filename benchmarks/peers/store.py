"""What both peers share: the DynamoDB calls of a visit, and the answer's fields and headers.

The environment variable STORE selects the calls: `one` is one UpdateItem, and `same` repeats the
calls that the function makes, which are in the file RECORDING.
"""

import base64
import json
import os
from pathlib import Path
from typing import Any

import boto3

HEADERS = {
    "Cache-Control": "no-store",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Allow, Retry-After",
    "X-Content-Type-Options": "nosniff",
}


def parameters(item: dict[str, Any]) -> dict[str, Any]:
    """Undo the JSON form of binary values."""
    if isinstance(item.get("B"), str):
        item["B"] = base64.b64decode(item["B"])
    return item


client = boto3.client("dynamodb")
recording = json.loads(Path(os.environ["RECORDING"]).read_bytes(), object_hook=parameters)
first = True


def record(counter_id: str) -> dict[str, Any]:
    """Make the calls and return the body of the answer.

    Its numbers are sums over all items read: as many additions as the function makes.
    """
    items = update() if os.environ["STORE"] == "one" else repeat()
    numbers = [int(value["N"]) for item in items for value in item.values() if "N" in value]
    visits = sum(numbers)
    today = {"date": "2026-11-22", "visits": visits, "visitors": visits}
    return {
        "counterId": counter_id,
        "visits": visits,
        "visitors": visits,
        "today": today,
        "counted": True,
    }


def update() -> list[dict[str, Any]]:
    answer = client.update_item(
        TableName="visits",
        Key={"pk": {"S": "counter#resume"}, "sk": {"S": "total"}},
        UpdateExpression="ADD visits :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="UPDATED_NEW",
    )
    return [answer["Attributes"]]


def repeat() -> list[dict[str, Any]]:
    """Repeat the function's calls; return the items of the last one, which reads the counter."""
    global first  # noqa: PLW0603
    answer = {}
    for operation, arguments in recording["first" if first else "later"]:
        answer = getattr(client, operation)(**arguments)
    first = False
    return list(answer["Items"])
