"""The operations of the contract, by operationId.

Each takes a validated request, the settings, the table and the fields of the request's log
line, and returns its response.

Raises:
    Problem: the client gets this answer instead.
    StoreUnavailable: DynamoDB did not answer in time. The client may repeat the request.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from visits import badge, contract, secret, visitor
from visits.counter import Counter
from visits.message import Request, Response
from visits.problem import Problem
from visits.settings import Settings
from visits.table import Table

DEFAULT_DAYS = 30  # of the history
BADGE_LABELS = {"visits": "visits", "visitors": "visitors", "today": "visits today"}
PACKED = Path(__file__).resolve().parent / "elements"  # exists only in the built package
ELEMENTS = PACKED if PACKED.is_dir() else contract.ROOT / "client" / "dist"

Log = dict[str, str]


def read_health(*_: Any) -> Response:
    running = contract.load()
    version = running.document["info"]["version"]
    return Response.json(200, {"status": "ok", "version": version, "contract": running.sha256})


def read_counter(request: Request, settings: Settings, table: Table, _log: Log) -> Response:
    counter = find_counter(request, settings, table)
    return Response.json(200, counter.read())


def record_visit(request: Request, settings: Settings, table: Table, log: Log) -> Response:
    """Count a visit, then read the totals, so that they include this visit."""
    counter = find_counter(request, settings, table)
    check_origin(request, settings)
    reason = visitor.reason_not_to_count(request)
    if reason is None:
        visit_id = request.query["visitId"].lower()
        secrets = table.sibling(settings.secrets_table)
        person = visitor.identify(request, secret.of_day(request.time, secrets))
        reason = counter.record(visit_id, person)
    log["outcome"] = reason or "counted"
    totals = counter.read()
    if reason:
        return Response.json(200, {**totals, "counted": False, "reason": reason})
    return Response.json(201, {**totals, "counted": True})


def read_history(request: Request, settings: Settings, table: Table, _log: Log) -> Response:
    counter = find_counter(request, settings, table)
    days = int(request.query.get("days", DEFAULT_DAYS))
    return Response.json(200, counter.history(days))


def read_badge(request: Request, settings: Settings, table: Table, _log: Log) -> Response:
    totals = find_counter(request, settings, table).read()
    query = request.query
    value = query.get("value", "visits")
    number = totals["today"]["visits"] if value == "today" else totals[value]
    svg = badge.render(
        label=query.get("label", BADGE_LABELS[value]),
        value=badge.shorten(number) if query.get("compact") == "true" else f"{number:,}",
        color=query.get("color", "blue"),
        style=query.get("style", "flat"),
    )
    return Response(
        200,
        "image/svg+xml",
        svg,
        cache_control="public, max-age=60",
        more_headers=badge.HEADERS,
    )


def read_element(request: Request, *_: Any) -> Response:
    script = (ELEMENTS / request.path_parameters["file"]).read_bytes().decode()
    return Response(200, "text/javascript", script, cache_control="public, max-age=86400")


def check_origin(request: Request, settings: Settings) -> None:
    """Refuse a page whose origin is not listed. Clients without an Origin are not pages."""
    origin = request.headers.get("Origin")
    if origin and not allowed_origins(request.counter_id, settings) & {"*", origin}:
        raise Problem("origin-not-allowed", "The owner has not listed the origin of this page.")


def allowed_origins(counter_id: str, settings: Settings) -> frozenset[str]:
    """Return the origins whose pages may count visits on a declared counter; `*` allows all.

    On the counter of the tests these are the origins of all counters, because the tests redirect
    the visits of any of the owner's pages to it.
    """
    if counter_id == visitor.TESTS:
        lists = [each.allowed_origins for each in settings.counters.values()]
        return settings.allowed_origins.union(*lists)
    return settings.counters[counter_id].allowed_origins or settings.allowed_origins


def find_counter(request: Request, settings: Settings, table: Table) -> Counter:
    """Return the declared counter that the request names."""
    declared = settings.counters.get(request.counter_id)
    if declared is None:
        raise Problem("unknown-counter", "Declare the counter first, or correct its name.")
    cap = 0 if request.counter_id == visitor.TESTS else settings.visit_cap
    return Counter(request.counter_id, declared, settings.shards, cap, table, request.time)


OPERATIONS: dict[str, Callable[[Request, Settings, Table, Log], Response]] = {
    "readHealth": read_health,
    "readCounter": read_counter,
    "recordVisit": record_visit,
    "readHistory": read_history,
    "readBadge": read_badge,
    "readElement": read_element,
}
