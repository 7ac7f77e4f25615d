"""Find the numbers of days in the rows of a file, whichever tool has written it."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from contract.command import CommandError
from owner.tables import Rows

# Known names of columns, the best first: Plausible's `visits` are sessions.
KNOWN = {
    "DATE": ["date", "day", "hour", "created_at", "added_iso", "timestamp", "datetime", "time"],
    "VISITS": ["pageviews", "page_views", "views", "visits", "nb_visits", "hits", "count"],
    "VISITORS": ["visitors", "unique_visitors", "nb_uniq_visitors", "active_users", "total_users"],
}
# Where each row is a visit: columns that identify visitors, and the values that make a row a visit.
PEOPLE = ["session_id", "session", "visitor_id", "is_unique"]
VISIT = {
    "bot": {"", "0", "false"},
    "is_robot": {"", "0", "false"},
    "event": {"", "0", "false"},
    "event_type": {"", "1", "pageview"},
}
FIRST = date(1990, 1, 1)
NUMBER = re.compile(r"[0-9]{1,15}")  # DynamoDB has no more than 38 digits
SIGNED = re.compile(r"-?[0-9]{1,15}")
SHOWN = 5  # of the wrong rows
NO_COLUMN = "{path} has no column {wanted}. Name it with {variable}=. It has: {columns}."
NO_COUNTER = "it names no counter; set one: make import COUNTER=resume FILE=..."
WRONG_DATE = (
    "the date must be a day from 1990-01-01 to today (UTC), such as 2026-11-23, not {text!r}"
)
WRONG_NUMBER = "{name} must be a whole number in at most 15 digits, such as 1234, not {text!r}"
ONE_EACH = "Each row is counted as one visit. VISITS= names a column with numbers."
MORE_VISITORS = "it has more visitors ({visitors}) than visits ({visits})"
REFUSED = "Nothing was imported. These rows of {path} are wrong or doubtful:\n{rows}"


class WrongRowError(Exception):
    """A row cannot be imported. The message says why."""


@dataclass(frozen=True)
class Form:
    """The names of the columns that are used; without `visits`, each row is a visit."""

    date: str
    visits: str
    visitors: str


@dataclass(frozen=True)
class Days:
    """The numbers of days in a file.

    Attributes:
        numbers: visits and visitors by date, by counter.
        corrections: visits, visitors and why by time, by counter, as `make export` writes them.
        note: how the file was read, for the owner.
    """

    numbers: dict[str, dict[str, dict[str, int]]]
    corrections: dict[str, dict[str, dict[str, Any]]]
    note: str


def find(rows: Rows, counter: str, chosen: Mapping[str, str], path: Path) -> Days:
    """Return the numbers of each day. Rows of the same day are added up.

    Args:
        counter: only this one is imported; it is also that of rows which name none.
        chosen: names of columns for DATE, VISITS and VISITORS.
    """
    names = [plain(name) for name in rows.columns]
    form = choose(rows.columns, names, chosen, path)
    sums: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    people: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    corrections: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    left_out: Counter[str] = Counter()
    wrong = []
    for place, cells in rows.rows.items():
        row = dict(zip(names, cells, strict=False))
        name = row.get("counter") or counter
        try:
            if reason := reason_to_leave_out(row, cells, form, counter in {"", name}):
                left_out[reason] += 1
                continue
            if len(cells) != len(names):
                raise WrongRowError(f"it has {len(cells)} cells, and the header has {len(names)}")
            if not name:
                raise WrongRowError(NO_COUNTER)
            time, why = row[form.date], row.get("why")
            if why and "#" in time:  # the time of a correction has a suffix
                parse_date(time.partition("#")[0])
                corrections[name][time] = {**parse_numbers(row, form, SIGNED), "why": why}
                continue
            day = name, parse_date(time)
            sums[day].update(parse_numbers(row, form, NUMBER))
            if not form.visits and form.visitors:
                people[day] |= visitor(row[form.visitors], place)
        except WrongRowError as error:
            wrong.append(f"  {place}: {error}")
    if wrong:
        more = [f"  and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise CommandError(REFUSED.format(path=path, rows="\n".join(wrong[:SHOWN] + more)))
    numbers: defaultdict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    for (name, date_), total in sorted(sums.items()):
        visitors = len(people[name, date_]) or total["visitors"]
        numbers[name][date_] = {"visits": total["visits"], "visitors": visitors}
    return Days(dict(numbers), dict(corrections), describe(rows, names, form, left_out))


def choose(
    columns: Sequence[str], names: Sequence[str], chosen: Mapping[str, str], path: Path
) -> Form:
    """Return the columns that are chosen, or else those that have known names."""
    found = {}
    for variable, known in KNOWN.items():
        wanted = [plain(chosen[variable])] if chosen.get(variable) else known
        found[variable] = next((name for name in wanted if name in names), "")
        if not found[variable] and (variable == "DATE" or chosen.get(variable)):
            message = NO_COLUMN.format(
                path=path,
                wanted=chosen.get(variable) or "of dates with a known name",
                variable=variable,
                columns=", ".join(columns),
            )
            raise CommandError(message)
    if not found["VISITS"] and not chosen.get("VISITORS"):
        found["VISITORS"] = next((name for name in PEOPLE if name in names), "")
    return Form(found["DATE"], found["VISITS"], found["VISITORS"])


def reason_to_leave_out(
    row: Mapping[str, str], cells: Sequence[str], form: Form, wanted: bool
) -> str:
    """Return why a row is not imported, for example because its counter is not; empty if it is."""
    if not wanted:
        return "of other counters"
    if not row.get(form.date) and any("total" in cell.casefold() for cell in cells):
        return "with a total"
    if not form.visits and any(
        row[name].casefold() not in VISIT[name] for name in VISIT.keys() & row
    ):
        return "of bots and events"
    return ""


def parse_date(text: str) -> str:
    """Return the day (UTC) of a date or of a time."""
    try:
        time = datetime.fromisoformat(text)
        day = (time.astimezone(UTC) if time.tzinfo else time).date()
    except (OverflowError, ValueError):
        day = date.min
    if not FIRST <= day <= datetime.now(UTC).date():
        raise WrongRowError(WRONG_DATE.format(text=text[:40]))
    return day.isoformat()


def parse_numbers(row: Mapping[str, str], form: Form, pattern: re.Pattern[str]) -> dict[str, int]:
    if not form.visits:
        return {"visits": 1, "visitors": 0}
    visits = parse_number(form.visits, row[form.visits], pattern)
    visitors = parse_number(form.visitors, row.get(form.visitors) or "0", pattern)
    if visitors > visits and pattern is NUMBER:
        raise WrongRowError(MORE_VISITORS.format(visitors=visitors, visits=visits))
    return {"visits": visits, "visitors": visitors}


def parse_number(name: str, text: str, pattern: re.Pattern[str]) -> int:
    if not pattern.fullmatch(text):
        raise WrongRowError(WRONG_NUMBER.format(name=name, text=text[:40]))
    return int(text)


def visitor(value: str, place: str) -> set[str]:
    """Return what identifies the visitor of a row; nothing if it was counted in another row."""
    return {"": {place}, "true": {place}, "false": set()}.get(value, {value})


def describe(rows: Rows, names: Sequence[str], form: Form, left_out: Mapping[str, int]) -> str:
    """Return how the rows were read."""
    imported = len(rows.rows) - sum(left_out.values())
    columns = dict(zip(names, rows.columns, strict=True))
    visits = f", visits from {columns[form.visits]}" if form.visits else ""
    visitors = f", visitors from {columns[form.visitors]}" if form.visitors else ""
    lines = [f"{imported} rows. Dates are from {columns[form.date]}{visits}{visitors}."]
    if not form.visits:
        lines.append(ONE_EACH)
    lines += [f"Left out: {number} {reason}." for reason, number in left_out.items()]
    return " ".join(lines)


def plain(name: str) -> str:
    """Return the name of a column in small letters, with _ between words."""
    return re.sub(r"\W+", "_", name.strip()).casefold()
