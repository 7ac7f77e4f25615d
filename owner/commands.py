"""`make counts`, `correct`, `import`, `export` and `repair`. Their options are variables."""

import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from contract.command import CommandError
from owner import days, exports, tables
from owner.ledger import Ledger, Reading
from owner.words import BELOW_ZERO, plural, say, some, summary
from release import totals
from release.terminal import confirm
from visits.counting.items import NUMBERS

FOLDER = Path("build", "export")
USE_CORRECT = 'Use it like this: make correct COUNTER=resume VISITS=-7000 WHY="bots"'
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
        if any(totals.excess(reading.sums).values()) and any(
            (excess := ledger.excess(name)).values()
        ):
            say(totals.describe(name, excess))
        say("")


def today() -> date:
    return datetime.now(UTC).date()


def export(ledger: Ledger) -> None:
    """Write every day and correction of every counter into build/export/."""
    readings: dict[str, Reading] = {}
    for name in ledger.declared:
        say(f"Reading {name} ...")
        readings[name] = ledger.read(name)
    rows = [
        {"counter": name, "date": day, **reading.sums.of(day)}
        for name, reading in readings.items()
        for day in sorted(reading.sums.dates())
    ]
    found = {name: reading.corrections for name, reading in readings.items() if reading.corrections}
    for path in exports.write(rows, found, FOLDER):
        say(f"{path}: {plural(len(rows), 'day')} of {plural(len(readings), 'counter')}")


def import_file(ledger: Ledger) -> None:
    """Add the days and corrections of a file to the counters, after a confirmation."""
    path, counter = Path(os.environ.get("FILE", "")), os.environ.get("COUNTER", "")
    if not os.environ.get("FILE"):
        raise CommandError(NO_FILE)
    contents = tables.read(path)
    chosen = {name: os.environ.get(name, "") for name in days.KNOWN}
    found = days.find(contents, counter, chosen, path) if contents.rows else days.Days({}, "")
    corrections = {
        name: of_counter
        for name, of_counter in contents.corrections.items()
        if counter in {"", name} and of_counter
    }
    names = sorted(found.numbers.keys() | corrections)
    if not names:
        raise CommandError(f"{path} has nothing to import. {found.note}".strip())
    if found.note:
        say(f"{path}: {found.note}")
    for name in names:
        preview(name, ledger.read(name), found.numbers.get(name, {}), corrections.get(name, {}))
    confirm("Import this? [y/N] ", "y")
    for name in names:
        ledger.import_days(name, found.numbers.get(name, {}))
        for time, correction in corrections.get(name, {}).items():
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
    name, why = os.environ.get("COUNTER", ""), os.environ.get("WHY", "").strip()
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
