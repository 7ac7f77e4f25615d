"""What each operation costs: calls, write units and read units of what DynamoDB is sent.

`pytest -rP tests/visits/test_units.py` prints them.
"""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from local import function
from tests.conftest import ApiClient, start_new_copy

VISIT_ID = str(uuid4())


class Meter:
    """Adds up the units of the function's calls.

    The local DynamoDB reports them. It reports none for a transaction that a condition refuses,
    which costs two units for each item of up to 1 KB.
    """

    def __init__(self, monkeypatch):
        self.calls, self.writes, self.reads = 0, 0, 0
        client = function.function().shared.dynamodb
        for operation in ("query", "transact_write_items", "update_item", "delete_item"):
            monkeypatch.setattr(
                client, operation, self.metered(operation, getattr(client, operation))
            )

    def metered(self, operation, real):
        def call(**parameters):
            self.calls += 1
            try:
                answer = real(**parameters, ReturnConsumedCapacity="TOTAL")
            except ClientError:
                self.writes += 2 * len(parameters["TransactItems"])
                raise
            consumed = answer["ConsumedCapacity"]
            if isinstance(consumed, list):
                self.writes += sum(table["CapacityUnits"] for table in consumed)
            elif operation == "query":
                self.reads += consumed["CapacityUnits"]
            else:
                self.writes += consumed["CapacityUnits"]
            return answer

        return call


@pytest.mark.parametrize(
    ("operation", "expected"),
    {
        "new visitor": (2, 8, 1),
        "new visitor, the first of a day in this copy of the function": (4, 10, 1),
        "returning visitor": (2, 8, 1),
        "returning visitor, unknown to this copy of the function": (3, 16, 1),
        "replayed": (2, 8, 1),
        "capped": (2, 8, 1),
        "bot": (1, 0, 1),
        "read": (1, 0, 1),
        "history": (1, 0, 1),
    }.items(),
)
def test_units_of_each_operation(api, monkeypatch, operation, expected):
    """A visit is one transaction of four items and one query, also for a returning visitor. The
    first one also gets the day's secret, and deletes that of the day before."""
    if operation == "capped":
        monkeypatch.setenv("VISIT_CAP", "1")
    api.visit(VISIT_ID)
    if "copy" in operation:
        start_new_copy()
    if "unknown" in operation:
        ApiClient(ip="203.0.113.98").visit()
    meter = Meter(monkeypatch)
    if operation.startswith("new visitor"):
        api.ip = "203.0.113.99"
    if "visitor" in operation:
        assert api.visit().status_code == 201
    elif operation == "replayed":
        assert api.visit(VISIT_ID).json["reason"] == "replayed"
    elif operation == "capped":
        assert api.visit().json["reason"] == "capped"
    elif operation == "bot":
        assert api.visit(headers={"User-Agent": "Googlebot/2.1"}).json["reason"] == "bot"
    else:
        api.get("/counters/resume" + ("/history" if operation == "history" else ""))
    used = (meter.calls, meter.writes, meter.reads)
    print(f"{operation}: calls, write units, read units: {used}")
    assert used == expected
