"""A counter in DynamoDB: each visit counts once, numbers are spread over shards.

pk                 sk                 content
visit#<visitId>    <counter>          a visit that was counted, until `expires`
network#<hash>     2026-11-23         see network.py
counter#<counter>                     see counting/items.py
"""

from datetime import date, datetime, timedelta
from random import randrange
from typing import Any

from visits.counting import network
from visits.counting.items import TOTAL, Sums, key, partition
from visits.counting.memory import Memory
from visits.counting.table import Table
from visits.counting.visitor import Visitor
from visits.settings import DeclaredCounter

# The contract promises 24 hours. One more hour allows for clocks that differ.
VISIT_REMEMBERED = timedelta(hours=25)
VISIT, NETWORK = 0, 1  # positions in the transaction of a visit

Item = dict[str, Any]


class Counter:
    """A declared counter at the time of one request.

    Args:
        declared: has its totals before it was counted here.
        shards: over how many items new counts are spread.
        visit_cap: how many visits of one network count on a day; 0 for any number.
        now: the time of the request in UTC. Its date is the day that is counted.
    """

    def __init__(
        self,
        counter_id: str,
        declared: DeclaredCounter,
        shards: int,
        visit_cap: int,
        table: Table,
        memory: Memory,
        now: datetime,
    ) -> None:
        self.today = now.date()
        self._id = counter_id
        self._declared = declared
        self._shards = shards
        self._visit_cap = visit_cap
        self._table = table
        self._memory = memory
        self._now = now

    def record(self, visit_id: str, visitor: Visitor) -> str | None:
        """Count a visit, and its visitor unless today's visits include one by that visitor.

        Returns:
            None if the visit was counted. Otherwise nothing is written, and this is the
            contract's reason: `replayed` or `capped`.
        """
        guess = self._memory.remembers(visitor)
        # DynamoDB refuses a wrong guess. The third transaction is for a new browser whose
        # other request is counted after the first one.
        for known in (guess, not guess, guess):
            failed = self._table.transact(
                self._build_record(visit_id),
                network.build_update(visitor, self.today, self._visit_cap, known=known),
                *self._build_increments(visitors=0 if known else 1),
            )
            if not failed:
                self._memory.remember(visitor)
                return None
            if VISIT in failed:
                return "replayed"
            if network.is_capped(failed[NETWORK], self._visit_cap):
                break
        return "capped"

    def read(self) -> dict[str, Any]:
        """Return the contract's Counter. It includes every visit that was answered before."""
        sums = self._sums_since(self.today)
        total = sums.total(self._declared)
        return {
            "counterId": self._id,
            "visits": max(0, total["visits"]),
            "visitors": max(0, total["visitors"]),
            "today": {"date": self.today.isoformat(), **sums.of(self.today.isoformat())},
        }

    def history(self, days: int) -> dict[str, Any]:
        """Return the contract's History: one entry for each day, today last."""
        dates = [self.today - timedelta(days=ago) for ago in reversed(range(days))]
        sums = self._sums_since(dates[0])
        entries = [{"date": day, **sums.of(day)} for day in map(date.isoformat, dates)]
        return {"counterId": self._id, "days": entries}

    def _sums_since(self, day: date) -> Sums:
        return Sums(self._table.query(partition(self._id), day.isoformat()))

    def _build_record(self, visit_id: str) -> Item:
        """Build an Update that fails if the visit is recorded and the record has not expired.

        DynamoDB deletes an item up to days after `expires`, so its presence alone says nothing.
        """
        return {
            "Update": {
                "Key": {"pk": {"S": f"visit#{visit_id}"}, "sk": {"S": self._id}},
                "UpdateExpression": "SET expires = :expires",
                "ConditionExpression": "attribute_not_exists(pk) OR expires < :now",
                "ExpressionAttributeValues": {
                    ":expires": {"N": str(int((self._now + VISIT_REMEMBERED).timestamp()))},
                    ":now": {"N": str(int(self._now.timestamp()))},
                },
            }
        }

    def _build_increments(self, visitors: int) -> list[Item]:
        """Build Updates that add one visit, and 0 or 1 visitors, to today and to the totals.

        Both use the same random shard, so that two visits conflict in both or in none.
        """
        shard = randrange(self._shards)
        return [
            {
                "Update": {
                    "Key": key(self._id, kind, shard),
                    "UpdateExpression": "ADD visits :visits, visitors :visitors",
                    "ExpressionAttributeValues": {
                        ":visits": {"N": "1"},
                        ":visitors": {"N": str(visitors)},
                    },
                }
            }
            for kind in (self.today.isoformat(), TOTAL)
        ]
