"""A local API Gateway. It takes all routes and responses from the document for the import."""

import re
from collections.abc import Iterable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from local.gateway import integrations
from local.gateway.integrations import Function
from local.gateway.responses import GatewayError, GatewayResponses

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_BODY = 10 * 1024 * 1024
METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}  # that ANY stands for
ANY = "x-amazon-apigateway-any-method"
VARIABLE = re.compile("{([^{}]+)}")


class Gateway:
    """A WSGI application that serves one stage of the API. Mount it under the name of the stage."""

    def __init__(self, document: Mapping[str, Any], function: Function) -> None:
        self._document = document
        self._paths = document["paths"]
        rules = [Rule(rule_of(path), endpoint=path) for path in self._paths]
        self._routes = Map(rules, strict_slashes=False, merge_slashes=False).bind("localhost")
        self._function = function
        self._responses = GatewayResponses(document)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._respond(request)
        except GatewayError as error:
            response = self._responses.make(error)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        check_size(request)
        path, parameters, method = self._match(request)
        operation = self._paths[path][method]
        self._validate(request, operation)
        integration = operation["x-amazon-apigateway-integration"]
        if integration["type"] == "mock":
            return integrations.mock(request, integration)
        return integrations.proxy(request, integration, self._function, path, parameters)

    def _match(self, request: Request) -> tuple[str, Mapping[str, str], str]:
        """Return a path template, the path parameters, and the key of a method in the contract."""
        unknown = GatewayError("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
        try:
            path, values = self._routes.match(request.path)
        except NotFound:
            raise unknown from None
        names = enumerate(VARIABLE.findall(path))
        parameters = {name: values[f"v{number}"] for number, name in names}
        for key in (request.method.lower(), ANY):
            if request.method in METHODS and key in self._paths[path]:
                return path, parameters, key
        raise unknown

    def _validate(self, request: Request, operation: Mapping[str, Any]) -> None:
        """Check that required parameters are not missing or blank. This is all that AWS checks."""
        key = "x-amazon-apigateway-request-validator"
        name = operation.get(key, self._document.get(key))
        validators = self._document.get("x-amazon-apigateway-request-validators", {})
        if not validators.get(name, {}).get("validateRequestParameters"):
            return
        places: dict[str, Any] = {"query": request.args, "header": request.headers}
        missing = [
            each["name"]
            for each in operation.get("parameters", [])
            if each.get("required") and each["in"] in places
            if not places[each["in"]].get(each["name"], "").strip()
        ]
        if missing:
            message = f"Missing required request parameters: [{', '.join(missing)}]"
            raise GatewayError("BAD_REQUEST_PARAMETERS", message)


def rule_of(path: str) -> str:
    """Return the rule of werkzeug for a path. Variables are numbered, as names may be odd."""
    numbers = count()
    return VARIABLE.sub(lambda _: f"<v{next(numbers)}>", path)


def check_size(request: Request) -> None:
    if len(request.get_data()) > MAX_BODY:
        raise GatewayError("BODY_TOO_LARGE", f"HTTP content length exceeded {MAX_BODY} bytes.")
