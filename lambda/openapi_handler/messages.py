"""REST proxy events (payload 1.0) and responses, in the form that openapi-core validates.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPHeaderDict

if TYPE_CHECKING:
    from openapi_core.datatypes import RequestParameters

Event = Mapping[str, Any]
# The entries of an event that the function reads. API Gateway sends empty ones as null.
MAP, TEXT = (dict, type(None)), (str, type(None))
ENTRIES: dict[str, tuple[type, ...]] = {
    "httpMethod": (str,),
    "resource": (str,),
    "requestContext": (dict,),
    "headers": MAP,
    "queryStringParameters": MAP,
    "pathParameters": MAP,
    "body": TEXT,
}


class Request:
    """A request, read from a proxy event.

    `path` is the contract's path template that API Gateway matched, without the stage or the
    base path of a custom domain.

    Attributes:
        log: what the operation adds to the log line, even if it then fails.

    Raises:
        ValueError: the event is not a REST proxy event.
    """

    host_url = ""

    def __init__(self, event: Event) -> None:
        check_entries(event)
        self.method: str = event["httpMethod"].lower()
        self.path: str = event["resource"]
        self.context: Mapping[str, Any] = event["requestContext"]
        self.headers = HTTPHeaderDict(event.get("headers") or {})
        self.query: Mapping[str, str] = event.get("queryStringParameters") or {}
        self.path_parameters: Mapping[str, str] = event.get("pathParameters") or {}
        self.log: dict[str, str] = {}
        self._event = event

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")

    @cached_property
    def body(self) -> bytes:
        """The body, which may have megabytes. It is decoded only if an operation has one."""
        text = self._event.get("body") or ""
        return base64.b64decode(text) if self._event.get("isBase64Encoded") else text.encode()

    @cached_property
    def parameters(self) -> "RequestParameters":
        """All parameters, in the form that openapi-core reads and completes."""
        from openapi_core.datatypes import RequestParameters  # noqa: PLC0415 - it is slow

        return RequestParameters(query=self.query, header=self.headers, path=self.path_parameters)

    @property
    def time(self) -> datetime:
        """When API Gateway received the request, in UTC."""
        return datetime.fromtimestamp(self.context["requestTimeEpoch"] / 1000, UTC)


def check_entries(event: Event) -> None:
    """Raise ValueError, which names the entries, if some are missing or have a wrong type."""
    entries = event if isinstance(event, dict) else {}
    wrong = [name for name, types in ENTRIES.items() if not isinstance(entries.get(name), types)]
    if wrong:
        raise ValueError(
            f"Not a REST proxy event (payload 1.0): {', '.join(wrong)}: missing, or of a wrong "
            "type. Call this function through API Gateway."
        )


@dataclass
class Response:
    """A response to the client."""

    status_code: int
    content_type: str
    body: str
    cache_control: str = "no-store"
    retry_after: int | None = None
    more_headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, status: int, body: object) -> "Response":
        return cls(status, "application/json", json.dumps(body))

    @property
    def headers(self) -> dict[str, str]:
        headers = {
            "Content-Type": self.content_type,
            "Cache-Control": self.cache_control,
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Allow, Retry-After",
            "X-Content-Type-Options": "nosniff",
            **self.more_headers,
        }
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return headers

    @property
    def data(self) -> bytes:
        return self.body.encode()

    def to_proxy(self) -> dict[str, Any]:
        """Return the response in the form that API Gateway expects from a proxy integration."""
        return {"statusCode": self.status_code, "headers": self.headers, "body": self.body}
