"""One line of JSON for each request. CloudWatch reads it as a log and as metrics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

Nothing a visitor sent is written: no address, no user agent, no value of a parameter.
"""

import json
import os
import time
import traceback
from typing import Any

from botocore.exceptions import ClientError

FUNCTION = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "visits")


def report(level: str, metrics: dict[str, list[str]], **fields: Any) -> None:
    """Write a line, without the fields that are None.

    Args:
        metrics: each is raised by one; its list names the fields that are its
            dimensions, beside the function's name.
    """
    directives = [
        {
            "Namespace": "Visits",
            "Dimensions": [["function", *dimensions]],
            "Metrics": [{"Name": name, "Unit": "Count"}],
        }
        for name, dimensions in metrics.items()
    ]
    line = {
        "level": level,
        "function": FUNCTION,
        **{name: value for name, value in fields.items() if value is not None},
    }
    if metrics:
        embedded = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": directives}
        line |= {**dict.fromkeys(metrics, 1), "_aws": embedded}
    print(json.dumps(line), flush=True)


def frames(error: BaseException) -> list[str]:
    """What kind of error it was, and where. Its message may hold what was sent: left out."""
    name = type(error).__name__
    if isinstance(error, ClientError):
        name += f" {error.response['Error']['Code']}"
    stack = traceback.extract_tb(error.__traceback__)
    return [name, *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in stack)]
