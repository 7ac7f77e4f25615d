"""The item of a network: its browsers of today, and its number of visits.

    pk              sk          content
    network#<hash>  2026-11-23  browsers: short hashes; visits; expires

A network is an IPv4 address or an IPv6 /64 prefix, on one counter and day; see visitor.py.
The condition of one write recognises a browser and holds the daily cap. The hash contains
the day, so an item that has expired is never found again, deleted or not.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from visits.counting.visitor import Visitor

# 100 hashes of 8 bytes keep the item below 1 KB, which is one write unit. A further browser of
# this network is taken for a known one: its visits are counted, but it is not a visitor.
MOST_BROWSERS = 100
NO_CAP = 10**12
# A late request of the day still finds the item.
REMEMBERED = timedelta(hours=25)

KNOWN = "(contains(browsers, :browser) OR size(browsers) = :most)"

Item = dict[str, Any]


def build_update(visitor: Visitor, today: date, cap: int, *, known: bool) -> Item:
    """Build an Update that adds a visit, and the browser unless it is known.

    It fails if `known` is wrong, or if the network has made `cap` visits today.

    Args:
        cap: 0 for none.
    """
    values: Item = {
        ":one": {"N": "1"},
        ":browser": {"B": visitor.browser},
        ":most": {"N": str(MOST_BROWSERS)},
        ":cap": {"N": str(cap or NO_CAP)},
    }
    if known:
        condition = f"{KNOWN} AND visits < :cap"
        update = "ADD visits :one"
    else:
        condition = f"attribute_not_exists(pk) OR (NOT {KNOWN} AND visits < :cap)"
        update = "ADD visits :one, browsers :browsers SET expires = :expires"
        expires = datetime.combine(today, time(), UTC) + REMEMBERED
        values |= {
            ":browsers": {"BS": [visitor.browser]},
            ":expires": {"N": str(int(expires.timestamp()))},
        }
    return {
        "Update": {
            "Key": {"pk": {"S": f"network#{visitor.network}"}, "sk": {"S": today.isoformat()}},
            "UpdateExpression": update,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def is_capped(item: Item, cap: int) -> bool:
    """Return whether a network's item has reached the cap. An empty item is one without visits."""
    return bool(cap and item and int(item["visits"]["N"]) >= cap)
