"""Write docs/cost.md from the template cost.md.in, with every number computed from prices.toml."""

import tomllib
from math import ceil
from pathlib import Path
from typing import Any

import hcl2
import yaml

from contract.repository import ROOT

PAGE = ROOT / "docs" / "cost.md"
HERE = Path(__file__).parent
PRICES: dict[str, dict[str, Any]] = tomllib.loads((HERE / "prices.toml").read_text())

# What one request uses. These are assumptions; the page lists them.
# A transaction costs two write units for each item of up to 1 KB, even if a condition refuses it.
# tests/visits/test_units.py measures these units.
VISIT = 4 * 2  # the visit, its network, today, the totals
FORGOTTEN = 2 * VISIT  # refused, then repeated, since this copy of the function did not remember
HISTORY_ITEM_BYTES = 60  # of a day and shard
LONGEST_HISTORY = 366  # days
SECONDS = 0.03  # of the function
ACCESS_LOG_BYTES = 350
FUNCTION_LOG_BYTES = 650
RESPONSE_BYTES = 1000  # body and headers
SCRIPT_BYTES = 5000  # the same, of an element's script
STORED_BYTES = 200  # a visit and its network, until DynamoDB deletes them
STORED_DAYS = 3  # about one until they expire, and up to two more until they are deleted

GB = 1e9
DAY = 86_400  # seconds
MONTH_DAYS = 30

Usage = dict[str, float]  # units of each price


def price(usage: Usage, *, free: bool = False) -> dict[str, float]:
    """Return the dollars for each price, with or without the free units of a month."""
    dollars = {}
    for name, amount in usage.items():
        row = PRICES[name]
        billed = max(0, amount - row.get("free", 0)) if free else amount
        above = max(
            0, billed - row.get("above", billed)
        )  # units at the lower price, if there is one
        lower = row.get("usd_above", row["usd"])
        dollars[name] = ((billed - above) * row["usd"] + above * lower) / row["per"]
    return dollars


def total(usage: Usage, *, free: bool = False) -> float:
    return sum(price(usage, free=free).values())


def times(usage: Usage, factor: float) -> Usage:
    return {name: amount * factor for name, amount in usage.items()}


def add(usages: list[Usage]) -> Usage:
    """Return the sum of several usages."""
    names = dict.fromkeys(name for usage in usages for name in usage)
    return {name: sum(usage.get(name, 0) for usage in usages) for name in names}


def terraform(name: str, kind: str) -> dict[str, Any]:
    """Return all blocks of one kind, merged, from a file of the Terraform configuration."""
    options = hcl2.SerializationOptions(strip_string_quotes=True, explicit_blocks=False)
    text = (ROOT / "terraform" / name).read_text()
    blocks = hcl2.loads(text, serialization_options=options)[kind]
    return {key: value for block in blocks for key, value in block.items()}


def numbers() -> dict[str, Any]:
    """Compute everything that the template refers to."""
    defaults = {k: v.get("default") for k, v in terraform("variables.tf", "variable").items()}
    contract = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    gb = defaults["memory"] / 1024

    # What API Gateway answers alone, and each kind of request to the function.
    mock = {"gateway": 1, "logs": ACCESS_LOG_BYTES / GB, "traffic": RESPONSE_BYTES / GB}
    health = mock | {
        "lambda_requests": 1,
        "lambda_seconds": gb * SECONDS,
        "logs": (ACCESS_LOG_BYTES + FUNCTION_LOG_BYTES) / GB,
    }
    read = health | {"dynamodb_reads": 1}  # one strongly consistent query of up to 4 KB
    visit = read | {"dynamodb_writes": VISIT}
    forgotten = read | {"dynamodb_writes": FORGOTTEN}
    year = LONGEST_HISTORY * HISTORY_ITEM_BYTES * defaults["shards"]
    history = read | {"dynamodb_reads": ceil(year / 4096)}  # a read unit is 4 KB

    # The throttle applies to each method of the stage separately.
    operations = [
        operation
        for item in contract["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "x-amazon-apigateway-integration" in operation
    ]
    functions = [
        operation
        for operation in operations
        if operation["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
    ]
    mocks = len(operations) - len(functions)
    day = defaults["throttle"]["rate"] * DAY
    visits_day = defaults["visit_throttle"]["rate"] * DAY
    script = health | {"traffic": SCRIPT_BYTES / GB}
    costs = {"readHealth": health, "readElement": script, "readHistory": history}
    reads = [
        costs.get(operation["operationId"], read)
        for operation in functions
        if operation["operationId"] != "recordVisit"
    ]
    visits = times(forgotten, visits_day)
    floods = {  # units in a day
        "visits": visits,
        "functions": add([visits, times(add(reads), day)]),
        "all": add([visits, times(add(reads + [mock] * mocks), day)]),
        "stopped": add([times(mock, visits_day), times(mock, day * (len(operations) - 1))]),
    }
    stored = 1e6 * STORED_BYTES * STORED_DAYS / MONTH_DAYS / GB  # with a million visits a month
    reasons = contract["x-known-values"]["VisitReceipt"]["reason"]
    fixed: Usage = {
        "alarms": len(terraform("observability.tf", "locals")["alarms"]),
        "metrics": len(reasons) + 2,  # counted, not counted for each reason, violations
        "dashboards": 1,
    }
    volumes = (1_000, 100_000, 1_000_000)
    return {
        "prices": PRICES,
        "first_read": min(row["read"] for row in PRICES.values()),
        "last_read": max(row["read"] for row in PRICES.values()),
        "rows": {
            prefix: {n: total(times(only(visit, prefix), n)) for n in volumes}
            for prefix in ("gateway", "lambda", "dynamodb", "logs", "traffic")
        },
        "total": {n: total(times(visit, n)) for n in volumes},
        "free": {n: total(times(visit, n), free=True) for n in volumes},
        "read": total(times(read, 1e6)),
        "script": total(times(script, 1e6)),
        "cents": total(times(visit, 1000)) * 100,
        "visit_units": VISIT,
        "more_units": FORGOTTEN - VISIT,
        "history_units": history["dynamodb_reads"],
        "history_days": LONGEST_HISTORY,
        "milliseconds": SECONDS * 1000,
        "function_log": FUNCTION_LOG_BYTES,
        "access_log": ACCESS_LOG_BYTES,
        "response": RESPONSE_BYTES,
        "stored_gb": stored,
        "stored": total({"storage": stored, "recovery": stored}),
        "default": defaults,
        "fixed_units": fixed,
        "fixed": price(fixed),
        "quiet": total(only(fixed, "alarms") | only(fixed, "dashboards")),
        "functions": len(functions),
        "mocks": mocks,
        "methods": len(operations),
        "requests_day": day,
        "visits_day": visits_day,
        "requests_month": day * MONTH_DAYS / 1e6,
        "day": {name: total(flood) for name, flood in floods.items()},
        "worst": {name: total(times(flood, MONTH_DAYS)) for name, flood in floods.items()},
        "below_alarm": total(times(forgotten, defaults["flood_alarm"] * 24 * MONTH_DAYS)),
        "month_days": MONTH_DAYS,
        "seconds_million": total(times(only(visit, "lambda_seconds"), 1e6)),
        "waf": total({"firewalls": 1, "firewall_rules": 1}),
        "snapshot": total({"snapshot_seconds": gb * DAY * MONTH_DAYS}),
        "restore": total({"snapshot_restores": gb}),
    }


def only(usage: Usage, prefix: str) -> Usage:
    """Return the part of a usage whose prices have names with this prefix."""
    return {name: amount for name, amount in usage.items() if name.startswith(prefix)}


def page() -> str:
    return (HERE / "cost.md.in").read_text().format_map(numbers())


if __name__ == "__main__":
    PAGE.write_text(page())
