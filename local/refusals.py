"""Explains on the terminal why the function refused a request, and which setting allows it."""

import json
import os
import shlex
from collections.abc import Callable
from typing import Any, TextIO

from local.gateway.integrations import Function
from visits.settings import parse_origins


def explained(function: Function, console: TextIO) -> Function:
    """Return a function that answers like the given one, and prints a line per refusal."""

    def call(event: dict[str, Any], context: object) -> Any:
        response = function(event, context)
        if explain := EXPLANATIONS.get(response["statusCode"]):
            print(f"Refused: {explain(event)} make run", file=console, flush=True)
        return response

    return call


def origin_not_allowed(event: dict[str, Any]) -> str:
    # werkzeug writes names of headers in this form.
    origin = event["headers"]["Origin"]
    allowed = origin if listable(origin) else "*"
    return (
        f"pages of the origin {origin!r} may not count visits. Allow them, and others after a "
        f"comma: ALLOWED_ORIGINS={shlex.quote(allowed)}"
    )


def listable(origin: str) -> bool:
    """Return whether ALLOWED_ORIGINS can contain an origin. It cannot contain null, of a file."""
    try:
        return origin.isprintable() and parse_origins(origin) == {origin}
    except ValueError:
        return False


def unknown_counter(event: dict[str, Any]) -> str:
    counter = event["pathParameters"]["counterId"]
    counters = json.dumps({**json.loads(os.environ["COUNTERS"]), counter: {}})
    return f"the counter {counter!r} is not declared. Declare it: COUNTERS={shlex.quote(counters)}"


# By status: the function has one problem type for each of them.
EXPLANATIONS: dict[int, Callable[[dict[str, Any]], str]] = {
    403: origin_not_allowed,
    404: unknown_counter,
}
