"""Write docs/scale.md and its plot: how many visits a second a counter holds, and what stops it.

The numbers come from AWS's published limits and from a simulation of them. What the simulation
assumes is in the constants below, and the page lists it.
"""

from heapq import heappop, heappush
from itertools import count
from math import ceil
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from benchmarks import plot
from contract.repository import ROOT
from release import cost
from visits.counting.table import BUDGET

PAGE, PLOT = ROOT / "docs" / "scale.md", ROOT / "docs" / "scale.svg"
TEMPLATE = Path(__file__).with_name("scale.md.in")

# A visit is one transaction of four writes, then one query. Two writes go to the visit's and the
# network's own partitions, and two to a shard: the items of the day and of the total.
WRITES, SHARD_WRITES = 4, 2
UNITS = 2  # for a write of up to 1 KB in a transaction, even if it is refused
ITEM_BYTES = 80  # of a shard's item
PARTITION_WRITES, PARTITION_READS = 1000, 3000  # units a second
NEW_TABLE_WRITES, NEW_TABLE_READS = 4000, 12_000
TABLE_QUOTA = 40_000
GATEWAY_QUOTA = 10_000  # requests a second
CONCURRENCY = 1000
REQUESTS_PER_CONCURRENCY = 10  # a second

TRANSACTION, QUERY = 0.010, 0.005  # seconds; assumptions
SECONDS, VISITS = 10, 10_000  # simulated, at least
ANSWERED, PATIENCE = 0.999, 1.0  # a rate holds if this share is answered in so many seconds

SHARDS = 1, 4, 10, 99
RATES = 10, 1000, 100_000
MONTH = 30 * cost.DAY


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


def price(rate: float, shards: int, attempts: float) -> float:
    """Return the dollars for a million visits, in a month in which all arrive at this rate."""
    defaults = cost.terraform("variables.tf", "variable")
    usage = {
        "gateway": 1,
        "lambda_requests": 1,
        "lambda_seconds": defaults["memory"]["default"] / 1024 * cost.SECONDS,
        "logs": (cost.ACCESS_LOG_BYTES + cost.FUNCTION_LOG_BYTES) / cost.GB,
        "traffic": cost.RESPONSE_BYTES / cost.GB,
        "dynamodb_writes": WRITES * UNITS * attempts,
        "dynamodb_reads": read_units(shards),
    }
    month = rate * MONTH
    return cost.total(cost.times(usage, month)) / month * 1e6


def limits() -> dict[str, Any]:
    """Return what the page shows of the published limits and of the prices."""
    units = {shards: read_units(shards) for shards in SHARDS}
    return {
        "write_units": WRITES * UNITS,
        "shard_units": SHARD_WRITES * UNITS,
        "read_units": units,
        "partition": {
            shards: rounded(1 / (SHARD_WRITES * UNITS / PARTITION_WRITES + each / PARTITION_READS))
            for shards, each in units.items()
        },
        "midnight": PARTITION_WRITES // UNITS,
        "new_table": rounded(1 / (WRITES * UNITS / NEW_TABLE_WRITES + units[10] / NEW_TABLE_READS)),
        "table": TABLE_QUOTA // (WRITES * UNITS),
        "gateway": GATEWAY_QUOTA,
        "concurrency": CONCURRENCY,
        "lambda": CONCURRENCY * REQUESTS_PER_CONCURRENCY,
        "new_account": 10 * REQUESTS_PER_CONCURRENCY,
        "throttle": cost.terraform("variables.tf", "variable")["visit_throttle"]["default"],
        "milliseconds": {"transaction": TRANSACTION * 1000, "query": QUERY * 1000},
        "budget": BUDGET,
        "visits": VISITS,
        "needed_writes": RATES[2] * WRITES * UNITS,
        "hour": 3600 * RATES[2] / 1e6 * price(RATES[2], 99, 1),
    }


def simulated() -> dict[str, Any]:
    """Return what the page shows of the simulation."""
    at = {
        10: simulate(10, 4, split=False),
        1000: simulate(1000, 99, split=True),
    }
    return {
        "one": {shards: holds(shards, split=False) for shards in SHARDS},
        "split": {shards: holds(shards, split=True) for shards in SHARDS},
        "attempts": {rate: outcome.attempts for rate, outcome in at.items()},
        "copies": {rate: ceil(rate * outcome.seconds) for rate, outcome in at.items()},
        "dollars": {
            10: price(10, 4, at[10].attempts),
            1000: price(1000, 99, at[1000].attempts),
            100_000: price(100_000, 99, 1),
        },
    }


def draw() -> str:
    """Return the plot: visits a second that arrive, and those that are answered in time."""
    curves = {
        "1 shard": (1, True),
        "10 shards": (10, True),
        "99, one partition": (99, False),
        "99 shards": (99, True),
    }
    series = {}
    for name, (shards, split) in curves.items():
        rates = [10 ** (step / 6) for step in range(25) if 10 ** (step / 6) <= 200 * shards]
        series[name] = [(r, r * simulate(r, shards, split=split).answered) for r in rates]
    return plot.lines(
        series,
        "visits that arrive in a second",
        "visits answered within one second",
        "Each shard on partitions of its own, unless the label says otherwise.",
    )


def page() -> str:
    return TEMPLATE.read_text().format_map(limits() | simulated())


if __name__ == "__main__":
    PAGE.write_text(page())
    PLOT.write_text(draw())
    print(f"Written: {PAGE.relative_to(ROOT)}, {PLOT.relative_to(ROOT)}")
