"""The page about scale: it shows the numbers of the script, whose simulation obeys the limits."""

import re
from string import Formatter

import pytest

from benchmarks import scale

LIMITS = scale.limits()


def test_the_page_is_up_to_date():
    """The committed page is the template with the computed limits; the simulated numbers vary."""
    pattern = ""
    for text, field, form, _ in Formatter().parse(scale.TEMPLATE.read_text()):
        pattern += re.escape(text)
        if field and field.partition("[")[0] in LIMITS:
            pattern += re.escape(f"{{{field}:{form}}}".format_map(LIMITS))
        elif field:
            pattern += r"[\d,.]+"
    assert re.fullmatch(pattern, scale.PAGE.read_text())


@pytest.mark.parametrize("shards", [1, 10])
def test_the_rates_of_the_page_hold(shards):
    """A counter holds nine tenths of the page's rate for its shards, and not four thirds."""
    row = re.search(rf"\n\| {shards} \| [\d,]+ \| ([\d,]+) \|\n", scale.PAGE.read_text())
    rate = int(row[1].replace(",", ""))
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
