"""Calls the watched API by operationId and validates the responses."""

from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import requests
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from openapi_core.exceptions import OpenAPIError
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from contract import repository
from e2e.finding import API, BROKEN, Finding
from openapi_handler import slow_path
from openapi_handler.contract import with_known_values
from openapi_handler.validators import MEDIA_TYPES

BOT = "Mozilla/5.0 (compatible; HeadlessChrome) visitor-counter-e2e"
# Every method may be repeated: reads change nothing, and a visitId is counted once.
RETRY = Retry(1, allowed_methods=None, status_forcelist={429, 502, 503, 504}, raise_on_status=False)


@dataclass(frozen=True)
class Api:
    """The API at a base URL, which includes the stage.

    Args:
        url: the base URL, without a slash at the end.
        timeout: seconds to wait for a response.

    """

    url: str
    timeout: float = 10

    def call(self, operation_id: str, *statuses: int, **parameters: str) -> Any:
        """Call an operation and return the response body, parsed if it is JSON.

        Required parameters that are not given have the value of the contract's example.

        Raises:
            Finding: the response does not match the contract, or its status is not one of
                `statuses` (200 by default).

        """
        method, path, operation = self._operations[operation_id]
        known = operation.get("parameters", [])
        examples = {one["name"]: one["example"] for one in known if one.get("required")}
        values = {**examples, **parameters}
        query = {
            parameter["name"]: values[parameter["name"]]
            for parameter in known
            if parameter["in"] == "query" and parameter["name"] in values
        }
        url = self.url + path.format(**values)
        return self._send(method, url, query, statuses or (200,))

    def _send(self, method: str, url: str, query: dict[str, str], statuses: Container[int]) -> Any:
        headers = {"User-Agent": BOT}
        request = requests.Request(method, url, headers, params=query).prepare()
        try:
            with requests.Session() as session:
                session.mount(self.url, HTTPAdapter(max_retries=RETRY))
                response = session.send(request, timeout=self.timeout)
        except requests.RequestException as error:
            reason = f"The API fails: {method} {url} got no response ({error})."
            raise Finding(API, BROKEN, reason) from error
        errors = self._errors(request, response)
        if response.status_code not in statuses or errors:
            reason = f"""The API fails: {method} {url} returned {response.status_code}
                {response.text[:200]!r}. The contract does not allow this response. Either another
                service answered, or another version of the API. {errors}"""
            raise Finding(API, BROKEN, reason)
        return response.json() if "json" in response.headers["Content-Type"] else response.text

    @cached_property
    def _document(self) -> dict[str, Any]:
        return dict(repository.load().document)

    @cached_property
    def _operations(self) -> dict[str, tuple[str, str, dict[str, Any]]]:
        return {
            operation["operationId"]: (method.upper(), path, operation)
            for path, item in self._document["paths"].items()
            for method, operation in item.items()
            if "operationId" in operation
        }

    @cached_property
    def _openapi(self) -> OpenAPI:
        servers = [{"url": urlsplit(self.url).path or "/"}]
        return OpenAPI.from_dict(
            {**with_known_values(self._document), "servers": servers},
            Config(
                extra_media_type_deserializers=MEDIA_TYPES,
                additional_properties_default_policy="forbid",
            ),
        )

    def _errors(self, request: requests.PreparedRequest, response: requests.Response) -> str:
        """Return why a response violates the contract, or an empty string."""
        try:
            self._openapi.validate_response(
                RequestsOpenAPIRequest(request), RequestsOpenAPIResponse(response)
            )
        except OpenAPIError as error:
            return f"{error} {next(slow_path.rules(error), '')}"
        return ""
