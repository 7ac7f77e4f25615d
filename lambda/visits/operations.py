"""The operations of the contract, by operationId."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from visits import visitor
from visits.contract import Contract
from visits.counter import HISTORY_DAYS, Counters
from visits.message import Request, Response
from visits.problem import Problem
from visits.settings import Settings
from visits.table import Table

BADGE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{text}">
<title>{text}</title><rect width="{width}" height="20" rx="4" fill="#24292f"/>
<text x="{middle}" y="14" fill="#fff" text-anchor="middle" \
font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">{text}</text></svg>
"""


@dataclass
class Call:
    """One request, what it takes to answer it, and what became of it.

    Attributes:
        outcome: of a visit: `counted`, or the reason why not.
    """

    request: Request
    contract: Contract
    settings: Settings
    table: Table
    outcome: str | None = None

    @cached_property
    def counters(self) -> Counters:
        return Counters(self.settings, self.table)


def read_health(call: Call) -> Response:
    version = call.contract.document["info"]["version"]
    return Response.json(
        200, {"status": "ok", "version": version, "contract": call.contract.sha256}
    )


def read_counter(call: Call) -> Response:
    return Response.json(200, call.counters.read(call.request.counter_id, call.request.time.date()))


def record_visit(call: Call) -> Response:
    """Count, then read: the number in the answer includes this visit."""
    refuse_foreign(call.request, call.settings)
    call.counters.start(call.request.counter_id)
    call.outcome = visitor.reason_not_to_count(call.request) or count(call)
    receipt = call.counters.read(call.request.counter_id, call.request.time.date())
    if call.outcome == "counted":
        return Response.json(201, {**receipt, "counted": True})
    return Response.json(200, {**receipt, "counted": False, "reason": call.outcome})


def count(call: Call) -> str:
    request = call.request
    person = visitor.person(request, call.table)
    visit_id = str(UUID(request.query["visitId"]))  # one spelling of it, and never a long one
    new = call.counters.record(request.counter_id, visit_id, person, request.time)
    return "counted" if new else "replayed"


def refuse_foreign(request: Request, settings: Settings) -> None:
    """Pages say where they are from; what sends no Origin is not a page."""
    origin = request.headers.get("Origin")
    if origin and not settings.allowed_origins & {"*", origin}:
        raise Problem("origin-not-allowed", "The owner has not listed the origin of this page.")


def read_history(call: Call) -> Response:
    days = int(call.request.query.get("days", HISTORY_DAYS))
    return Response.json(
        200, call.counters.history(call.request.counter_id, call.request.time.date(), days)
    )


def read_badge(call: Call) -> Response:
    counter = call.counters.read(call.request.counter_id, call.request.time.date())
    text = f"{counter['visits']:,} visits"
    width = 16 + 7 * len(text)
    svg = BADGE.format(text=text, width=width, middle=width / 2)
    return Response(200, "image/svg+xml", svg, cache_control="public, max-age=60")


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "readHealth": read_health,
    "readCounter": read_counter,
    "recordVisit": record_visit,
    "readHistory": read_history,
    "readBadge": read_badge,
}
