"""Simulate how many visits a second a counter holds: `make scale`.

It prints the simulated numbers of docs/scale.md, which lists the assumptions.
"""

from heapq import heappop, heappush
from itertools import count
from math import ceil
from random import Random
from typing import NamedTuple

from visits.counting.table import BUDGET

# A visit is one transaction of four writes, then one query. Two writes go to the visit's and the
# network's own partitions, and two to a shard: the items of the day and of the total.
SHARD_WRITES = 2
UNITS = 2  # for a write of up to 1 KB in a transaction, even if it is refused
ITEM_BYTES = 80  # of a shard's item
PARTITION_WRITES, PARTITION_READS = 1000, 3000  # units a second

TRANSACTION, QUERY = 0.010, 0.005  # seconds; assumptions
SECONDS, VISITS = 10, 10_000  # simulated, at least
ANSWERED, PATIENCE = 0.999, 1.0  # a rate holds if this share is answered in so many seconds
SHARDS = 1, 4, 10, 99


class Outcome(NamedTuple):
    """What happened to the visits of a simulation.

    Attributes:
        answered: share that was answered with the numbers within PATIENCE.
        refused: share that got 503 at the deadline.
        attempts: transactions for each visit.
        seconds: mean time in the function.
    """

    answered: float
    refused: float
    attempts: float
    seconds: float


class Bucket:
    """A token bucket that holds one second's worth of a limit."""

    def __init__(self, capacity: float = 1.0) -> None:
        self._capacity = self._left = capacity
        self._time = 0.0

    def take(self, now: float, share: float) -> bool:
        """Take a share of a second's units, unless they are used up."""
        left = self._left + (now - self._time) * self._capacity
        self._left, self._time = min(self._capacity, left), now
        if self._left < share:
            return False
        self._left -= share
        return True


def read_units(shards: int) -> int:
    """Return the read units of the query for one day and the totals."""
    return ceil(2 * shards * ITEM_BYTES / 4096)


def simulate(rate: float, shards: int, *, split: bool, seed: int = 1) -> Outcome:
    """Simulate visits that arrive at random at a mean rate a second.

    A transaction that meets another one on its shard is refused (TransactionConflict), and so is
    one for which the partition has no units left. Then the function pauses as in
    lambda/visits/counting/table.py and repeats the call, on the same shard, until its deadline.

    Args:
        split: whether DynamoDB has given each item a partition of its own, or all share one.
    """
    random = Random(seed)
    partitions = [Bucket() for _ in range(shards if split else 1)]
    readers = Bucket(2 * shards) if split else partitions[0]
    # Of the two partitions of a split shard, each gets one write; they fill up together.
    write = UNITS * (1 if split else SHARD_WRITES) / PARTITION_WRITES
    read = read_units(shards) / PARTITION_READS
    busy = [0.0] * shards
    order = count()
    events: list[tuple[float, int, str, float, int, int]] = []  # time, ..., arrival, shard, attempt

    def push(time: float, call: str, arrival: float, shard: int, attempt: int) -> None:
        heappush(events, (time, next(order), call, arrival, shard, attempt))

    def again(now: float, call: str, arrival: float, shard: int, attempt: int) -> bool:
        """Repeat a refused call after a pause; return False at the deadline."""
        pause = random.random() * min(0.025 * 2**attempt, 1.0)
        if now + pause > arrival + BUDGET:
            return False
        push(now + pause, call, arrival, shard, attempt + 1)
        return True

    arrival, total = random.expovariate(rate), 0
    while arrival < SECONDS or total < VISITS:
        push(arrival, "write", arrival, random.randrange(shards), 0)
        arrival, total = arrival + random.expovariate(rate), total + 1

    answered = refused = attempts = 0
    spent = 0.0
    while events:
        now, _, call, arrival, shard, attempt = heappop(events)
        if call == "write":
            attempts += 1
            units = partitions[shard % len(partitions)].take(now, write)
            accepted, end = units and busy[shard] <= now, now + TRANSACTION
            if accepted:
                busy[shard] = end
                push(end, "read", arrival, shard, 0)
        else:
            accepted, end = readers.take(now, read), now + QUERY
            if accepted:
                spent += end - arrival
                answered += end - arrival <= PATIENCE
        if not accepted and not again(end, call, arrival, shard, attempt):
            spent += end - arrival
            refused += 1
    return Outcome(answered / total, refused / total, attempts / total, spent / total)


def holds(shards: int, *, split: bool) -> int:
    """Return the highest rate that holds, to about 5 %."""
    low, high = 1.0, 1000.0 * shards
    while high / low > 1.05:  # noqa: PLR2004
        middle = (low * high) ** 0.5
        if simulate(middle, shards, split=split).answered >= ANSWERED:
            low = middle
        else:
            high = middle
    return rounded(low)


def rounded(number: float) -> int:
    """Round down to two significant digits."""
    step: int = 10 ** max(0, len(str(int(number))) - 2)
    return int(number) // step * step


def main() -> None:
    print("| shards | new counter | split counter |\n| ---: | ---: | ---: |")
    for shards in SHARDS:
        rates = (f"{holds(shards, split=split):,}" for split in (False, True))
        print(f"| {shards} | {' | '.join(rates)} |")
    for rate, shards, split in ((10, 4, False), (1000, 99, True)):
        outcome = simulate(rate, shards, split=split)
        copies = ceil(rate * outcome.seconds)
        print(f"{rate} visits a second: {outcome.attempts:.2f} transactions each, {copies} copies")


if __name__ == "__main__":
    main()
