"""The owner's commands: `make counts`, `export`, `import` and `correct`.

They use the owner's own credentials. AWS_ENDPOINT_URL_DYNAMODB selects another DynamoDB, such as
the one that `make run` prints; then nothing needs to be deployed.
lambda/visits/counter.py describes the items. An import writes items of a shard of its own, named
`import`, with absolute numbers, so that a repeated import changes nothing. The numbers of
corrections and imports are in attributes that the function's role may not write.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key
from botocore.exceptions import BotoCoreError, ClientError

from release import account, history_files
from release.history_files import Day
from release.terminal import confirm
from release.terraform import DeployError, Terraform
from visits.settings import parse_counters

BARS = "▁▂▃▄▅▆▇█"
CHART_DAYS = 30
FOLDER = Path("build", "export")
NUMBERS = ("visits", "visitors")
NO_COUNTER = "There is no counter {name}. Declared are: {declared}. See docs/owner/counters.md."
BELOW_ZERO = (
    "{name} has {total:,} {what}, so it can be corrected by at most -{total:,}. Nothing changed."
)
WRONG_NUMBER = "{name} must be a whole number that is not 0, such as -7000 or 12, not {text!r}."


@dataclass
class Numbers:
    """What the table has of one counter.

    Attributes:
        start: the starting value.
        days: visits and visitors by date, of all shards.
        imported: the part of it that was imported.
        total: of all days, without the starting value and the corrections.
        corrections: visits, visitors and why, by time.
    """

    start: dict[str, int]
    days: dict[str, dict[str, int]]
    imported: dict[str, dict[str, int]]
    total: dict[str, int]
    corrections: dict[str, dict[str, Any]]

    def shown(self, what: str) -> int:
        """Return the number that the API returns."""
        corrected: int = sum(each[what] for each in self.corrections.values())
        return max(0, self.start[what] + self.total[what] + corrected)

    def since(self, first: date, what: str) -> int:
        return sum(day[what] for name, day in self.days.items() if name >= first.isoformat())


class Counters:
    """The declared counters and the table that has their numbers."""

    def __init__(self, table: Any, declared: Mapping[str, Any]) -> None:
        self._table = table
        self.declared = declared

    def read(self, name: str) -> Numbers:
        """Read all items of a counter."""
        if name not in self.declared:
            declared = ", ".join(self.declared)
            raise DeployError(NO_COUNTER.format(name=name, declared=declared))
        numbers = Numbers(self._start(name), {}, {}, zeros(), {})
        for item in self._items(name):
            kind, _, rest = item["sk"].partition("#")
            counted = {what: int(item.get(what, 0)) for what in NUMBERS}
            added = {what: int(item.get(f"added_{what}", 0)) for what in NUMBERS}
            if kind == "correction":
                numbers.corrections[rest] = {**added, "why": item.get("why", "")}
                continue
            sums = numbers.total
            if kind != "total":
                sums = numbers.days.setdefault(kind, zeros())
                if rest == "import":
                    numbers.imported[kind] = added
            add(sums, counted)
            add(sums, added)
        return numbers

    def correct(self, name: str, time: str, correction: Mapping[str, Any]) -> None:
        """Write a correction: visits, visitors and why. The same time replaces it."""
        item = added_item(name, f"correction#{time}", correction)
        self._table.put_item(Item={**item, "why": correction["why"]})

    def import_days(self, name: str, days: list[Day]) -> None:
        """Write days and their total. Repeating it after an interruption completes it."""
        new = {day.date: {"visits": day.visits, "visitors": day.visitors} for day in days}
        imported = (self.read(name).imported | new).values()
        total = {what: sum(day[what] for day in imported) for what in NUMBERS}
        with self._table.batch_writer() as batch:
            for day, numbers in new.items():
                batch.put_item(Item=added_item(name, f"{day}#import", numbers))
        self._table.put_item(Item=added_item(name, "total#import", total))

    def _start(self, name: str) -> dict[str, int]:
        return {what: int(self.declared[name].get(what, 0)) for what in NUMBERS}

    def _items(self, name: str) -> Iterator[Mapping[str, Any]]:
        page: dict[str, Any] = {}
        while True:
            condition = Key("pk").eq(f"counter#{name}")
            answer = self._table.query(
                KeyConditionExpression=condition, ConsistentRead=True, **page
            )
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            page = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def zeros() -> dict[str, int]:
    return dict.fromkeys(NUMBERS, 0)


def added_item(name: str, sk: str, numbers: Mapping[str, Any]) -> dict[str, Any]:
    added = {f"added_{what}": numbers[what] for what in NUMBERS}
    return {"pk": f"counter#{name}", "sk": sk, **added}


def add(numbers: dict[str, int], more: Mapping[str, int]) -> None:
    for what in NUMBERS:
        numbers[what] += more[what]


def connect() -> Counters:
    """Return the counters of the deployment, or of the DynamoDB that the environment names."""
    if os.environ.get("AWS_ENDPOINT_URL_DYNAMODB"):
        declared = local_counters(os.environ.get("COUNTERS", '{"resume": {}}'))
        local = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "local")
        os.environ.update({**local, "AWS_DEFAULT_REGION": "eu-west-1", **os.environ})
        outputs = {"region": None, "table_name": os.environ.get("TABLE_NAME", "visits")}
    else:
        outputs = account.deployed()
        declared = account.settings(Terraform()).get("counters", {"resume": {}})
    resource = boto3.resource("dynamodb", region_name=outputs["region"])
    return Counters(resource.Table(outputs["table_name"]), declared)


def local_counters(text: str) -> dict[str, Any]:
    try:
        parse_counters(text)
        return dict(json.loads(text))
    except (AttributeError, TypeError, ValueError):
        raise DeployError(f'COUNTERS must be JSON such as {{"resume": {{}}}}, not {text}') from None


def main(command: str) -> None:
    commands = {"counts": show, "export": export, "import": import_file, "correct": correct}
    try:
        commands[command](connect())
    except DeployError as error:
        sys.exit(f"\n{error}")
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"\nDynamoDB cannot be used: {error}")


def show(counters: Counters) -> None:
    """Print each counter: its totals, the last days with a chart, and its corrections."""
    for name in counters.declared:
        print("\n".join(lines(name, counters.read(name), today())), end="\n\n")


def today() -> date:
    return datetime.now(UTC).date()


def lines(name: str, numbers: Numbers, last: date) -> Iterator[str]:
    yield f"{name}: {some({what: numbers.shown(what) for what in NUMBERS})}"
    spans = {"today": 1, "last 7 days": 7, "last 30 days": 30}
    first = {text: last - timedelta(days=length - 1) for text, length in spans.items()}
    yield "  " + ", ".join(
        f"{text}: {numbers.since(day, 'visits'):,}" for text, day in first.items()
    )
    dates = [last - timedelta(days=ago) for ago in reversed(range(CHART_DAYS))]
    values = [numbers.days.get(day.isoformat(), {"visits": 0})["visits"] for day in dates]
    yield f"  {chart(values)}  {dates[0]} to {dates[-1]}, at most {max(values):,} a day"
    if any(numbers.start.values()):
        yield f"  starting value: {some(numbers.start)}"
    for time, each in numbers.corrections.items():
        yield f"  correction {time[:16]} UTC: {some(each, '+')}: {each['why']}"


def some(numbers: Mapping[str, Any], sign: str = "") -> str:
    """Return "3 visits, 1 visitor"."""
    return ", ".join(plural(numbers[what], what.removesuffix("s"), sign) for what in NUMBERS)


def plural(number: int, noun: str, sign: str = "") -> str:
    return f"{number:{sign},} {noun}{'' if abs(number) == 1 else 's'}"


def chart(values: list[int]) -> str:
    """Return a bar for each value; a space for zero."""
    most = max(values) or 1
    return "".join(BARS[(value * len(BARS) - 1) // most] if value else " " for value in values)


def export(counters: Counters) -> None:
    """Write every day of every counter into build/export/."""
    read = {}
    for name in counters.declared:
        print(f"Reading {name} ...", flush=True)
        read[name] = counters.read(name)
    days = [
        Day(name, day, **numbers.days[day])
        for name, numbers in read.items()
        for day in sorted(numbers.days)
    ]
    corrections = {name: each.corrections for name, each in read.items() if each.corrections}
    for path in history_files.write(days, corrections, FOLDER):
        print(f"{path}: {plural(len(days), 'day')} of {plural(len(read), 'counter')}")


def import_file(counters: Counters) -> None:
    """Add the days of a file to the counters, after a confirmation."""
    file = os.environ.get("FILE", "")
    if not file:
        raise DeployError("Name the file: make import FILE=visits.csv COUNTER=resume")
    days = history_files.read(Path(file), os.environ.get("COUNTER", ""))
    corrections = history_files.corrections(Path(file))
    for name, its_days in history_files.by_counter(days):
        now = counters.read(name)
        counted = [day.date for day in its_days if counted_here(now, day.date)]
        span = f"{its_days[0].date} to {its_days[-1].date}"
        visits = sum(day.visits for day in its_days)
        print(f"{name}: {plural(len(its_days), 'day')}, {span}, {plural(visits, 'visit')}.")
        if again := sum(day.date in now.imported for day in its_days):
            print(f"  Imported before, and now replaced: {plural(again, 'day')}.")
        if found := corrections.get(name):
            print(f"  Imported, too: {plural(len(found), 'correction')}.")
        if counted:
            print(f"  Added to visits that were counted here: {plural(len(counted), 'day')}.")
    for name in corrections.keys() - dict(history_files.by_counter(days)):
        counters.read(name)
        print(f"{name}: no days, {plural(len(corrections[name]), 'correction')}.")
    confirm("Import these days? [y/N] ", "y")
    by_counter = dict(history_files.by_counter(days))
    for name in sorted(by_counter.keys() | corrections.keys()):
        if name in by_counter:
            counters.import_days(name, by_counter[name])
        for time, each in corrections.get(name, {}).items():
            counters.correct(name, time, each)
        print(f"{name} has {plural(counters.read(name).shown('visits'), 'visit')} now.")


def counted_here(numbers: Numbers, day: str) -> bool:
    nothing = {"visits": 0}
    return numbers.days.get(day, nothing)["visits"] > numbers.imported.get(day, nothing)["visits"]


def correct(counters: Counters) -> None:
    """Add an entry that changes the totals of a counter, after a confirmation."""
    name, why = os.environ.get("COUNTER", ""), os.environ.get("WHY", "").strip()
    if not name or not why:
        raise DeployError('Use it like this: make correct COUNTER=resume VISITS=-7000 WHY="bots"')
    changes = {what: whole(what.upper()) for what in NUMBERS}
    if not any(changes.values()):
        raise DeployError(WRONG_NUMBER.format(name="VISITS", text=os.environ.get("VISITS", "")))
    numbers = counters.read(name)
    for what, change in changes.items():
        total = numbers.shown(what)
        if total + change < 0:
            raise DeployError(BELOW_ZERO.format(name=name, total=total, what=what))
        if change:
            print(f"{name}: {total:,} {what} will become {total + change:,}.")
    confirm("Correct the totals? The days stay as they are. [y/N] ", "y")
    time = datetime.now(UTC).isoformat(timespec="microseconds")
    counters.correct(name, time, {**changes, "why": why})
    print("Corrected. The opposite numbers undo it; make counts lists it.")


def whole(name: str) -> int:
    text = os.environ.get(name, "0")
    try:
        return int(text)
    except ValueError:
        raise DeployError(WRONG_NUMBER.format(name=name, text=text)) from None


if __name__ == "__main__":
    main(sys.argv[1])
