"""What API Gateway answers by itself, in the words of the contract.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Response

STATUS = {
    "API_CONFIGURATION_ERROR": 500,
    "BAD_REQUEST_PARAMETERS": 400,
    "INTEGRATION_FAILURE": 504,
    "INTEGRATION_TIMEOUT": 504,
    "MALFORMED_PROXY_RESPONSE": 502,  # not AWS's name: the type has none, DEFAULT_5XX serves it
    "MISSING_AUTHENTICATION_TOKEN": 403,
    "REQUEST_TOO_LARGE": 413,
    "THROTTLED": 429,
    "UNSUPPORTED_MEDIA_TYPE": 415,
}
DEFAULT_TEMPLATES = {"application/json": '{"message":$context.error.messageString}'}


class GatewayError(Exception):
    """The gateway answers itself.

    Args:
        kind: the gateway response type, a key of STATUS.
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
        status = STATUS[error.kind]
        default = "DEFAULT_4XX" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "DEFAULT_5XX"
        declared = self._declared.get(error.kind) or self._declared.get(default, {})
        templates = declared.get("responseTemplates", DEFAULT_TEMPLATES)
        content_type, template = next(iter(templates.items()))
        body = (
            template.replace("$context.error.messageString", json.dumps(error.message))
            .replace("$context.error.message", error.message)
            .replace("$context.error.responseType", error.kind)
        )
        response = Response(
            body, int(declared.get("statusCode", status)), content_type=content_type
        )
        set_constants(response, declared.get("responseParameters", {}), "gatewayresponse.header.")
        return response


def set_constants(response: Response, parameters: Mapping[str, str], prefix: str) -> None:
    """Set the headers that are mapped to constants: `'value'`, in single quotes."""
    for target, value in parameters.items():
        if value.startswith("'"):
            response.headers[target.removeprefix(prefix)] = value.strip("'")
