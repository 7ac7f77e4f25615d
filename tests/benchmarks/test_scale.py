"""The page about scale and the simulation, which obeys the limits that it assumes."""

import re
from pathlib import Path

import pytest

from benchmarks import scale

PAGE = Path("docs/scale.md").read_text()


@pytest.mark.parametrize("shards", [1, 10])
def test_the_rates_of_the_page_hold(shards):
    """A counter holds nine tenths of the page's rate for its shards, and not four thirds."""
    rate = int(re.search(rf"\n\| {shards} \| \d+ \| (\d+) \|\n", PAGE)[1])
    assert scale.simulate(rate * 0.9, shards, split=True).answered >= scale.ANSWERED
    assert scale.simulate(rate * 4 / 3, shards, split=True).answered < scale.ANSWERED


def test_one_partition_limits_all_shards():
    """On one partition no number of shards answers more than the partition's units allow."""
    units = scale.SHARD_WRITES * scale.UNITS / scale.PARTITION_WRITES
    rate = 400
    answered = rate * scale.simulate(rate, 99, split=False).answered
    assert answered < 1 / units < rate * scale.simulate(rate, 99, split=True).answered


def test_nobody_waits_past_the_deadline(monkeypatch):
    """With a deadline shorter than a transaction, a conflict is refused instead of repeated."""
    monkeypatch.setattr(scale, "BUDGET", 0)
    outcome = scale.simulate(50, 1, split=True)
    assert outcome.attempts == 1
    assert 0.1 < outcome.refused < 0.5
