"""Decides whether to count a request, and derives the visitor's ID for the day."""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from visits.message import Request
from visits.table import Table

TESTS = "smoke"  # the counter of the tests, whose browsers are bots
SECRET = {"pk": {"S": "secret"}, "sk": {"S": "today"}}


def reason_not_to_count(request: Request) -> str | None:
    """Return the contract's reason why this request is not counted; None if it is."""
    if request.headers.get("Sec-GPC") == "1":  # https://www.w3.org/TR/gpc/
        return "opted-out"
    if request.headers.get("Sec-Purpose", "").startswith("prefetch"):
        return "prefetch"
    if request.counter_id != TESTS and is_bot(request.headers.get("User-Agent", "")):
        return "bot"
    return None


@lru_cache(maxsize=1024)
def is_bot(user_agent: str) -> bool:
    """Return whether the maintained list crawler-user-agents contains this user agent."""
    return bool(crawlers().search(user_agent))


@cache
def crawlers() -> re.Pattern[str]:
    # The list contains curl, which the README uses to try the API.
    patterns = (crawler["pattern"] for crawler in CRAWLER_USER_AGENTS_DATA)
    return re.compile("|".join(pattern for pattern in patterns if pattern != "^curl"))


def daily_id(request: Request, today: date, table: Table) -> str:
    """Return an ID of the visitor that is the same on one counter during one day (UTC).

    It is an HMAC under the day's secret. Without the secret, no one can compute the address
    or the browser from it. The first visit of the next day overwrites the secret; on a site
    without visits DynamoDB deletes it. Backups keep it for as long as they exist, which is
    35 days for point-in-time recovery; see docs/operations.md.
    """
    address = request.context["identity"]["sourceIp"]
    browser = request.headers.get("User-Agent", "")
    # Just after midnight a late request of the last day gets the new day's secret. The date
    # in the message keeps the two days' IDs apart.
    message = f"{today}\n{address}\n{browser}\n{request.counter_id}"
    return hmac.new(daily_secret(table, today), message.encode(), hashlib.sha256).hexdigest()


def daily_secret(table: Table, today: date) -> bytes:
    """Return the day's random secret, which all copies of the function share."""
    if today not in _secrets:
        replace_secret(table, today)
        [item] = table.query("secret")
        _secrets.clear()
        _secrets[today] = bytes(item["key"]["B"])
    return _secrets[today]


_secrets: dict[date, bytes] = {}


def replace_secret(table: Table, today: date) -> None:
    """Replace the secret of an earlier day, unless another copy of the function has done so."""
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
