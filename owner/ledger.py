"""The numbers of the declared counters, and every write of the owner's.

A total is always the starting value, all days and all corrections, whatever is interrupted,
repeated or done twice at the same time: an import changes days and their total in one
transaction, and only if they are as they were read.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from contract.command import CommandError
from release import totals
from visits.counting.items import (
    ADDED,
    CORRECTION,
    IMPORT,
    NUMBERS,
    TOTAL,
    Item,
    Sums,
    key,
    split,
)
from visits.counting.table import Table
from visits.settings import DeclaredCounter

NO_COUNTER = "There is no counter {name}. Declared are: {declared}. See docs/owner/counters.md."
BUSY = "Other imports change {name} at the same time. Repeat the command when they have ended."
MOST_WRITES = 100  # of one transaction, says DynamoDB
ATTEMPTS = 20
NONE = dict.fromkeys(NUMBERS, 0)

Numbers = Mapping[str, int]


class Reading:
    """What the table had of one counter.

    Attributes:
        imported: the imported part of each day, by date.
        imported_total: the imported part of the total.
        corrections: visits, visitors and why, by time.
    """

    def __init__(self, start: DeclaredCounter, items: list[Item]) -> None:
        self.start = start
        self.sums = Sums(items)
        self.imported: dict[str, Numbers] = {}
        self.corrections: dict[str, dict[str, Any]] = {}
        for item in items:
            kind, part = split(item)
            if kind == CORRECTION:
                why = item.get("why", {}).get("S", "")
                self.corrections[part] = {**NONE, **added(item), "why": why}
            elif part == IMPORT:
                self.imported[kind] = added(item)
        self.imported_total = self.imported.pop(TOTAL, {})

    def total(self) -> dict[str, int]:
        """Return the sum, which may be below zero. Then the API answers zero."""
        return self.sums.total(self.start)

    def total_after(
        self, days: Mapping[str, Numbers], corrections: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, int]:
        """Return what the total will be when these days and corrections are imported."""
        changes = [
            *((days[day], self.imported.get(day, {})) for day in days),
            *((corrections[time], self.corrections.get(time, {})) for time in corrections),
        ]
        total = self.total()
        return {
            name: total[name] + sum(new[name] - old.get(name, 0) for new, old in changes)
            for name in NUMBERS
        }


class Ledger:
    """The table of the declared counters."""

    def __init__(self, client: Any, table: str, declared: Mapping[str, DeclaredCounter]) -> None:
        self._client = client
        self._table = table
        self.declared = declared

    def read(self, name: str) -> Reading:
        if name not in self.declared:
            declared = ", ".join(self.declared)
            raise CommandError(NO_COUNTER.format(name=name, declared=declared))
        return Reading(self.declared[name], totals.read(self._client, self._table, name))

    def correct(self, name: str, correction: Mapping[str, Any], time: str = "") -> None:
        """Write visits, visitors and why. A correction of the same time is replaced."""
        # Two corrections at the same time get different names, and a repeated write the same one.
        time = time or f"{datetime.now(UTC).isoformat(timespec='microseconds')}#{uuid4().hex[:8]}"
        item = key(name, CORRECTION, time) | attributes(correction)
        self._transact({"Put": {"Item": {**item, "why": {"S": correction["why"]}}}})

    def import_days(self, name: str, days: Mapping[str, Numbers]) -> None:
        """Replace the imported part of days. Repeating it after an interruption completes it."""
        conflicts = 0
        while conflicts < ATTEMPTS:
            reading = self.read(name)
            changed = [day for day in sorted(days) if reading.imported.get(day) != days[day]]
            if not changed:
                return
            batch = changed[: MOST_WRITES - 1]
            total = {
                what: reading.imported_total.get(what, 0)
                + sum(days[day][what] - reading.imported.get(day, {}).get(what, 0) for day in batch)
                for what in NUMBERS
            }
            conflicts += not self._transact(
                replace(name, TOTAL, total, reading.imported_total),
                *(replace(name, day, days[day], reading.imported.get(day, {})) for day in batch),
            )
        raise CommandError(BUSY.format(name=name))

    def excess(self, name: str) -> dict[str, int]:
        """Return how much more the stored total of a counter is than the sum of its days."""
        return totals.lasting_excess(self._client, self._table, name)

    def repair(self, name: str) -> None:
        """Make the total the sum of the days. Repeating it changes nothing."""
        for _ in range(ATTEMPTS):
            former = self.read(name).imported_total
            excess = self.excess(name)
            if not any(excess.values()):
                return
            total = {what: former.get(what, 0) - excess[what] for what in NUMBERS}
            self._transact(replace(name, TOTAL, total, former))
        raise CommandError(BUSY.format(name=name))

    def _transact(self, *writes: Item) -> bool:
        """Do all writes, or none if a condition fails; return whether they were done."""
        return not Table(self._client, self._table, totals.SECONDS).transact(*writes)


def added(item: Item) -> dict[str, int]:
    """Return the numbers that the owner has written into an item."""
    names = zip(NUMBERS, ADDED, strict=True)
    return {what: int(item[name]["N"]) for what, name in names if name in item}


def attributes(numbers: Mapping[str, Any], prefix: str = "") -> Item:
    names = zip(NUMBERS, ADDED, strict=True)
    return {prefix + name: {"N": str(numbers[what])} for what, name in names if what in numbers}


def replace(name: str, kind: str, numbers: Numbers, former: Numbers) -> Item:
    """Build an Update of the imported part of a day or of the total, if it is as it was read."""
    old = attributes(former, ":old_")
    unchanged = [
        f"{added} = :old_{added}" if f":old_{added}" in old else f"attribute_not_exists({added})"
        for added in ADDED
    ]
    return {
        "Update": {
            "Key": key(name, kind, IMPORT),
            "UpdateExpression": "SET " + ", ".join(f"{added} = :{added}" for added in ADDED),
            "ConditionExpression": " AND ".join(unchanged),
            "ExpressionAttributeValues": {**attributes(numbers, ":"), **old},
        }
    }
