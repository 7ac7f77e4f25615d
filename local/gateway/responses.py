"""What API Gateway answers by itself, in the words of the contract.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Response

# The status of a type, and the x-amzn-ErrorType that AWS sends with it where that is known.
TYPES: dict[str, tuple[int, str | None]] = {
    "API_CONFIGURATION_ERROR": (500, "InternalServerErrorException"),
    "BAD_REQUEST_PARAMETERS": (400, "BadRequestException"),
    "INTEGRATION_FAILURE": (504, None),
    "INTEGRATION_TIMEOUT": (504, None),
    "MALFORMED_PROXY_RESPONSE": (502, None),  # our name: AWS serves it by DEFAULT_5XX
    "MISSING_AUTHENTICATION_TOKEN": (403, "MissingAuthenticationTokenException"),
    "REQUEST_TOO_LARGE": (413, None),
    "THROTTLED": (429, "TooManyRequestsException"),
    "UNSUPPORTED_MEDIA_TYPE": (415, None),
}
DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'


class GatewayError(Exception):
    """The gateway answers itself.

    Args:
        kind: the gateway response type, a key of TYPES.
        message: AWS's own message for it.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)
        self.kind = kind
        self.message = message


class GatewayResponses:
    """The `x-amazon-apigateway-gateway-responses` of a contract."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._declared = document.get("x-amazon-apigateway-gateway-responses", {})

    def make(self, error: GatewayError) -> Response:
        """The answer to an error. Its templates know simple variables only, no VTL."""
        status, name = TYPES[error.kind]
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
    """Set the headers that are mapped to constants: `'value'`, in single quotes."""
    for target, value in parameters.items():
        if value.startswith("'"):
            response.headers[target.removeprefix(prefix)] = value.strip("'")
