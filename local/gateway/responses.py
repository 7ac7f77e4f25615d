"""The responses that API Gateway returns without calling an integration.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Response

# Status and x-amzn-ErrorType header of each gateway response type. None: not known.
TYPES: dict[str, tuple[int, str | None]] = {
    "API_CONFIGURATION_ERROR": (500, "InternalServerErrorException"),
    "BAD_REQUEST_PARAMETERS": (400, "BadRequestException"),
    "BODY_TOO_LARGE": (413, None),  # not a type of AWS, which answers before it finds the API
    "INTEGRATION_TIMEOUT": (504, None),
    "MALFORMED_PROXY_RESPONSE": (502, None),  # not a type of AWS, which uses DEFAULT_5XX
    "MISSING_AUTHENTICATION_TOKEN": (403, "MissingAuthenticationTokenException"),
    "REQUEST_TOO_LARGE": (413, "BadRequestException"),
    "UNSUPPORTED_MEDIA_TYPE": (415, None),
}
DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'


class GatewayError(Exception):
    """The gateway returns a gateway response of a kind in TYPES, with the message of AWS."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)
        self.kind = kind
        self.message = message


class GatewayResponses:
    """The `x-amazon-apigateway-gateway-responses` of a contract."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._declared = document.get("x-amazon-apigateway-gateway-responses", {})

    def make(self, error: GatewayError) -> Response:
        """Return the response to an error. Templates may use simple variables, but no VTL."""
        status, name = TYPES[error.kind]
        if error.kind == "BODY_TOO_LARGE":
            return Response(error.message, status, content_type="text; charset=utf-8")
        default = "DEFAULT_4XX" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "DEFAULT_5XX"
        declared = self._declared.get(error.kind) or self._declared.get(default, {})
        if error.kind == "REQUEST_TOO_LARGE":  # AWS accepts a customised answer and ignores it
            declared = {}
        template = declared.get("responseTemplates", {}).get("application/json", DEFAULT_TEMPLATE)
        body = (
            template.replace("$context.error.messageString", json.dumps(error.message))
            .replace("$context.error.message", error.message)
            .replace("$context.error.responseType", error.kind)
        )
        response = Response(body, int(declared.get("statusCode", status)))
        response.content_type = "application/json"
        if name:
            response.headers["x-amzn-ErrorType"] = name
        set_constants(response, declared.get("responseParameters", {}), "gatewayresponse.header.")
        return response


def set_constants(response: Response, parameters: Mapping[str, str], prefix: str) -> None:
    """Set the headers that are mapped to a constant, which is in single quotes: `'value'`."""
    for target, value in parameters.items():
        if value.startswith("'"):
            response.headers[target.removeprefix(prefix)] = value.strip("'")
