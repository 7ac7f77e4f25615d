"""A ledger of the counters `resume` and `copy`, on a table that the function fills, too."""

import os
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import boto3
import pytest

from owner import commands
from owner.ledger import Ledger
from release import totals
from visits.counting.counter import Counter
from visits.counting.memory import Memory
from visits.counting.table import BUDGET, Table
from visits.counting.visitor import Visitor
from visits.settings import DeclaredCounter

NOW = datetime.now(UTC)
START = DeclaredCounter(visits=1000, visitors=700)
DECLARED = {"resume": START, "copy": START}


@pytest.fixture
def ledger(table):
    return Ledger(table.client, table.name, DECLARED)


@pytest.fixture
def command(ledger, monkeypatch, tmp_path, capsys):
    """Returns a function that runs a command with variables, and returns what it prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands, "confirm", lambda *_: None)
    monkeypatch.setattr(commands, "today", NOW.date)  # the tests may run at midnight

    def run(name, **variables):
        with monkeypatch.context() as context:
            for variable, value in variables.items():
                context.setenv(variable, str(value))
            getattr(commands, name)(ledger)
        return capsys.readouterr().out

    return run


def counted(name="resume", when=NOW):
    """Return the counter as the function reads it."""
    table = Table(boto3.client("dynamodb"), os.environ["TABLE_NAME"], BUDGET)
    return Counter(name, START, 4, 0, table, Memory(), when)


def visit(times, days_ago=0):
    for number in range(times):
        counter = counted(when=NOW - timedelta(days=days_ago))
        counter.record(str(uuid4()), Visitor(f"network {number}", b"browser"))


def add_to_total(visits):
    """Make the total of `resume` wrong."""
    boto3.client("dynamodb").update_item(
        TableName=os.environ["TABLE_NAME"],
        Key={"pk": {"S": "counter#resume"}, "sk": {"S": "total#import"}},
        UpdateExpression="ADD added_visits :visits",
        ExpressionAttributeValues={":visits": {"N": str(visits)}},
    )


def check(ledger, name, visits):
    """Check that the function and the owner read this number, and that the days add up to it."""
    reading = ledger.read(name)
    assert counted(name).read()["visits"] == max(0, visits)
    assert reading.total()["visits"] == visits
    days = sum(reading.sums.of(day)["visits"] for day in reading.sums.dates())
    corrections = sum(each["visits"] for each in reading.corrections.values())
    assert START.visits + days + corrections == visits
    assert totals.excess(reading.sums) == {"visits": 0, "visitors": 0}
