"""Files with the numbers of days: what `make export` writes and `make import` reads."""

import csv
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from release.terraform import DeployError

FIELDS = ("counter", "date", "visits", "visitors")
# The columns that identify a file, and which of them hold visits and visitors. Plausible's
# imported_visitors.csv has a column "visits", too: its sessions.
PLAUSIBLE = ("pageviews", "visitors")
OWN = ("visits", "visitors")
HITS = {"Date", "Session", "Bot"}  # GoatCounter's export has one row for each hit, with its time
UNKNOWN = (
    "{file} has no columns that are known. Use date, visits and, if you have them, visitors and "
    "counter, in small letters and with commas between them; or the export of Plausible "
    "(imported_visitors.csv) or of GoatCounter."
)
WRONG_ROW = (
    "{place} cannot be read: date must be today or an earlier day, such as 2026-11-23, and "
    "{columns} must be whole numbers of 0 or more in digits alone, such as 1234."
)
OTHER_COUNTER = "{place} is of the counter {its}, not of {counter}. Leave COUNTER out, or the row."
NO_TEXT = "{file} is no text in UTF-8. If it is compressed (.gz, .zip), unpack it first."


@dataclass(frozen=True)
class Day:
    """The numbers of one counter on one day (UTC)."""

    counter: str
    date: str
    visits: int
    visitors: int


def write(days: Iterable[Day], corrections: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write visits.csv and visits.json into a folder, and return their paths.

    The CSV has the days. The JSON has the corrections, too.
    """
    rows = [vars(day) for day in days]
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / "visits.csv", folder / "visits.json"]
    with files[0].open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(rows)
    document = {"days": rows, "corrections": corrections}
    files[1].write_text(json.dumps(document, indent=2) + "\n")
    return files


def read(path: Path, counter: str) -> list[Day]:
    """Return the days in a file.

    Args:
        counter: for rows that name none; empty if every row must name one.

    Raises:
        DeployError: the file cannot be read. The message names the row and what is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DeployError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise DeployError(NO_TEXT.format(file=path)) from None
    if path.suffix == ".json":
        try:
            document = json.loads(text)
            rows = document["days"]
            corrected = [each for its in document["corrections"].values() for each in its.values()]
            if not all(isinstance(each, dict) for each in rows) or not all(map(whole, corrected)):
                raise TypeError
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DeployError(f"{path} is no JSON that `make export` has written.") from None
        if corrected and not rows:
            return []
    else:
        rows = list(csv.DictReader(io.StringIO(text)))
    if not rows:
        raise DeployError(f"{path} has no rows.")
    if rows[0].keys() >= HITS:
        return from_hits(rows, counter, path)
    names = next((each for each in (PLAUSIBLE, OWN) if {"date", each[0]} <= rows[0].keys()), None)
    if not names:
        raise DeployError(UNKNOWN.format(file=path))
    days = [parse(row, names, counter, f"{path}, row {n}") for n, row in enumerate(rows, 1)]
    check_once(days, path)
    return days


def corrections(path: Path) -> dict[str, dict[str, Any]]:
    """Return the corrections in a file by counter and time; only `make export`'s JSON has any."""
    return dict(json.loads(path.read_text())["corrections"]) if path.suffix == ".json" else {}


def whole(correction: Mapping[str, Any]) -> bool:
    """Return whether a correction has all that `make export` writes."""
    numbers = correction["visits"], correction["visitors"]
    return all(type(each) is int for each in numbers) and isinstance(correction["why"], str)


def parse(row: Mapping[str, Any], names: tuple[str, str], counter: str, place: str) -> Day:
    name = row.get("counter") or counter
    if not name:
        raise DeployError(f"{place} names no counter. Set it: make import COUNTER=resume FILE=...")
    if counter not in {"", name}:
        raise DeployError(OTHER_COUNTER.format(place=place, its=name, counter=counter))
    try:
        day = date.fromisoformat(row["date"])
        visits = count(row[names[0]])
        visitors = count(row[names[1]]) if row.get(names[1]) else 0
        if day > datetime.now(UTC).date():
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise DeployError(WRONG_ROW.format(place=place, columns=" and ".join(names))) from None
    return Day(name, day.isoformat(), visits, visitors)


def count(value: Any) -> int:
    """Return a number of visits or visitors. DynamoDB has no more than 38 digits."""
    if not re.fullmatch(r"[0-9]{1,15}", str(value)):
        raise ValueError
    return int(value)


def from_hits(rows: Iterable[Mapping[str, str]], counter: str, path: Path) -> list[Day]:
    """Count each day's hits and sessions in GoatCounter's export, without bots and events."""
    if not counter:
        raise DeployError(f"{path} names no counter. Set it: make import COUNTER=resume FILE=...")
    visits: Counter[str] = Counter()
    sessions: defaultdict[str, set[str]] = defaultdict(set)
    for number, row in enumerate(rows, 1):
        if (row.get("Bot") or "0") != "0" or row.get("Event") in {"true", "1"}:
            continue
        try:
            day = date.fromisoformat(row["Date"][:10]).isoformat()
        except (TypeError, ValueError) as error:
            raise DeployError(f"{path}, row {number} cannot be read: {error}") from None
        visits[day] += 1
        sessions[day].add(row.get("Session") or str(number))
    if not visits:
        raise DeployError(f"{path} has only bots and events.")
    return [Day(counter, day, visits[day], len(sessions[day])) for day in sorted(visits)]


def check_once(days: Iterable[Day], path: Path) -> None:
    for (counter, day), times in Counter((each.counter, each.date) for each in days).items():
        if times > 1:
            raise DeployError(f"{path} has {times} rows of {counter} on {day}. Keep one of them.")


def by_counter(days: Iterable[Day]) -> Iterator[tuple[str, list[Day]]]:
    grouped: defaultdict[str, list[Day]] = defaultdict(list)
    for day in days:
        grouped[day.counter].append(day)
    for counter in sorted(grouped):
        yield counter, sorted(grouped[counter], key=lambda day: day.date)
