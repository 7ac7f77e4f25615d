"""The two integration types that the contract uses: `mock` and `aws_proxy`."""

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

MAX_EVENT = 6 * 1024 * 1024  # bytes of an event that Lambda takes
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
    """Return the response that the contract defines, without a backend."""
    templates = integration.get("requestTemplates", {})
    media_type = parse_options_header(request.content_type)[0] or "application/json"
    if media_type not in templates and integration.get("passthroughBehavior") != "when_no_match":
        raise GatewayError("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type")
    try:
        status = str(json.loads(templates[media_type])["statusCode"])
        declared = integration["responses"]
        matching = [key for key in declared if re.fullmatch(key, status)]
        chosen = declared[[*matching, "default"][0]]
    except (KeyError, ValueError):
        raise GatewayError("API_CONFIGURATION_ERROR", "Internal server error") from None
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
    """Invoke the function and convert its result to a response."""
    event = proxy_event(request, resource, parameters)
    if event["body"] and len(json.dumps(event)) > MAX_EVENT:
        raise GatewayError("REQUEST_TOO_LARGE", "Request Too Long")
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


def from_proxy(result: Any) -> Response:
    """Convert the result of a function to a response. Multi-value headers replace single ones.

    API Gateway decodes base64 only for binary media types, and the contract declares none.
    """
    if not well_formed(result):
        raise malformed()
    body = result.get("body") or ""
    response = Response(body, int(result["statusCode"]), content_type="application/json")
    multi = result.get("multiValueHeaders") or {}
    single = {name: [value] for name, value in (result.get("headers") or {}).items()}
    for name, values in {**single, **multi}.items():
        target = f"x-amzn-Remapped-{name}" if name.lower() in REMAPPED else name
        response.headers.setlist(target, [str(value) for value in values])
    return response


def well_formed(result: Any) -> bool:
    """Return whether API Gateway accepts the result of a function. If not, it returns 502."""
    return bool(
        isinstance(result, dict)
        and result.keys() <= PROXY_KEYS
        and re.fullmatch(r"[1-5]\d\d", str(result.get("statusCode")))
        and isinstance(result.get("body"), str | None)
        and valid_headers(result.get("headers"), str | int | float)
        and valid_headers(result.get("multiValueHeaders"), list)
    )


def valid_headers(headers: Any, value_type: Any) -> bool:
    """Return whether headers are None or a map whose values have a type."""
    return headers is None or (
        isinstance(headers, dict)
        and all(isinstance(value, value_type) for value in headers.values())
    )


def malformed() -> GatewayError:
    return GatewayError("MALFORMED_PROXY_RESPONSE", "Internal server error")
