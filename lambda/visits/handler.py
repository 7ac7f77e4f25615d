"""The Lambda function: a request is checked, answered, and the answer is checked."""

import os
from functools import cache
from time import perf_counter
from typing import Any

from visits import contract, telemetry
from visits.message import Event, Request, Response
from visits.operations import OPERATIONS, Call
from visits.problem import Problem
from visits.settings import Settings
from visits.table import StoreUnavailable, Table, connect
from visits.visitor import crawlers

FAULT = Problem("internal-error", "The fault is ours, and it is in our log. Try again later.")
BUSY = Problem("store-unavailable", "Send the same request again: a visitId counts once.")


def handle(event: Event, _context: object) -> dict[str, Any]:
    """Answer a REST proxy event (payload 1.0) with a proxy response.

    What leaves is documented in the contract for the operation, or is its 500.

    Raises:
        SettingsError: the environment is wrong. The gateway answers 502.
        ValueError: this is not a proxy event.
    """
    began = perf_counter()
    rules, settings, client = start()
    request = Request(event)
    call = Call(request, rules, settings, Table(client, settings.table))
    error = None
    try:
        rules.check(request)
        response = OPERATIONS[rules.operation_id(request)](call)
    except Problem as refused:
        response = refused.response()
    except Exception as exception:
        error = exception
        response = (BUSY if isinstance(error, StoreUnavailable) else FAULT).response()
    violations = rules.violations(request, response)
    if violations:
        response = FAULT.response()
    report(call, response, violations, error, perf_counter() - began)
    return response.to_proxy()


def report(
    call: Call,
    response: Response,
    violations: list[str],
    error: Exception | None,
    seconds: float,
) -> None:
    """Log the request and its metrics."""
    metrics: dict[str, list[str]] = {"ContractViolations": []} if violations else {}
    if call.outcome == "counted":
        metrics["VisitsCounted"] = []
    elif call.outcome:
        metrics["VisitsNotCounted"] = ["outcome"]
    telemetry.report(
        "ERROR" if error or violations else "INFO",
        metrics,
        requestId=call.request.context.get("requestId"),
        request=f"{call.request.method.upper()} {call.request.path}",
        status=response.status_code,
        milliseconds=round(seconds * 1000, 1),
        outcome=call.outcome,
        violations=violations or None,
        error=telemetry.frames(error) if error else None,
    )


@cache
def start() -> tuple[contract.Contract, Settings, Any]:
    """What all requests share.

    Raises:
        SettingsError: the environment is wrong.
    """
    crawlers()
    return contract.load(), Settings.from_environment(os.environ), connect()


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    start()  # at initialisation there is more CPU than later, and a wrong setting shows early
