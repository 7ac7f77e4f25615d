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


class Query(dict[str, str]):
    """The parameters of a query. Of a repeated one it has the last value, like API Gateway."""

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        super().__init__({name: repeated[-1] for name, repeated in values.items()})
        self._values = values

    def getlist(self, name: str) -> list[str]:
        """Return all values of a parameter; none if it is missing. openapi-core calls this, too."""
        return self._values.get(name, [])


class Request:
    """A request, read from a proxy event.

    `path` is the contract's path template that API Gateway matched, without the stage or the
    base path of a custom domain.

    Attributes:
        sent_method: what the client sent. `method` is the key of the operation, so it is `get` for
            a HEAD request.
        log: what the operation adds to the log line, even if it then fails.

    Raises:
        ValueError: the event is not a REST proxy event.
    """

    host_url = ""

    def __init__(self, event: Event) -> None:
        try:
            self.sent_method: str = event["httpMethod"]
            self.method = self.sent_method.lower()
            self.path: str = event["resource"]
            self.context: Mapping[str, Any] = event["requestContext"]
            # API Gateway sends empty entries as null.
            headers = event["multiValueHeaders"] or {}
            # https://www.rfc-editor.org/rfc/rfc9110#section-5.3
            lines = {name: ",".join(values) for name, values in headers.items()}
            self.headers = HTTPHeaderDict(lines)
            self.query = Query(event["multiValueQueryStringParameters"] or {})
            self.path_parameters: Mapping[str, str] = event["pathParameters"] or {}
        except (AttributeError, LookupError, TypeError) as error:
            raise ValueError(
                "Not a REST proxy event (payload 1.0). Call this function through API Gateway."
            ) from error
        self.log: dict[str, str] = {}
        self._event = event

    @property
    def content_type(self) -> str:
        """The media type in small letters; of `multipart/` with its parameters, which separate the
        parts. JSON is always UTF-8 (RFC 8259), and this package reads all text as UTF-8.
        """
        text: str = self.headers.get("Content-Type", "")
        media_type = text.partition(";")[0].strip().lower()
        return text if media_type.startswith("multipart/") else media_type

    @cached_property
    def body(self) -> bytes:
        """The body, which may have megabytes. It is decoded only if an operation has one."""
        text = self._event.get("body") or ""
        return base64.b64decode(text) if self._event.get("isBase64Encoded") else text.encode()

    @cached_property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    @cached_property
    def parameters(self) -> "RequestParameters":
        """All parameters, in the form that openapi-core reads and completes."""
        from openapi_core.datatypes import RequestParameters  # noqa: PLC0415 - it is slow

        return RequestParameters(query=self.query, header=self.headers, path=self.path_parameters)

    @property
    def time(self) -> datetime:
        """When API Gateway received the request, in UTC."""
        return datetime.fromtimestamp(self.context["requestTimeEpoch"] / 1000, UTC)


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
        return cls(status, "application/json", f"{json.dumps(body)}\n")

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

    def to_proxy(self, *, with_body: bool = True) -> dict[str, Any]:
        """Return the response in the form that API Gateway expects from a proxy integration."""
        body = self.body if with_body else ""
        return {"statusCode": self.status_code, "headers": self.headers, "body": body}
