"""The secret of a day: one for all copies of the function, also around midnight, then deleted."""

import time
from datetime import timedelta
from random import Random

from local import function
from tests.conftest import NOON, ApiClient, start_new_copy
from tests.visits.faults import TIMEOUT, Faulty
from visits.counting import secret

MIDNIGHT = NOON + timedelta(hours=12)
SATURDAY, SUNDAY, MONDAY, TUESDAY = (NOON.date() + timedelta(days=n) for n in (-1, 0, 1, 2))


class Copies:
    """Copies of the function, each with a memory of its own."""

    def __init__(self, number, monkeypatch):
        self.functions = [function.function.__wrapped__() for _ in range(number)]
        self.monkeypatch, self.api = monkeypatch, ApiClient()

    def visit(self, number, at, ip="203.0.113.7"):
        self.monkeypatch.setattr(function, "handle", self.functions[number])
        self.api.at, self.api.ip = at, ip
        return self.api.visit().json


def test_a_midnight_is_counted_exactly(table, monkeypatch):
    """Four copies handle requests up to ten seconds late, and so in another order than they
    arrived. Each person is one visitor of each day, and the cap holds for each day."""
    monkeypatch.setenv("VISIT_CAP", "3")
    random, copies = Random(1), Copies(4, monkeypatch)
    arrivals = [
        (MIDNIGHT + timedelta(seconds=second), f"203.0.113.{person}")
        for person in range(5)
        for second in (-4, -3, -2, -1, 0, 1, 2, 3)
    ]
    arrivals.sort(key=lambda arrival: arrival[0] + timedelta(seconds=random.uniform(0, 10)))
    for at, ip in arrivals:
        copies.visit(random.randrange(4), at, ip)
    copies.api.at = MIDNIGHT
    days = copies.api.get("/counters/resume/history?days=2").json["days"]
    assert [(day["visits"], day["visitors"]) for day in days] == [(15, 5), (15, 5)]
    assert len({item["pk"]["S"] for item in table.items("network#")}) == 10  # not linkable


def test_after_the_day_its_secret_is_gone(table, monkeypatch):
    """Ten minutes after midnight the first visit deletes the old secret, and each copy forgets it
    with its own first visit. Until then, a late request of the old day finds it."""
    copies = Copies(2, monkeypatch)
    for number in (0, 1):
        copies.visit(number, NOON)
    old = table.secrets()[f"{SUNDAY}"]
    copies.visit(0, MIDNIGHT + secret.GRACE - timedelta(seconds=1))
    assert copies.visit(1, MIDNIGHT - timedelta(seconds=1))["today"]["visitors"] == 1
    assert table.secrets().keys() == {f"{SUNDAY}", f"{MONDAY}"}
    assert table.secrets()[f"{SUNDAY}"] == old
    for number in (0, 1):
        copies.visit(number, MIDNIGHT + secret.GRACE)
        assert table.secrets().keys() == {f"{MONDAY}"}
        assert copies.functions[number].shared.memory.secrets.keys() == {MONDAY}


def test_each_copy_writes_twice_a_day(api, monkeypatch):
    """A copy gets the day's secret with one write, deletes that of the day before with another one,
    also one that an ended copy has left, and remembers the former alone."""
    writes = [Faulty(monkeypatch, operation).calls for operation in ("update_item", "delete_item")]
    for hours in (1, 2, 49, 50):
        api.at = NOON + timedelta(hours=hours)
        api.visit()
    assert [[call["Key"]["day"]["S"] for call in calls] for calls in writes] == [
        [f"{SUNDAY}", f"{TUESDAY}"],
        [f"{SATURDAY}", f"{MONDAY}"],
    ]
    assert function.function().shared.memory.secrets.keys() == {TUESDAY}


def test_a_clock_that_goes_a_day_forward_and_back(api, table):
    """Every visit counts on the day of the clock. The secret of the later day stays, and the new
    one of the earlier day is deleted when its day is over, too."""
    for days in (0, 1, 0, 1):
        api.at = NOON + timedelta(days=days)
        assert api.visit().status_code == 201
    sunday, monday = api.get("/counters/resume/history?days=2").json["days"]
    assert (sunday["visits"], monday["visits"], monday["visitors"]) == (2, 2, 1)
    assert table.secrets().keys() == {f"{MONDAY}"}


def test_a_lost_answer_leaves_one_secret(api, monkeypatch):
    """When the answer to the write of the secret is lost, the repeated write returns that secret,
    and another copy gets the same."""
    Faulty(monkeypatch, "update_item", after=[TIMEOUT, TIMEOUT])
    api.visit()
    start_new_copy()
    assert api.visit().json["visitors"] == 1


def test_secret_has_32_bytes_and_expires_in_every_time_zone(api, table, monkeypatch):
    """The secret is as long as the hash that it keys. On a site without visits DynamoDB may delete
    it ten minutes after its day (UTC), and the item of a network an hour after it."""
    api.at = NOON
    with monkeypatch.context() as west:
        west.setenv("TZ", "Etc/GMT+12")
        time.tzset()
        api.visit()
    time.tzset()
    item = table.secrets()[f"{SUNDAY}"]
    assert len(item["secret"]["B"]) == 32
    assert int(item["expires"]["N"]) == (MIDNIGHT + timedelta(minutes=10)).timestamp()
    [network] = table.items("network#")
    assert int(network["expires"]["N"]) == (MIDNIGHT + timedelta(hours=1)).timestamp()
