"""Compare the stored totals of a counter with the sum of its days."""

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from release import account
from release.github import runner
from visits.counting.items import ALL_DAYS, NUMBERS, TOTAL, Item, Sums, partition
from visits.counting.table import StoreUnavailable, Table

SECONDS = 20.0  # for one query or transaction
DIFFER = "The total of {counter} is wrong: {excess} more than the sum of its days. Correct it: \
make repair COUNTER={counter}"

UNKNOWN = "The totals were not compared with the days. If a permission is missing, run make \
bootstrap: {error}"


def compare(outputs: Mapping[str, str]) -> list[str]:
    """Return a line for each declared counter whose total is wrong."""
    client = boto3.client("dynamodb", region_name=outputs["region"])
    try:
        found = {
            name: lasting_excess(client, outputs["table_name"], name) for name in account.counters()
        }
    except (BotoCoreError, ClientError, StoreUnavailable) as error:
        runner.say(UNKNOWN.format(error=error), "warning")
        return []
    return [describe(name, excess) for name, excess in found.items() if any(excess.values())]


def read(client: Any, table: str, counter: str) -> list[Item]:
    """Return all items of a counter."""
    return Table(client, table, SECONDS).query(partition(counter), ALL_DAYS)


def excess(sums: Sums) -> dict[str, int]:
    """Return how much more the stored totals are than the sum of the days."""
    days = [sums.of(day) for day in sums.dates()]
    return {name: sums.of(TOTAL)[name] - sum(day[name] for day in days) for name in NUMBERS}


def lasting_excess(client: Any, table: str, counter: str) -> dict[str, int]:
    """Return what excess() returns, if two readings agree on it; otherwise zeros.

    A reading may have a visit that is counted meanwhile in one of the two and not in the other.
    """
    found = [excess(Sums(read(client, table, counter))) for _ in range(2)]
    return found[0] if found[0] == found[1] else dict.fromkeys(NUMBERS, 0)


def describe(counter: str, excess: dict[str, int]) -> str:
    """Return one line that names a counter, its excess and the command that corrects it."""
    more = ", ".join(f"{number:+,} {name}" for name, number in excess.items() if number)
    return DIFFER.format(counter=counter, excess=more)
