"""The two kinds of integration that the contract uses: a mock, and a Lambda proxy."""

import json
import re
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from types import SimpleNamespace
from typing import Any

from werkzeug.http import parse_options_header
from werkzeug.wrappers import Request, Response

from local.gateway.event import proxy_event
from local.gateway.responses import GatewayError, set_constants

Function = Callable[[dict[str, Any], object], Any]
"""A Lambda handler: takes a proxy event and a context, returns a proxy response."""

PROXY_KEYS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
REMAPPED = {
    "authorization",
    "connection",
    "content-md5",
    "date",
    "server",
    "user-agent",
    "www-authenticate",
}

_workers = ThreadPoolExecutor(max_workers=64, thread_name_prefix="lambda")


def mock(request: Request, integration: Mapping[str, Any]) -> Response:
    """Answer as the contract says, without a backend."""
    templates = integration.get("requestTemplates", {})
    media_type = parse_options_header(request.content_type)[0] or "application/json"
    if media_type not in templates and integration.get("passthroughBehavior") != "when_no_match":
        raise GatewayError("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type")
    try:
        status = str(json.loads(templates[media_type])["statusCode"])
    except (KeyError, ValueError):
        raise GatewayError("API_CONFIGURATION_ERROR", "Internal server error") from None
    declared = integration["responses"]
    chosen = next(
        (declared[each] for each in declared if re.fullmatch(each, status)), declared["default"]
    )
    body = chosen.get("responseTemplates", {}).get("application/json", "")
    response = Response(body, int(chosen["statusCode"]), content_type="application/json")
    set_constants(response, chosen.get("responseParameters", {}), "method.response.header.")
    return response


def proxy(
    request: Request,
    integration: Mapping[str, Any],
    function: Function,
    resource: str,
    parameters: Mapping[str, str],
) -> Response:
    """Call the function, and pass on what it answers."""
    event = proxy_event(request, resource, parameters)
    seconds = integration.get("timeoutInMillis", 29_000) / 1000
    context = SimpleNamespace(
        function_name="visits",
        aws_request_id=event["requestContext"]["requestId"],
        get_remaining_time_in_millis=lambda: int(seconds * 1000),
    )
    call = _workers.submit(function, event, context)
    if not wait([call], seconds).done:
        raise GatewayError("INTEGRATION_TIMEOUT", "Endpoint request timed out")
    if error := call.exception():
        traceback.print_exception(error)
        raise malformed()
    response = from_proxy(call.result())
    response.headers["x-amzn-RequestId"] = event["requestContext"]["requestId"]
    return response


def from_proxy(answer: Any) -> Response:
    """Convert a function's answer to a response. Multi-value headers replace single ones.

    API Gateway decodes base64 only for binary media types, and the contract declares none.
    """
    if not well_formed(answer):
        raise malformed()
    body = answer.get("body") or ""
    response = Response(body, int(answer["statusCode"]), content_type="application/json")
    multi = answer.get("multiValueHeaders") or {}
    single = {name: [value] for name, value in (answer.get("headers") or {}).items()}
    for name, values in {**single, **multi}.items():
        target = f"x-amzn-Remapped-{name}" if name.lower() in REMAPPED else name
        response.headers.setlist(target, [str(value) for value in values])
    return response


def well_formed(answer: Any) -> bool:
    """Whether API Gateway would take this for an answer. Anything else is a 502."""
    return bool(
        isinstance(answer, dict)
        and answer.keys() <= PROXY_KEYS
        and re.fullmatch(r"[1-5]\d\d", str(answer.get("statusCode")))
        and isinstance(answer.get("body"), str | None)
        and holds(answer.get("headers"), str | int | float)
        and holds(answer.get("multiValueHeaders"), list)
    )


def holds(headers: Any, kind: Any) -> bool:
    """Whether these are headers whose values are of a kind, or none at all."""
    return headers is None or (
        isinstance(headers, dict) and all(isinstance(value, kind) for value in headers.values())
    )


def malformed() -> GatewayError:
    return GatewayError("MALFORMED_PROXY_RESPONSE", "Internal server error")
