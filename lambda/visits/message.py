"""REST proxy events (payload 1.0) and their answers, as openapi-core's protocols.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers

Event = Mapping[str, Any]


class Request:
    """What a client asked, read from a proxy event.

    The path is the contract's template, which API Gateway has matched already: neither
    the stage nor a custom domain's base path gets in the way. Empty maps arrive as null.

    Raises:
        ValueError: the event is not a REST proxy event.
    """

    host_url = ""

    def __init__(self, event: Event) -> None:
        try:
            self.method: str = event["httpMethod"].lower()
            self.path: str = event["resource"]
            self.context: Mapping[str, Any] = event["requestContext"]
        except KeyError as missing:
            raise ValueError(
                f"Not a REST proxy event (payload 1.0): {missing} is missing. "
                "Call this function through API Gateway."
            ) from None
        self.headers = Headers(event.get("headers") or {})
        self.query: Mapping[str, str] = event.get("queryStringParameters") or {}
        self.parameters = RequestParameters(
            query=self.query, header=self.headers, path=event.get("pathParameters") or {}
        )
        self.content_type = self.headers.get("Content-Type", "")
        text = event.get("body") or ""
        self.body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()

    @property
    def counter_id(self) -> str:
        """The path parameter, empty for operations without a counter."""
        return str(self.parameters.path.get("counterId", ""))

    @property
    def time(self) -> datetime:
        """When the gateway received the request, in UTC."""
        return datetime.fromtimestamp(self.context["requestTimeEpoch"] / 1000, UTC)


@dataclass
class Response:
    """What the client is answered."""

    status_code: int
    content_type: str
    body: str
    cache_control: str = "no-store"
    retry_after: int | None = None

    @classmethod
    def json(cls, status: int, body: object) -> "Response":
        return cls(status, "application/json", json.dumps(body))

    @property
    def headers(self) -> dict[str, str]:
        headers = {
            "Content-Type": self.content_type,
            "Cache-Control": self.cache_control,
            "Access-Control-Allow-Origin": "*",
        }
        return (
            headers
            if self.retry_after is None
            else headers | {"Retry-After": str(self.retry_after)}
        )

    @property
    def data(self) -> bytes:
        return self.body.encode()

    def to_proxy(self) -> dict[str, Any]:
        """The answer in the form API Gateway takes from a proxy integration."""
        return {"statusCode": self.status_code, "headers": self.headers, "body": self.body}
