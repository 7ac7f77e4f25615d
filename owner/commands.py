"""`make counts`, `correct`, `import`, `export` and `repair`. Their options are variables."""

import csv
import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from contract.command import CommandError
from owner import days, tables
from owner.ledger import Ledger, Reading
from owner.words import BELOW_ZERO, plural, say, some, summary
from release import totals
from release.terminal import confirm
from visits.counting.items import NUMBERS

EXPORT = Path("build", "export", "visits.csv")
USE_CORRECT = 'Use it like this: make correct COUNTER=resume VISITS=-7000 WHY="bots"'
NOT_WRITTEN = "{path} cannot be written: {reason}. An earlier export is unchanged."
NO_FILE = "Name the file: make import FILE=visits.csv COUNTER=resume"
TOO_MUCH = (
    "{name} has {total:,} {what}, so it can be corrected by at most {most:,}. Nothing changed."
)
WRONG_NUMBER = (
    "{name} must be a whole number of at most 15 digits that is not 0, such as -7000 or 12, "
    "not {text!r}."
)


def show(ledger: Ledger) -> None:
    """Print each counter: its totals, the last days with a chart, and its corrections."""
    for name in ledger.declared:
        reading = ledger.read(name)
        for line in summary(name, reading, today()):
            say(line)
        if any((excess := ledger.excess(name)).values()):
            say(totals.describe(name, excess))
        say("")


def today() -> date:
    return datetime.now(UTC).date()


def export(ledger: Ledger) -> None:
    """Write every day and correction of every counter into a file that `make import` reads."""
    rows: list[list[Any]] = [["counter", "date", *NUMBERS, "why"]]
    days_written = 0
    for name in ledger.declared:
        say(f"Reading {name} ...")
        reading = ledger.read(name)
        dates = sorted(reading.sums.dates())
        days_written += len(dates)
        rows += [[name, day, *reading.sums.of(day).values(), ""] for day in dates]
        for time, correction in sorted(reading.corrections.items()):
            rows.append([name, time, *(correction[key] for key in (*NUMBERS, "why"))])
    complete = EXPORT.with_suffix(".new")
    try:
        EXPORT.parent.mkdir(parents=True, exist_ok=True)
        with complete.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        complete.replace(EXPORT)
    except OSError as error:
        raise CommandError(NOT_WRITTEN.format(path=EXPORT, reason=error.strerror)) from None
    say(f"{EXPORT}: {plural(days_written, 'day')} of {plural(len(ledger.declared), 'counter')}")


def import_file(ledger: Ledger) -> None:
    """Add the days and corrections of a file to the counters, after a confirmation."""
    path, counter = Path(os.environ.get("FILE", "")), os.environ.get("COUNTER", "")
    if not os.environ.get("FILE"):
        raise CommandError(NO_FILE)
    chosen = {name: os.environ.get(name, "") for name in days.KNOWN}
    found = days.find(tables.read(path), counter, chosen, path)
    names = sorted(found.numbers.keys() | found.corrections)
    if not names:
        raise CommandError(f"{path} has nothing to import. {found.note}")
    say(f"{path}: {found.note}")
    parts = [(name, found.numbers.get(name, {}), found.corrections.get(name, {})) for name in names]
    for name, numbers, corrections in parts:
        preview(name, ledger.read(name), numbers, corrections)
    confirm("Import this? [y/N] ", "y")
    for name, numbers, corrections in parts:
        ledger.import_days(name, numbers)
        for time, correction in corrections.items():
            ledger.correct(name, correction, time)
        say(f"{name} has {some(ledger.read(name).total())} now.")


def preview(
    name: str,
    reading: Reading,
    imported: Mapping[str, Mapping[str, int]],
    corrections: Mapping[str, Mapping[str, Any]],
) -> None:
    """Print what an import will change."""
    if imported:
        numbers = {what: sum(day[what] for day in imported.values()) for what in NUMBERS}
        span = f"{min(imported)} to {max(imported)}"
        say(f"{name}: {plural(len(imported), 'day')}, {span}, {some(numbers)}.")
    if again := len(imported.keys() & reading.imported):
        say(f"  Imported before, and now replaced: {plural(again, 'day')}.")
    if counted := sum(counted_here(reading, day) for day in imported):
        say(f"  Added to visits that were counted here: {plural(counted, 'day')}.")
    if corrections:
        say(f"  With {plural(len(corrections), 'correction')}.")
    announce(name, reading.total(), reading.total_after(imported, corrections))


def announce(name: str, total: Mapping[str, int], after: Mapping[str, int]) -> None:
    say(f"{name}: {some(total)} will become {some(after)}.")
    if min(after.values()) < 0:
        say(BELOW_ZERO)


def counted_here(reading: Reading, day: str) -> bool:
    imported = reading.imported.get(day, {"visits": 0})
    return reading.sums.of(day)["visits"] > imported["visits"]


def correct(ledger: Ledger) -> None:
    """Add an entry that changes the totals of a counter, after a confirmation."""
    name, why = os.environ.get("COUNTER", ""), " ".join(os.environ.get("WHY", "").split())
    if not name or not why:
        raise CommandError(USE_CORRECT)
    changes = {what: whole(what.upper()) for what in NUMBERS}
    if not any(changes.values()):
        raise CommandError(WRONG_NUMBER.format(name="VISITS", text=os.environ.get("VISITS", "")))
    total = ledger.read(name).total()
    after = {what: total[what] + changes[what] for what in NUMBERS}
    for what in NUMBERS:
        if changes[what] < 0 and after[what] < 0:
            most = -max(0, total[what])
            raise CommandError(TOO_MUCH.format(name=name, total=total[what], what=what, most=most))
    announce(name, total, after)
    confirm("Correct the totals? The days stay as they are. [y/N] ", "y")
    ledger.correct(name, {**changes, "why": why})
    say("Corrected. The opposite numbers undo it; make counts lists it.")


def whole(name: str) -> int:
    text = os.environ.get(name) or "0"
    if not re.fullmatch(r"[+-]?[0-9]{1,15}", text):
        raise CommandError(WRONG_NUMBER.format(name=name, text=text))
    return int(text)


def repair(ledger: Ledger) -> None:
    """Make the total of a counter the sum of its days, after a confirmation."""
    name = os.environ.get("COUNTER", "")
    total, excess = ledger.read(name).total(), ledger.excess(name)
    if not any(excess.values()):
        say(f"{name}: the total is the sum of its days. Nothing was changed.")
        return
    announce(name, total, {what: total[what] - excess[what] for what in NUMBERS})
    confirm("Make the total the sum of the days? [y/N] ", "y")
    ledger.repair(name)
    say(f"{name} has {some(ledger.read(name).total())} now.")
