"""The units of docs/cost.md, from what DynamoDB reports for the function's calls."""

from uuid import uuid4

import pytest

from local import function

METHODS = ("query", "transact_write_items", "update_item", "delete_item")


@pytest.fixture
def used(api, monkeypatch):
    """Return a function that gives the calls, write units and read units since it was called."""
    calls = []
    client = function.function().shared.dynamodb

    def metered(method, call):
        def meter(**parameters):
            answer = call(**parameters, ReturnConsumedCapacity="TOTAL")
            consumed = answer["ConsumedCapacity"]
            tables = consumed if isinstance(consumed, list) else [consumed]
            calls.append((method == "query", sum(table["CapacityUnits"] for table in tables)))
            return answer

        return meter

    for method in METHODS:
        monkeypatch.setattr(client, method, metered(method, getattr(client, method)))

    def take():
        taken, calls[:] = list(calls), []
        reads = sum(units for is_query, units in taken if is_query)
        return len(taken), sum(units for _, units in taken) - reads, reads

    return take


def test_units_of_a_visit(api, used):
    """A visit is one transaction of four items and one query, also for a returning visitor. The
    first one of a copy of the function gets the day's secret and deletes the last one."""
    visit_id = str(uuid4())
    api.visit(visit_id)
    assert used() == (4, 10, 1)
    api.visit()
    assert used() == (2, 8, 1)
    assert api.visit(headers={"User-Agent": "Googlebot/2.1"}).json["reason"] == "bot"
    assert used() == (1, 0, 1)
