"""Calls the watched API by operationId and validates the responses."""

from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from contract import repository
from e2e.finding import API, BROKEN, Finding

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
        method, path, known = operations()[operation_id]
        examples = {name: one["example"] for name, one in known.items() if one.get("required")}
        values = {**examples, **parameters}
        given = [name for name, one in known.items() if one["in"] == "query" and name in values]
        query = {name: values[name] for name in given}
        request = requests.Request(method, self.url + path.format(**values), params=query).prepare()
        request.headers["User-Agent"] = BOT
        try:
            with requests.Session() as session:
                session.mount(self.url, HTTPAdapter(max_retries=RETRY))
                response = session.send(request, timeout=self.timeout)
        except requests.RequestException as error:
            reason = f"The API fails: {method} {request.url} got no response ({error})."
            raise Finding(API, BROKEN, reason) from error
        broken = violations(method, path, response)
        if response.status_code not in (statuses or {200}) or broken:
            reason = f"""The API fails: {method} {request.url} returned {response.status_code}
                {response.text[:200]!r}. The contract does not allow this response. Either another
                service answered, or another version of the API. {" ".join(broken)}"""
            raise Finding(API, BROKEN, reason)
        return response.json() if "json" in response.headers["Content-Type"] else response.text


@cache
def operations() -> dict[str, tuple[str, str, dict[str, dict[str, Any]]]]:
    """Return method, path and parameters of each operation of the contract by its operationId."""
    return {
        operation["operationId"]: (method.upper(), path, {one["name"]: one for one in parameters})
        for path, item in repository.load().document["paths"].items()
        for method, operation in item.items()
        if "operationId" in operation
        for parameters in [operation.get("parameters", [])]
    }


def violations(method: str, path: str, response: requests.Response) -> list[str]:
    """Return what the contract does not allow in a response, by openapi-core."""
    received = SimpleNamespace(
        status_code=response.status_code,
        content_type=response.headers.get("Content-Type", ""),
        headers=response.headers,
        data=response.content,
    )
    request = SimpleNamespace(method=method.lower(), path=path, host_url="")
    return repository.load().slow_path.violations(request, received)  # type: ignore[arg-type]
