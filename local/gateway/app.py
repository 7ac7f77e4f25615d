"""API Gateway on your machine. Everything it does, it reads from openapi.yaml."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from local.gateway import integrations
from local.gateway.integrations import Function
from local.gateway.responses import GatewayError, GatewayResponses
from local.gateway.throttle import Throttle

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_BODY = 10 * 1024 * 1024
ANY = "x-amazon-apigateway-any-method"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", ANY}


@dataclass
class Resource:
    """A path of the contract and its methods."""

    template: str
    methods: Mapping[str, Mapping[str, Any]]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.template)))

    @property
    def parameters(self) -> int:
        return self.template.count("{")


class Gateway:
    """A WSGI application that is one stage of the API; mount it under the stage's name.

    Args:
        document: the contract, as openapi.yaml says it.
        function: the Lambda function behind every `aws_proxy` integration.
        throttle: the stage's rate limit.
    """

    def __init__(
        self, document: Mapping[str, Any], function: Function, throttle: Throttle | None = None
    ) -> None:
        self._document = document
        self._function = function
        self._throttle = throttle or Throttle()
        self._responses = GatewayResponses(document)
        resources = (
            Resource(path, {name: each for name, each in item.items() if name in METHODS})
            for path, item in document["paths"].items()
        )
        # A fixed segment goes before a parameter.
        self._resources = sorted(resources, key=lambda each: each.parameters)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._answer(request)
        except GatewayError as error:
            response = self._responses.make(error)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if (request.content_length or 0) > MAX_BODY:
            drain(request)
            raise GatewayError("REQUEST_TOO_LARGE", "Request Too Long")
        resource, parameters = self._match(request.path)
        method = resource.methods.get(request.method.lower()) or resource.methods.get(ANY)
        if method is None:
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
        if not self._throttle.admit():
            raise GatewayError("THROTTLED", "Too Many Requests")
        self._validate(request, method)
        integration = method["x-amazon-apigateway-integration"]
        if integration["type"] == "mock":
            return integrations.mock(request, integration)
        return integrations.proxy(
            request, integration, self._function, resource.template, parameters
        )

    def _match(self, path: str) -> tuple[Resource, dict[str, str]]:
        for resource in self._resources:
            if match := resource.pattern.fullmatch(path):
                return resource, match.groupdict()
        raise GatewayError("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")

    def _validate(self, request: Request, method: Mapping[str, Any]) -> None:
        """Required parameters are there and not blank. The gateway checks no more than that."""
        key = "x-amazon-apigateway-request-validator"
        name = method.get(key, self._document.get(key))
        validators = self._document.get("x-amazon-apigateway-request-validators", {})
        if not validators.get(name, {}).get("validateRequestParameters"):
            return
        places: dict[str, Any] = {"query": request.args, "header": request.headers}
        missing = [
            each["name"]
            for each in method.get("parameters", [])
            if each.get("required") and each["in"] in places
            if not places[each["in"]].get(each["name"], "").strip()
        ]
        if missing:
            message = f"Missing required request parameters: [{', '.join(missing)}]"
            raise GatewayError("BAD_REQUEST_PARAMETERS", message)


def drain(request: Request) -> None:
    """Read what is left of a body, or the client sees a reset instead of the answer."""
    while request.stream.read(1 << 20):
        pass
