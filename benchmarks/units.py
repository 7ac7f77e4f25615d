"""Print the round trips and the units of each operation, from what the function and DynamoDB send.

It runs the built zip on MiniStack and counts what AWS charges for each request:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
"""

import json
from base64 import b64decode
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks.rig import FUNCTION, RECORDED, Event, Rig, event

ID = {"visitId": "550e8400-e29b-41d4-a716-446655440000"}
READ_UNIT, WRITE_UNIT = 4096, 1024  # bytes


class Units(NamedTuple):
    reads: float
    writes: float


def charged(operation: str, request: dict[str, Any], answer: dict[str, Any]) -> Units:
    """Return the units of a request.

    A transaction costs two write units for each item of up to 1 KB, even if it is refused. The
    size of an item that is updated is taken from its key and values, since no answer contains it.
    """
    if operation == "Query":
        read = sum(size(item) for item in answer.get("Items", []))
        units = max(1, ceil(read / READ_UNIT))
        return Units(units if request.get("ConsistentRead") else units / 2, 0)
    if operation == "TransactWriteItems":
        writes = [write for each in request["TransactItems"] for write in each.values()]
        return Units(0, sum(2 * max(1, ceil(written(write) / WRITE_UNIT)) for write in writes))
    if operation == "GetItem":
        units = max(1, ceil(size(answer.get("Item", {})) / READ_UNIT))
        return Units(units if request.get("ConsistentRead") else units / 2, 0)
    if operation in {"PutItem", "UpdateItem", "DeleteItem"}:
        return Units(0, max(1, ceil(written(request) / WRITE_UNIT)))
    raise ValueError(f"Add the units of {operation} to benchmarks/units.py.")


def written(write: dict[str, Any]) -> int:
    values = write.get("ExpressionAttributeValues", {})
    return size(write["Item"]) if "Item" in write else size(write["Key"]) + size(values)


def size(item: dict[str, dict[str, Any]]) -> int:
    """Return the bytes of an item as DynamoDB counts them: names and values."""
    return sum(len(name) + value_size(value) for name, value in item.items())


def value_size(value: dict[str, Any]) -> int:
    [(kind, content)] = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return len(content) // 2 + 2
    if kind == "B":
        return len(b64decode(content))
    if kind == "BS":
        return sum(len(b64decode(text)) for text in content)
    if kind == "SS":
        return sum(len(text.encode()) for text in content)
    raise ValueError(f"Add the size of the type {kind} to benchmarks/units.py.")


def get(resource: str, query: dict[str, str] | None = None) -> Event:
    """Return the event of a GET request on another resource."""
    made = event(query or {})
    return made | {"resource": resource, "httpMethod": "GET"}


COUNTER = "/counters/{counterId}"
# In this order. Every event is sent once; many visits come first, so that all shards exist.
OPERATIONS: dict[str, Event] = {
    "recordVisit: new visitor": event(ID),
    "recordVisit: the same visitId again": event(ID),
    "recordVisit: the visitor again": event({"visitId": ID["visitId"][:-1] + "1"}),
    "readCounter": get(COUNTER),
    "readHistory: 30 days": get(f"{COUNTER}/history", {"days": "30"}),
    "readBadge": get(f"{COUNTER}/badge.svg"),
    "readHealth": get("/health") | {"pathParameters": None},
}


def main() -> None:
    print("| operation | round trips | read units | write units |\n| --- | ---: | ---: | ---: |")
    with TemporaryDirectory() as folder:
        rig = Rig(Path(folder))
        with rig.dynamodb(), rig.worker(FUNCTION) as worker:
            first = rig.events(1)
            for name, events in (
                ("recordVisit: the first of a day and sandbox", first),
                ("", rig.events(RECORDED)),
                *((name, [one]) for name, one in OPERATIONS.items()),
            ):
                rig.stub.requests.clear()
                for answer in worker.send(events)["answers"]:
                    assert answer["statusCode"] in {200, 201}, answer
                units = [
                    charged(operation, json.loads(request), json.loads(answer))
                    for operation, request, (_, answer) in rig.stub.requests
                ]
                reads, writes = (
                    sum(each.reads for each in units),
                    sum(each.writes for each in units),
                )
                if name:
                    print(f"| {name} | {len(units)} | {reads:g} | {writes:g} |")


if __name__ == "__main__":
    main()
