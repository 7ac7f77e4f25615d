"""What the owner's commands print."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from owner.ledger import Reading
from visits.counting.items import NUMBERS

BARS = "▁▂▃▄▅▆▇█"
CHART_DAYS = 30
BELOW_ZERO = "  Numbers below zero are shown as 0 on pages."


def say(text: str) -> None:
    print(printable(text), flush=True)


def printable(text: str) -> str:
    """Replace what would control the terminal, such as an escape sequence in a reason."""
    return "".join(
        character if character.isprintable() or character == "\n" else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def summary(name: str, reading: Reading, last: date) -> Iterator[str]:
    """Yield the lines on one counter: its totals, a chart of its last days, its corrections."""
    total = reading.total()
    yield f"{name}: {some(total)}"
    if min(total.values()) < 0:
        yield BELOW_ZERO
    visits = {
        ago: reading.sums.of((last - timedelta(days=ago)).isoformat())["visits"]
        for ago in range(CHART_DAYS)
    }
    spans = {"today": 1, "last 7 days": 7, "last 30 days": 30}
    yield "  " + ", ".join(
        f"{text}: {sum(visits[ago] for ago in range(length)):,}" for text, length in spans.items()
    )
    values = list(reversed(visits.values()))
    first = last - timedelta(days=CHART_DAYS - 1)
    yield f"  {chart(values)}  {first} to {last}, at most {max(values):,} a day"
    start = vars(reading.start)
    if start["visits"] or start["visitors"]:
        yield f"  starting value: {some(start)}"
    for time, correction in sorted(reading.corrections.items()):
        yield f"  correction {time[:16]} UTC: {some(correction, '+')}: {correction['why']}"


def some(numbers: Mapping[str, Any], sign: str = "") -> str:
    """Return "3 visits, 1 visitor"."""
    return ", ".join(plural(numbers[what], what.removesuffix("s"), sign) for what in NUMBERS)


def plural(number: int, noun: str, sign: str = "") -> str:
    return f"{number:{sign},} {noun}{'' if abs(number) == 1 else 's'}"


def chart(values: list[int]) -> str:
    """Return a bar for each value; a space for zero."""
    most = max(values) or 1
    return "".join(BARS[(value * len(BARS) - 1) // most] if value else " " for value in values)
