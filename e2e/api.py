"""The API that a site counts with: asked by operationId, judged by the repository's contract."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from openapi_core.exceptions import OpenAPIError

from visits import contract
from visits.validators import MEDIA_TYPES

SECONDS = 15
ROBOT = "Mozilla/5.0 (compatible; HeadlessChrome) visitor-counter-e2e"


@dataclass(frozen=True)
class Api:
    """The API at a URL, which has its stage in it."""

    url: str

    def call(self, operation_id: str, status: int = 200, **parameters: str) -> Any:
        """The answer of an operation; fails unless it is the contract's, with this status."""
        method, path, operation = self._operations[operation_id]
        query = {
            each["name"]: parameters[each["name"]]
            for each in operation.get("parameters", [])
            if each["in"] == "query" and each["name"] in parameters
        }
        return self.request(method, path.format(**parameters), status, params=query)

    def request(self, method: str, path: str, status: int, **options: Any) -> Any:
        """The answer to a request, with the same demands."""
        __tracebackhide__ = True
        request = requests.Request(
            method, self.url + path, headers={"User-Agent": ROBOT}, **options
        ).prepare()
        try:
            with requests.Session() as session:
                response = session.send(request, timeout=SECONDS)
        except requests.RequestException as error:
            pytest.fail(f"{what(request)} has no answer, so a visitor sees no number: {error}")
        if response.status_code != status or not self._is_ours(request, response):
            pytest.fail(
                f"{what(request)} was answered {response.status_code} {response.text[:200]!r}. "
                f"That is not the contract's answer ({status}), so it is not our service that "
                f"speaks, or not this version of it. A visitor sees no number."
            )
        return response.json() if "json" in response.headers["Content-Type"] else response.text

    @cached_property
    def _document(self) -> dict[str, Any]:
        return dict(contract.load().document)

    @cached_property
    def _operations(self) -> dict[str, tuple[str, str, dict[str, Any]]]:
        return {
            operation["operationId"]: (method.upper(), path, operation)
            for path, item in self._document["paths"].items()
            for method, operation in item.items()
            if "operationId" in operation
        }

    @cached_property
    def _judge(self) -> OpenAPI:
        servers = [{"url": urlsplit(self.url).path or "/"}]
        return OpenAPI.from_dict(
            {**self._document, "servers": servers},
            Config(extra_media_type_deserializers=MEDIA_TYPES),
        )

    def _is_ours(self, request: requests.PreparedRequest, response: requests.Response) -> bool:
        try:
            self._judge.validate_response(
                RequestsOpenAPIRequest(request), RequestsOpenAPIResponse(response)
            )
        except OpenAPIError:
            return False
        return True


def what(request: requests.PreparedRequest) -> str:
    return f"{request.method} {request.url}"
