"""The cost page: it is up to date, and some of its numbers agree with a calculation by hand."""

import re
from pathlib import Path
from string import Formatter

import pytest

from release import cost

# By hand, in dollars per million requests. 512 MB for 30 ms is 0.015 GB-seconds.
GATEWAY, LOGS, TRAFFIC, LAMBDA = 3.5, 0.5, 0.09, 0.2 + 15_000 * 0.0000133334
VISIT = GATEWAY + LOGS + TRAFFIC + LAMBDA + 8 * 0.625 + 0.125
FORGOTTEN = VISIT + 8 * 0.625


@pytest.fixture(scope="module")
def numbers():
    return cost.numbers()


def test_the_page_is_up_to_date():
    """The committed page is the output of `make cost`."""
    assert cost.PAGE.read_text() == cost.page()


def test_the_monthly_totals(numbers):
    """The cost of 1,000, 100,000 and 1,000,000 visits is what a calculation by hand yields."""
    assert numbers["total"] == pytest.approx(
        {n: n / 1e6 * VISIT for n in (1_000, 100_000, 1_000_000)}
    )
    assert numbers["cents"] == pytest.approx(VISIT / 10)


def test_free_amounts(numbers):
    """Lambda, logs and traffic have free amounts; API Gateway and DynamoDB requests have none."""
    assert numbers["free"][1_000_000] == pytest.approx(3.5 + 5 + 0.125)
    assert numbers["free"][1_000] == pytest.approx(0.008625)


def test_the_throttle_applies_to_each_method(numbers):
    """Eighteen methods take ten requests per second each; six of them call the function."""
    assert (numbers["methods"], numbers["functions"], numbers["mocks"]) == (18, 6, 12)
    assert numbers["day"]["visits"] == pytest.approx(0.864 * FORGOTTEN)
    mock, health = GATEWAY + 0.175 + TRAFFIC, VISIT - 8 * 0.625 - 0.125
    # A year with four shards is 86 KB, which is 22 read units.
    script = health + 4 * TRAFFIC  # five times the bytes
    by_function = FORGOTTEN + health + script + 2 * (health + 0.125) + (health + 22 * 0.125)
    assert numbers["worst"]["functions"] == pytest.approx(25.92 * by_function)
    # 466.56 million requests: those above 333 million cost 0.70 per million less.
    every = 25.92 * (by_function + 12 * mock) - 133.56 * 0.7
    assert numbers["worst"]["all"] == pytest.approx(every)
    assert numbers["worst"]["stopped"] == pytest.approx(25.92 * 18 * mock - 133.56 * 0.7)


def test_the_fixed_parts(numbers):
    """Seven alarms, seven metrics and one dashboard cost the same in every month."""
    assert numbers["fixed"] == pytest.approx({"alarms": 0.7, "metrics": 2.1, "dashboards": 3})
    assert numbers["quiet"] == pytest.approx(3.7)
    assert numbers["below_alarm"] == pytest.approx(0.72 * FORGOTTEN)
    assert numbers["snapshot"] == pytest.approx(1.95, abs=0.01)


def test_the_template_uses_every_number(numbers):
    """No number is computed that the page does not show."""
    template = Path("release/cost.md.in").read_text()
    fields = [field for _, field, _, _ in Formatter().parse(template) if field]
    assert {re.split(r"[\[.]", field)[0] for field in fields} == numbers.keys()


def test_every_price_has_its_source():
    """Each price has a service, a unit, a date and a page of AWS."""
    for name, row in cost.PRICES.items():
        assert {"service", "unit", "per", "usd", "read", "source"} <= row.keys(), name
        assert row["source"].startswith("https://aws.amazon.com/"), name


def test_every_alarm_is_documented():
    """The alarm table of docs/operations.md has one row for each alarm."""
    section = Path("docs/operations.md").read_text().split("\n## Alarms\n")[1].split("\n## ")[0]
    documented = re.findall(r"^\| `([\w-]+)` \|", section, re.MULTILINE)
    alarms = cost.terraform("observability.tf", "locals")["alarms"]
    assert sorted(documented) == sorted(alarms)
