"""Nothing that identifies a visitor reaches the table or the log."""

import time
from datetime import timedelta

import pytest

from tests.conftest import NOON, ApiClient
from visits import visitor

PERSON = ApiClient(
    ip="198.51.100.23", user_agent="Mozilla/5.0 (Unmistakable; rv:1.0) Firefox/156.0"
)
TRACES = (PERSON.ip, "Unmistakable", "198.51")


def test_address_and_browser_are_written_nowhere(table, capsys):
    """Neither the table nor the log contains address or browser, also after refused requests."""
    PERSON.visit()
    PERSON.visit(headers={"Origin": "https://Unmistakable.example"})
    PERSON.request("POST", "/counters/resume/visits", query_string={"visitId": "Unmistakable"})
    PERSON.get("/counters/Unmistakable")
    written = str(table.items()) + capsys.readouterr().out
    assert "network#" in written
    assert not [trace for trace in TRACES if trace in written]


def test_secret_has_32_bytes(api, table):
    """The secret is as long as the hash that it keys."""
    api.visit()
    assert len(secret(table)["key"]["B"]) == 32


def test_secret_is_read_once_a_day(api, monkeypatch):
    """A copy of the function keeps only today's secret in memory."""
    for day in range(3):
        api.at = NOON + timedelta(days=day)
        api.visit()
        known = dict(visitor._secrets)
        with monkeypatch.context() as patch:
            patch.setattr(visitor, "replace_secret", lambda *_: pytest.fail("read again"))
            api.visit()
        assert list(known) == [api.at.date()]


def test_secret_is_overwritten_the_next_day(api, table):
    """The first visit of a day removes the secret of the day before from the table."""
    api.at = NOON
    api.visit()
    yesterday = secret(table)
    api.at = NOON + timedelta(days=1)
    api.visit()
    assert secret(table)["day"] == {"S": "2026-11-23"}
    assert str(yesterday["key"]) not in str(table.items())


def test_secret_expires_in_every_time_zone(api, table, monkeypatch):
    """On a site without visits the secret expires two days after its midnight (UTC)."""
    api.at = NOON
    with monkeypatch.context() as west:
        west.setenv("TZ", "Etc/GMT+12")
        time.tzset()
        api.visit()
    time.tzset()
    assert int(secret(table)["expires"]["N"]) == (NOON + timedelta(days=1.5)).timestamp()


def test_copies_of_the_function_share_the_secret(api):
    """A visitor whose requests reach two copies of the function is counted once."""
    api.visit()
    visitor._secrets.clear()  # as in a new copy of the function
    assert api.visit().json["visitors"] == 1


def test_visitor_has_a_different_id_on_each_counter(api, table):
    """A visitor cannot be followed from one counter to another."""
    api.visit(counter="resume")
    api.visit(counter="moved")
    assert len({item["pk"]["S"] for item in table.items("network#")}) == 2


def secret(table):
    [item] = table.items("secret")
    return item
