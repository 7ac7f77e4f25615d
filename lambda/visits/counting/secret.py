"""The secret of a day, which keys the hashes of the day's visitors.

It is in a table of its own, because that table has no backups:

    day         secret           expires
    2026-11-23  32 random bytes  2026-11-24 00:10 UTC

All copies of the function share the secret of a day. After the day each copy forgets it, and
deletes it from the table; on a site without visits DynamoDB does so some time after `expires`.
Then it is impossible to compute the hash of an address again, or to find the address of a hash.
"""

import secrets
from datetime import UTC, date, datetime, time, timedelta

from visits.counting.memory import Memory
from visits.counting.table import Item, Table

DAY = timedelta(days=1)
# A secret lives so much longer than its day, for requests that arrived before midnight and are
# handled afterwards. API Gateway gives up on a request after 29 s, and AWS's clocks differ by less
# than a second. A secret that is deleted too early would count the visitors of its day twice.
GRACE = timedelta(minutes=10)


def of_day(now: datetime, table: Table, memory: Memory) -> bytes:
    """Return the secret of a request's day, and delete the secret whose day is over.

    Args:
        now: the time of the request in UTC. The clock of this machine plays no part.
        table: the table of the secrets.
    """
    forget((now - GRACE).date() - DAY, table, memory)
    today = now.date()
    if today not in memory.secrets:
        end = datetime.combine(today + DAY, time(), UTC) + GRACE
        item = table.get_or_create(
            key(today),
            {
                "secret": {"B": secrets.token_bytes(32)},
                "expires": {"N": str(int(end.timestamp()))},
            },
        )
        memory.secrets[today] = bytes(item["secret"]["B"])
        memory.deleted.discard(today)  # a clock that was a day ahead has been corrected
    return memory.secrets[today]


def forget(over: date, table: Table, memory: Memory) -> None:
    """Remove the secrets of a day and of those before it from memory, and its own from the table.

    Another copy of the function may have deleted it already. Each copy does so once, because the
    one that created the secret may not live until the end of its day.
    """
    for day in list(memory.secrets):  # the local stack runs several requests at once
        if day <= over:
            memory.secrets.pop(day, None)
    if over not in memory.deleted:
        table.delete(key(over))
        memory.deleted.add(over)


def key(day: date) -> Item:
    return {"day": {"S": day.isoformat()}}
