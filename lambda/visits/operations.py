"""The operations of the contract. Each function is named after its operationId.

It takes a valid request, what all requests share, and the table, and returns its response.

Raises:
    Problem: the client gets this answer instead.
    StoreUnavailable: DynamoDB did not answer in time. The client may repeat the request.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openapi_handler.contract import Contract
from openapi_handler.messages import Request, Response
from openapi_handler.operations import Operations
from openapi_handler.problems import Problem
from visits import badge
from visits.counting import secret, visitor
from visits.counting.counter import Counter
from visits.counting.memory import Memory
from visits.counting.table import Table
from visits.settings import Settings

DEFAULT_DAYS = 30  # of the history
BADGE_LABELS = {"visits": "visits", "visitors": "visitors", "today": "visits today"}

operation = Operations()


@dataclass(frozen=True)
class Shared:
    """What all requests of one copy of the function share.

    Attributes:
        elements: the folder with the scripts of the client.
        dynamodb: see counting/connection.py.
    """

    contract: Contract
    elements: Path
    settings: Settings
    dynamodb: Any
    memory: Memory = field(default_factory=Memory)


@operation
def read_health(_request: Request, shared: Shared, _table: Table) -> Response:
    version, sha256 = shared.contract.document["info"]["version"], shared.contract.sha256
    return Response.json(200, {"status": "ok", "version": version, "contract": sha256})


@operation
def read_counter(request: Request, shared: Shared, table: Table) -> Response:
    counter = find_counter(request, shared, table)
    return Response.json(200, counter.read())


@operation
def record_visit(request: Request, shared: Shared, table: Table) -> Response:
    """Count a visit, then read the totals, so that they include this visit."""
    counter = find_counter(request, shared, table)
    check_origin(request, shared.settings)
    reason = visitor.reason_not_to_count(request)
    if reason is None:
        visit_id = request.query["visitId"].lower()
        secrets = table.sibling(shared.settings.secrets_table)
        key = secret.of_day(request.time, secrets, shared.memory)
        reason = counter.record(visit_id, visitor.identify(request, key))
    request.log["outcome"] = reason or "counted"
    totals = counter.read()
    if reason:
        return Response.json(200, {**totals, "counted": False, "reason": reason})
    return Response.json(201, {**totals, "counted": True})


@operation
def read_history(request: Request, shared: Shared, table: Table) -> Response:
    counter = find_counter(request, shared, table)
    days = int(request.query.get("days", DEFAULT_DAYS))
    return Response.json(200, counter.history(days))


@operation
def read_badge(request: Request, shared: Shared, table: Table) -> Response:
    totals = find_counter(request, shared, table).read()
    query = request.query
    value = query.get("value", "visits")
    value = value if value in BADGE_LABELS else "visits"
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


@operation
def read_element(request: Request, shared: Shared, _table: Table) -> Response:
    script = (shared.elements / request.path_parameters["file"]).read_bytes().decode()
    return Response(200, "text/javascript", script, cache_control="public, max-age=86400")


def check_origin(request: Request, settings: Settings) -> None:
    """Refuse a page whose origin is not listed. Clients without an Origin are not pages."""
    origin = request.headers.get("Origin")
    if origin and not allowed_origins(counter_id(request), settings) & {"*", origin}:
        raise Problem("origin-not-allowed", "The owner has not listed the origin of this page.")


def allowed_origins(counter_id: str, settings: Settings) -> frozenset[str]:
    """Return the origins whose pages may count visits on a declared counter; `*` allows all.

    On the counter of the tests these are the origins of all counters, because the tests redirect
    the visits of any of the owner's pages to it.
    """
    if counter_id == visitor.TESTS:
        lists = [counter.allowed_origins for counter in settings.counters.values()]
        return settings.allowed_origins.union(*lists)
    return settings.counters[counter_id].allowed_origins or settings.allowed_origins


def find_counter(request: Request, shared: Shared, table: Table) -> Counter:
    """Return the declared counter that the request names."""
    name, settings = counter_id(request), shared.settings
    declared = settings.counters.get(name)
    if declared is None:
        raise Problem("unknown-counter", "Declare the counter first, or correct its name.")
    cap = 0 if name == visitor.TESTS else settings.visit_cap
    now, memory = request.time, shared.memory
    return Counter(name, declared, settings.shards, cap, table, memory, now)


def counter_id(request: Request) -> str:
    return request.path_parameters["counterId"]
