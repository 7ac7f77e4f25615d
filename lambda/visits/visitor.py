"""Who is visiting: a person, and which one today, or nobody who wants to be counted."""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from visits.message import Request
from visits.table import Table

TESTS = "smoke"  # the counter that belongs to the tests, which are programs
SECRET = {"pk": {"S": "secret"}, "sk": {"S": "today"}}


def reason_not_to_count(request: Request) -> str | None:
    """The contract's reason why nobody is counted for this request, if there is one."""
    if request.headers.get("Sec-GPC") == "1":  # https://www.w3.org/TR/gpc/
        return "opted-out"
    if request.headers.get("Sec-Purpose", "").startswith("prefetch"):
        return "prefetch"
    if request.counter_id != TESTS and is_bot(request.headers.get("User-Agent", "")):
        return "bot"
    return None


@lru_cache(maxsize=1024)
def is_bot(user_agent: str) -> bool:
    """Whether the maintained list crawler-user-agents knows this one."""
    return bool(crawlers().search(user_agent))


@cache
def crawlers() -> re.Pattern[str]:
    # curl is on the list, and it is how the README lets people try the API.
    patterns = (crawler["pattern"] for crawler in CRAWLER_USER_AGENTS_DATA)
    return re.compile("|".join(pattern for pattern in patterns if pattern != "^curl"))


def person(request: Request, table: Table) -> str:
    """The same for one person on one counter all day (UTC), and meaningless afterwards.

    The table holds nothing from which the address or the browser could be computed once
    the day's secret is gone: the next day's first visit overwrites it, and on a site
    that nobody visits DynamoDB deletes it. Backups keep it for as long as they last, which
    is 35 days for point-in-time recovery; see docs/operations.md.
    """
    address = request.context["identity"]["sourceIp"]
    browser = request.headers.get("User-Agent", "")
    today = request.time.date()
    # A request from just before midnight may get the next day's secret; hence the day.
    who = f"{today}\n{address}\n{browser}\n{request.counter_id}"
    return hmac.new(secret(table, today), who.encode(), hashlib.sha256).hexdigest()


def secret(table: Table, today: date) -> bytes:
    """The day's random secret, the same for all who ask, made by the first."""
    if today not in _secrets:
        make(table, today)
        [item] = table.query("secret")
        _secrets.clear()
        _secrets[today] = bytes(item["key"]["B"])
    return _secrets[today]


_secrets: dict[date, bytes] = {}


def make(table: Table, today: date) -> None:
    """Replace the secret of an earlier day, if nobody else has."""
    expires = datetime.combine(today, time(), UTC) + timedelta(days=2)
    table.transact(
        {
            "Put": {
                "Item": {
                    **SECRET,
                    "day": {"S": today.isoformat()},
                    "key": {"B": secrets.token_bytes(32)},
                    "expires": {"N": str(int(expires.timestamp()))},
                },
                "ConditionExpression": "attribute_not_exists(pk) OR #day < :today",
                "ExpressionAttributeNames": {"#day": "day"},
                "ExpressionAttributeValues": {":today": {"S": today.isoformat()}},
            }
        },
    )
