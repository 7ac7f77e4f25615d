"""The Lambda function: validate the request, run its operation, validate the response."""

import os
from functools import cache
from time import perf_counter
from typing import Any, NamedTuple

from visits import contract, telemetry
from visits.message import Event, Request
from visits.operations import OPERATIONS
from visits.problem import Problem
from visits.settings import Settings
from visits.table import StoreUnavailable, Table, connect
from visits.visitor import crawlers

INTERNAL_ERROR = Problem(
    "internal-error", "The service failed and logged the error. Try again later."
)
STORE_UNAVAILABLE = Problem("store-unavailable", "Repeat the request: a visitId is counted once.")


class Dependencies(NamedTuple):
    """What all requests share."""

    contract: contract.Contract
    settings: Settings
    dynamodb: Any  # a boto3 client


def handle(event: Event, _context: object) -> dict[str, Any]:
    """Answer a REST proxy event (payload 1.0) with a proxy response.

    Every response is documented in the contract for its operation: any other response is
    replaced by a documented 500.

    Raises:
        SettingsError: the environment is wrong. The gateway answers 502.
        ValueError: the event is not a REST proxy event.
    """
    began = perf_counter()
    service = dependencies()
    request = Request(event)
    table = Table(service.dynamodb, service.settings.table)
    log: dict[str, str] = {}  # what the operation adds to the log line, even if it then fails
    error: Exception | None = None
    try:
        service.contract.check(request)
        operation = OPERATIONS[service.contract.operation_id(request)]
        response = operation(request, service.settings, table, log)
    except Problem as problem:
        response = problem.response()
    except StoreUnavailable as exception:
        error, response = exception, STORE_UNAVAILABLE.response()
    except Exception as exception:
        error, response = exception, INTERNAL_ERROR.response()
    violations = service.contract.violations(request, response)
    if violations:
        response = INTERNAL_ERROR.response()
    seconds = perf_counter() - began
    telemetry.report(request, response, log.get("outcome"), violations, error, seconds)
    return response.to_proxy()


@cache
def dependencies() -> Dependencies:
    """Build what all requests share, once.

    Raises:
        SettingsError: the environment is wrong.
    """
    crawlers()  # compiles a large pattern
    return Dependencies(contract.load(), Settings.from_environment(os.environ), connect())


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    dependencies()  # Lambda has more CPU during initialisation, and a wrong setting fails early
