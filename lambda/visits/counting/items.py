"""The items of a counter, and what they add up to. The function and the owner's commands use it.

    pk                 sk                 content
    counter#<counter>  2026-11-23#0       visits and visitors of a day, one item for each shard
    counter#<counter>  2026-11-23#import  added_visits and added_visitors: the owner's import
    counter#<counter>  correction#<time>  added_visits and added_visitors, which may be negative
    counter#<counter>  total#0            visits and visitors of all days, one item for each shard
    counter#<counter>  total#import       added_visits and added_visitors of all days

Digits sort before letters, so one query from a day onwards returns the days since then, the
corrections and the totals. Days are never deleted. A write that changes a day changes a total in
the same transaction.

The owner's items have attributes of their own, which the function's role may not write: see
terraform/iam.tf.

The items of a counter share a partition key. DynamoDB splits a busy partition between them
automatically:
https://aws.amazon.com/blogs/database/part-3-scaling-dynamodb-how-partitions-hot-keys-and-split-for-heat-impact-performance/
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from visits.settings import DeclaredCounter

NUMBERS = ("visits", "visitors")
ADDED = ("added_visits", "added_visitors")
ALL_DAYS = "0"  # sorts before each day
TOTAL, CORRECTION = "total", "correction"  # kinds of items; the kind of a day's items is its date
IMPORT = "import"  # the part of a day or of the total that the owner has imported

NOTHING = dict.fromkeys((*NUMBERS, *ADDED), 0)

Item = dict[str, Any]


def partition(counter_id: str) -> str:
    return f"counter#{counter_id}"


def key(counter_id: str, kind: str, part: object) -> Item:
    return {"pk": {"S": partition(counter_id)}, "sk": {"S": f"{kind}#{part}"}}


def split(item: Mapping[str, Any]) -> tuple[str, str]:
    """Return the kind and the part that key() has put into an item."""
    kind, _, part = item["sk"]["S"].partition("#")
    return kind, part


class Sums:
    """The sums of a counter's items by kind, over shards, imports and corrections."""

    def __init__(self, items: Iterable[Mapping[str, Any]]) -> None:
        sums: defaultdict[str, dict[str, int]] = defaultdict(NOTHING.copy)
        for item in items:
            kind = sums[split(item)[0]]
            for name in kind.keys() & item:
                kind[name] += int(item[name]["N"])
        self._sums = sums

    def of(self, kind: str) -> dict[str, int]:
        """Return the visits and visitors of a day or of all days."""
        sums = self._sums.get(kind, NOTHING)
        return {name: sums[name] + sums[added] for name, added in zip(NUMBERS, ADDED, strict=True)}

    def total(self, start: DeclaredCounter) -> dict[str, int]:
        """Return the starting value, all days and all corrections. It may be below zero.

        Of corrections only the attributes count that the function's role may not write.
        """
        days, corrections = self.of(TOTAL), self._sums.get(CORRECTION, NOTHING)
        return {
            name: getattr(start, name) + days[name] + corrections[added]
            for name, added in zip(NUMBERS, ADDED, strict=True)
        }

    def dates(self) -> Iterator[str]:
        """Yield the days that have items, in no order."""
        yield from self._sums.keys() - {TOTAL, CORRECTION}
