"""Writes one line of JSON for each request. CloudWatch reads it as a log and as metrics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

The line contains nothing that a visitor sent: no address, no user agent, no parameter value.
"""

import json
import os
import time
import traceback
from typing import Any

from botocore.exceptions import ClientError

from openapi_handler.messages import Request, Response

FUNCTION = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "visits")


def report(
    request: Request,
    response: Response,
    violations: list[str],
    error: Exception | None,
    seconds: float,
) -> None:
    """Log a request and its metrics.

    Args:
        request: its log has the `outcome` of a visit: `counted`, or the reason why it was not.
        violations: how the operation's response broke the contract.
        error: why the operation failed.
        seconds: how long the request took.
    """
    outcome = request.log.get("outcome")
    fields = {
        "level": "ERROR" if error or violations else "INFO",
        "function": FUNCTION,
        "requestId": request.context.get("requestId"),
        "request": f"{request.sent_method} {request.path}",
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "outcome": outcome,
        "violations": violations or None,
        "error": describe(error) if error else None,
    }
    line = {name: value for name, value in fields.items() if value is not None}
    print(json.dumps(line | metrics(outcome, violations)), flush=True)


def metrics(outcome: str | None, violations: list[str]) -> dict[str, Any]:
    """Return the fields that increment the metrics of a request by one; none if it has none."""
    dimensions: dict[str, list[str]] = {}
    if violations:
        dimensions["ContractViolations"] = ["function"]
    if outcome == "counted":
        dimensions["VisitsCounted"] = ["function"]
    elif outcome:
        dimensions["VisitsNotCounted"] = ["function", "outcome"]
    if not dimensions:
        return {}
    directives = [
        {
            "Namespace": "Visits",
            "Dimensions": [names],
            "Metrics": [{"Name": metric, "Unit": "Count"}],
        }
        for metric, names in dimensions.items()
    ]
    embedded = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": directives}
    return {**dict.fromkeys(dimensions, 1), "_aws": embedded}


def describe(error: Exception) -> list[str]:
    """Return the types of an error and its cause, and its stack. A message may quote input."""
    types = [describe_type(one) for one in (error, error.__cause__) if one]
    stack = traceback.extract_tb(error.__traceback__)
    return [*types, *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in stack)]


def describe_type(error: BaseException) -> str:
    code = f" {error.response['Error']['Code']}" if isinstance(error, ClientError) else ""
    return type(error).__name__ + code
