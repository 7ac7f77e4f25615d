"""A counter in DynamoDB: each visit counts once, totals are spread over shards.

    pk                 sk         content
    counter#<counter>  0..99      a shard of the totals: visits, visitors, and the same for
                                  each day as v20261122 and p20261122. Short names keep an
                                  item under 1 KB, which is one write unit.
    visit#<visitId>    <counter>  a visit that was counted, until `expires`
    person#<hmac>      <counter>  a visitor of today, until `expires`
    secret             today      see visitor.py

The shards of a counter share a partition key, so that one query reads them all. DynamoDB
splits a busy partition between them automatically:
https://aws.amazon.com/blogs/database/part-3-scaling-dynamodb-how-partitions-hot-keys-and-split-for-heat-impact-performance/
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from random import randrange
from typing import Any

from visits.settings import StartingValue
from visits.table import Table

HISTORY_DAYS = 30
# The contract promises 24 hours. One more hour allows for clocks that differ.
VISIT_REMEMBERED = timedelta(hours=25)
PERSON_REMEMBERED = timedelta(days=2)

Item = dict[str, Any]


class Counter:
    """A declared counter at the time of one request.

    Args:
        starting_value: its totals before it was counted here.
        shards: over how many items new counts are spread.
        now: the time of the request in UTC. Its date is the day that is counted.
    """

    def __init__(
        self,
        counter_id: str,
        starting_value: StartingValue,
        shards: int,
        table: Table,
        now: datetime,
    ) -> None:
        self.today = now.date()
        self._id = counter_id
        self._starting_value = starting_value
        self._shards = shards
        self._table = table
        self._now = now

    def record(self, visit_id: str, visitor_id: str) -> bool:
        """Count a visit, and its visitor unless today's visits include one by that visitor.

        Returns:
            False if the visit was counted before. Then nothing is written.
        """
        visit = self._put_once(f"visit#{visit_id}", VISIT_REMEMBERED)
        person = self._put_once(f"person#{visitor_id}", PERSON_REMEMBERED)
        failed = self._table.transact(visit, self._increment(visitors=1), person)
        if failed == {2}:  # only the visitor is known: count the visit alone
            failed = self._table.transact(visit, self._increment(visitors=0))
        return not failed

    def read(self) -> dict[str, Any]:
        """Return the contract's Counter. It includes every visit that was answered before."""
        shards = self._read_shards()
        return {
            "counterId": self._id,
            "visits": self._starting_value.visits + total(shards, "visits"),
            "visitors": self._starting_value.visitors + total(shards, "visitors"),
            "today": totals_of(self.today, shards),
        }

    def history(self, days: int) -> dict[str, Any]:
        """Return the contract's History: one entry for each day, today last."""
        shards = self._read_shards()
        dates = [self.today - timedelta(days=ago) for ago in reversed(range(days))]
        return {"counterId": self._id, "days": [totals_of(day, shards) for day in dates]}

    def _read_shards(self) -> list[Item]:
        return self._table.query(f"counter#{self._id}")

    def _increment(self, visitors: int) -> Item:
        """Build an Update that adds one visit, and 0 or 1 visitors, to a random shard."""
        shard = str(randrange(self._shards))
        return {
            "Update": {
                "Key": {"pk": {"S": f"counter#{self._id}"}, "sk": {"S": shard}},
                "UpdateExpression": update_expression(self.today),
                "ExpressionAttributeValues": {":v": {"N": "1"}, ":p": {"N": str(visitors)}},
            }
        }

    def _put_once(self, pk: str, duration: timedelta) -> Item:
        """Build a Put that fails if the item exists and has not expired.

        DynamoDB deletes an item up to days after `expires`, so its presence alone says nothing.
        """
        expires = str(int((self._now + duration).timestamp()))
        return {
            "Put": {
                "Item": {"pk": {"S": pk}, "sk": {"S": self._id}, "expires": {"N": expires}},
                "ConditionExpression": "attribute_not_exists(pk) OR expires < :now",
                "ExpressionAttributeValues": {":now": {"N": str(int(self._now.timestamp()))}},
            }
        }


@lru_cache(maxsize=2)
def update_expression(today: date) -> str:
    """Increment the totals and today's totals, and remove the 30 days before the history."""
    past = (today - timedelta(days=HISTORY_DAYS + ago) for ago in range(30))
    old = ", ".join(f"v{day:%Y%m%d}, p{day:%Y%m%d}" for day in past)
    return f"ADD visits :v, visitors :p, v{today:%Y%m%d} :v, p{today:%Y%m%d} :p REMOVE {old}"


def totals_of(day: date, shards: list[Item]) -> dict[str, Any]:
    """Return the contract's Totals of one day."""
    return {
        "date": day.isoformat(),
        "visits": total(shards, f"v{day:%Y%m%d}"),
        "visitors": total(shards, f"p{day:%Y%m%d}"),
    }


def total(shards: list[Item], name: str) -> int:
    """Add up one attribute of all shards."""
    return sum(int(shard[name]["N"]) for shard in shards if name in shard)
