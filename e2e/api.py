"""The API that a site counts with: asked by operationId, judged by the repository's contract."""

from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from openapi_core.exceptions import OpenAPIError
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from visits import contract
from visits.validators import MEDIA_TYPES

SECONDS = 10
ROBOT = "Mozilla/5.0 (compatible; HeadlessChrome) visitor-counter-e2e"
# Reading changes nothing, and a visit counts once for its visitId, so any method may be repeated.
ONCE_MORE = Retry(
    1, allowed_methods=None, status_forcelist={429, 502, 503, 504}, raise_on_status=False
)


@dataclass(frozen=True)
class Api:
    """The API at a URL, which has its stage in it."""

    url: str

    def call(self, operation_id: str, *statuses: int, **parameters: str) -> Any:
        """The answer of an operation; fails unless it is the contract's, with 200 or as said."""
        method, path, operation = self._operations[operation_id]
        query = {
            each["name"]: parameters[each["name"]]
            for each in operation.get("parameters", [])
            if each["in"] == "query" and each["name"] in parameters
        }
        url = self.url + path.format(**parameters)
        return self._send(method, url, query, statuses or (200,))

    def _send(self, method: str, url: str, query: dict[str, str], statuses: Container[int]) -> Any:
        __tracebackhide__ = True
        headers = {"User-Agent": ROBOT}
        request = requests.Request(method, url, headers, params=query).prepare()
        try:
            with requests.Session() as session:
                session.mount(self.url, HTTPAdapter(max_retries=ONCE_MORE))
                response = session.send(request, timeout=SECONDS)
        except requests.RequestException as error:
            pytest.fail(f"A visitor sees no number: {method} {url} has no answer ({error}).")
        wrong = self._wrong(request, response)
        if response.status_code not in statuses or wrong:
            pytest.fail(
                f"A visitor sees no number: {method} {url} was answered {response.status_code} "
                f"{response.text[:200]!r}. The contract has no such answer to this, so it is not "
                f"our service that speaks, or not this version of it. {wrong}"
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

    def _wrong(self, request: requests.PreparedRequest, response: requests.Response) -> str:
        """What the contract has against an answer, if anything."""
        try:
            self._judge.validate_response(
                RequestsOpenAPIRequest(request), RequestsOpenAPIResponse(response)
            )
        except OpenAPIError as error:
            return f"{error} {next(contract.rules(error), '')}"
        return ""
