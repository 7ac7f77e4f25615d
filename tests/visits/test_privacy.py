"""No trace of a person reaches the table or a log."""

import time
from datetime import timedelta

import pytest

from tests.conftest import NOON, Api
from visits import visitor

PERSON = Api(ip="198.51.100.23", user_agent="Mozilla/5.0 (Unmistakable; rv:1.0) Firefox/156.0")
TRACES = (PERSON.ip, "Unmistakable", "198.51")


def test_neither_table_nor_log_knows_address_or_browser(table, capsys):
    """Whatever is asked, and however it ends, address and browser are written nowhere."""
    PERSON.visit()
    PERSON.visit(headers={"Origin": "https://Unmistakable.example"})
    PERSON.request("POST", "/counters/resume/visits", query_string={"visitId": "Unmistakable"})
    PERSON.get("/counters/Unmistakable")
    written = str(table.scan(TableName="visits")["Items"]) + capsys.readouterr().out
    assert "person#" in written
    assert not [trace for trace in TRACES if trace in written]


def test_the_secret_cannot_be_guessed(api, table):
    """It has as many random bytes as the hash that it keys."""
    api.visit()
    assert len(secret(table)["key"]["B"]) == 32


def test_the_secret_is_read_once_a_day(api, table, monkeypatch):
    """A copy of the function remembers today's secret, and no other."""
    for day in range(3):
        api.at = NOON + timedelta(days=day)
        api.visit()
        known = dict(visitor._secrets)
        monkeypatch.setattr(visitor, "make", lambda *_: pytest.fail("asked again"))
        api.visit()
        monkeypatch.undo()
        assert list(known) == [api.at.date()]


def test_the_days_secret_is_overwritten_the_next_day(api, table):
    """With its secret gone, nobody can compute who was behind yesterday's records."""
    api.at = NOON
    api.visit()
    yesterday = secret(table)
    api.at = NOON + timedelta(days=1)
    api.visit()
    assert secret(table)["day"] == {"S": "2026-11-23"}
    assert str(yesterday["key"]) not in str(table.scan(TableName="visits")["Items"])


def test_a_secret_that_nobody_replaces_is_deleted(api, table):
    """On a site without visits DynamoDB deletes the secret: it carries its end."""
    api.at = NOON
    api.visit()
    assert int(secret(table)["expires"]["N"]) <= (NOON + timedelta(days=2)).timestamp()


def test_the_secret_ends_at_the_same_time_everywhere(api, table, monkeypatch):
    """Where the clock shows another zone the secret expires no later."""
    api.at = NOON
    with monkeypatch.context() as west:
        west.setenv("TZ", "Etc/GMT+12")
        time.tzset()
        api.visit()
    time.tzset()
    assert int(secret(table)["expires"]["N"]) == (NOON + timedelta(days=1.5)).timestamp()


def test_all_functions_share_the_days_secret(api):
    """A person who meets two copies of the function is still one visitor."""
    api.visit()
    visitor._secrets.clear()  # as in a copy that has just started
    assert api.visit().json["visitors"] == 1


def test_a_person_cannot_be_followed_from_counter_to_counter(api, table):
    """Each counter knows a person by another name."""
    api.visit(counter="resume")
    api.visit(counter="moved")
    items = table.scan(TableName="visits")["Items"]
    names = [item["pk"]["S"] for item in items if item["pk"]["S"].startswith("person#")]
    assert len(set(names)) == 2


def secret(table):
    return table.get_item(TableName="visits", Key={"pk": {"S": "secret"}, "sk": {"S": "today"}})[
        "Item"
    ]
