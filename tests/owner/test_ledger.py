"""The owner's writes are exact, whatever interrupts, doubles or crosses them."""

from contextlib import suppress
from itertools import count
from types import SimpleNamespace

import pytest
from botocore.exceptions import ConnectionClosedError

from owner import ledger as ledgers
from owner.ledger import Ledger
from tests.owner.conftest import DECLARED, NOW, add_to_total, check, visit

OURS = {f"2026-01-0{day}": {"visits": 10 * day, "visitors": day} for day in range(1, 5)}
THEIRS = {"2026-01-02": {"visits": 7, "visitors": 7}, "2026-02-02": {"visits": 100, "visitors": 1}}


class Interrupted:
    """A client of DynamoDB to which something happens at one of its calls.

    Args:
        at: the number of the call.
        late: whether DynamoDB gets the call first.
        happen: a function.
    """

    def __init__(self, client, at, late, happen):
        self.calls = 0
        self._client, self._at, self._late, self._happen = client, at, late, happen

    def __getattr__(self, operation):
        def call(**parameters):
            self.calls += 1
            assert len(parameters.get("TransactItems", [])) <= ledgers.MOST_WRITES
            if self.calls == self._at and not self._late:
                self._happen()
            answer = getattr(self._client, operation)(**parameters)
            if self.calls == self._at and self._late:
                self._happen()
            return answer

        return call


def killed():
    raise KeyboardInterrupt


def lost():
    raise ConnectionClosedError(endpoint_url="the answer")


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("happens", ["killed", "lost", "crossed", "crossed and killed"])
def test_an_import_is_exact_whatever_happens_at_any_call(table, monkeypatch, happens, late):
    """Another import of the same days runs in the middle of it, an answer is lost, or it is killed.
    The total is right at each moment, and repeating the import completes it."""
    monkeypatch.setattr(ledgers, "MOST_WRITES", 3)  # so that four days are two transactions
    for number in count(1):
        name = f"counter-{number}"
        declared = {name: DECLARED["resume"]}
        quiet = Ledger(table.client, table.name, declared)

        def happen(quiet=quiet, name=name):
            if "crossed" in happens:
                quiet.import_days(name, THEIRS)
                check(quiet, name, quiet.read(name).total()["visits"])
            if happens != "crossed":
                (lost if happens == "lost" else killed)()

        client = Interrupted(table.client, number, late, happen)
        with suppress(KeyboardInterrupt):
            Ledger(client, table.name, declared).import_days(name, OURS)
        check(quiet, name, quiet.read(name).total()["visits"])
        for _ in range(2):
            quiet.import_days(name, OURS)
            check(quiet, name, 1200 if "crossed" in happens and client.calls >= number else 1100)
        if client.calls < number:
            break
    assert number > 5


def test_a_correction_is_one_entry_although_its_answer_is_lost(ledger, table, monkeypatch):
    """The write is repeated. Two corrections of the same moment are two entries."""
    monkeypatch.setattr(ledgers, "datetime", SimpleNamespace(now=lambda _: NOW))
    lossy = Ledger(Interrupted(table.client, 1, True, lost), table.name, DECLARED)
    for writer in (lossy, ledger):
        writer.correct("resume", {"visits": -300, "visitors": 0, "why": "bots"})
    assert len(ledger.read("resume").corrections) == 2
    check(ledger, "resume", 400)


@pytest.mark.parametrize("late", [False, True])
def test_a_wrong_total_is_repaired_once(ledger, table, late):
    """Although two repairs run at once, and an import changes the total meanwhile."""
    visit(3)
    ledger.import_days("resume", THEIRS)
    for number in (1, 2, 3, 4):
        add_to_total(5)
        assert ledger.excess("resume") == {"visits": 5, "visitors": 0}

        def happen(number=number):
            ledger.import_days("resume", {"2026-03-01": {"visits": number, "visitors": 0}})
            ledger.repair("resume")

        Ledger(Interrupted(table.client, number, late, happen), table.name, DECLARED).repair(
            "resume"
        )
        check(ledger, "resume", 1000 + 3 + 107 + number)
