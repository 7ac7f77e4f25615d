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
    refused = f"pages of the origin {origin!r} may not count visits"
    name = event["pathParameters"]["counterId"]
    counters = json.loads(os.environ["COUNTERS"])
    own = counters[name].get("allowed_origins")
    if not own:
        setting = f"ALLOWED_ORIGINS={shlex.quote(allowed)}"
        return f"{refused}. Allow them, and others after a comma: {setting}"
    own.append(allowed)
    setting = f"COUNTERS={shlex.quote(json.dumps(counters))}"
    return f"{refused} on {name!r}, which has origins of its own. Allow them: {setting}"


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
