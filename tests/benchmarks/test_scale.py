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
