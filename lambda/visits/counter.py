"""Counters in DynamoDB: exactly once, spread over items, thirty days by day.

    pk                 sk         what
    counter#<counter>  0..99      a shard of the totals: visits, visitors, and the same by
                                  day as v20261122 and p20261122. Short names keep an item
                                  under 1 KB, which is one write unit.
    visit#<visitId>    <counter>  a visit that counted, until `expires`
    person#<hmac>      <counter>  somebody who was here today, until `expires`
    secret             today      see visitor.py

Shards of one counter share a partition key, so that one query reads them all; DynamoDB
divides a busy partition between them by itself:
https://aws.amazon.com/blogs/database/part-3-scaling-dynamodb-how-partitions-hot-keys-and-split-for-heat-impact-performance/
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from random import randrange
from typing import Any

from visits.problem import Problem
from visits.settings import Settings, Start
from visits.table import Table

HISTORY_DAYS = 30
# The contract promises 24 hours; the extra one is for clocks that differ.
VISIT_REMEMBERED = timedelta(hours=25)
PERSON_REMEMBERED = timedelta(days=2)
NEW = "attribute_not_exists(pk) OR expires < :now"  # DynamoDB deletes days after `expires`

Item = dict[str, Any]


class Counters:
    """The declared counters, for the length of one request.

    Raises:
        Problem: `unknown-counter`, from every method, before anything is written.
        StoreUnavailable: DynamoDB did not answer in time. Repeating is safe.
    """

    def __init__(self, settings: Settings, table: Table) -> None:
        self._settings = settings
        self._table = table

    def start(self, counter_id: str) -> Start:
        """What a declared counter stood at before it was counted here."""
        if counter_id not in self._settings.counters:
            raise Problem("unknown-counter", "Declare the counter first, or correct its name.")
        return self._settings.counters[counter_id]

    def record(self, counter_id: str, visit_id: str, person: str, now: datetime) -> bool:
        """Count a visit; False when it had been counted before.

        Args:
            person: who it is for the rest of this day; see visitor.person.
            now: the time of the visit in UTC; its date is the day that is counted.
        """
        self.start(counter_id)
        visit = remember(f"visit#{visit_id}", counter_id, now, VISIT_REMEMBERED)
        somebody = remember(f"person#{person}", counter_id, now, PERSON_REMEMBERED)
        failed = self._table.transact(visit, self._raise(counter_id, now, 1), somebody)
        if failed == {2}:  # here before today: count the visit alone
            failed = self._table.transact(visit, self._raise(counter_id, now, 0))
        return not failed

    def read(self, counter_id: str, today: date) -> dict[str, Any]:
        """The contract's Counter, with every visit that was answered before."""
        start = self.start(counter_id)
        shards = self._shards(counter_id)
        return {
            "counterId": counter_id,
            "visits": start.visits + total(shards, "visits"),
            "visitors": start.visitors + total(shards, "visitors"),
            "today": on(today, shards),
        }

    def history(self, counter_id: str, today: date, days: int) -> dict[str, Any]:
        """The contract's History: `days` entries, the last one for today."""
        self.start(counter_id)
        shards = self._shards(counter_id)
        dates = [today - timedelta(days=ago) for ago in reversed(range(days))]
        return {"counterId": counter_id, "days": [on(day, shards) for day in dates]}

    def _shards(self, counter_id: str) -> list[Item]:
        return self._table.query(f"counter#{counter_id}")

    def _raise(self, counter_id: str, now: datetime, visitors: int) -> Item:
        shard = str(randrange(self._settings.shards))
        return {
            "Update": {
                "Key": {"pk": {"S": f"counter#{counter_id}"}, "sk": {"S": shard}},
                "UpdateExpression": update_expression(now.date()),
                "ExpressionAttributeValues": {":v": {"N": "1"}, ":p": {"N": str(visitors)}},
            }
        }


def remember(pk: str, sk: str, now: datetime, duration: timedelta) -> Item:
    """A write that fails while the same is still remembered."""
    expires = str(int((now + duration).timestamp()))
    return {
        "Put": {
            "Item": {"pk": {"S": pk}, "sk": {"S": sk}, "expires": {"N": expires}},
            "ConditionExpression": NEW,
            "ExpressionAttributeValues": {":now": {"N": str(int(now.timestamp()))}},
        }
    }


@lru_cache(maxsize=2)
def update_expression(today: date) -> str:
    """Raise the totals and today's, and drop the month before the history."""
    gone = (today - timedelta(days=HISTORY_DAYS + ago) for ago in range(30))
    old = ", ".join(f"v{day:%Y%m%d}, p{day:%Y%m%d}" for day in gone)
    return f"ADD visits :v, visitors :p, v{today:%Y%m%d} :v, p{today:%Y%m%d} :p REMOVE {old}"


def on(day: date, shards: list[Item]) -> dict[str, Any]:
    """The contract's Totals of one day."""
    return {
        "date": day.isoformat(),
        "visits": total(shards, f"v{day:%Y%m%d}"),
        "visitors": total(shards, f"p{day:%Y%m%d}"),
    }


def total(shards: list[Item], name: str) -> int:
    return sum(int(shard[name]["N"]) for shard in shards if name in shard)
