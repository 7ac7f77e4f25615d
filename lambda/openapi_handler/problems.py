"""Errors in the form of RFC 9457."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from openapi_handler.messages import Response

INVALID_REQUEST, INTERNAL_ERROR = "invalid-request", "internal-error"
MEDIA_TYPE = "application/problem+json"
STATUSES = {INVALID_REQUEST: 400, INTERNAL_ERROR: 500}


@dataclass(eq=False)
class Problem(Exception):
    """An error to report to the client.

    Attributes:
        name: of one of the service's problem types.
        detail: what the client can do about it. It must not repeat any input.
        retry_after: seconds after which the client may repeat the request.
    """

    name: str
    detail: str
    retry_after: int | None = None


@dataclass(frozen=True)
class ProblemTypes:
    """The kinds of errors that a service reports.

    Attributes:
        prefix: of their URIs.
        statuses: the HTTP status of each, by name. Those in STATUSES belong to every service.
    """

    prefix: str
    statuses: Mapping[str, int]

    def response(self, problem: Problem) -> Response:
        status = {**STATUSES, **self.statuses}[problem.name]
        body = {
            "type": f"{self.prefix}{problem.name}",
            "title": problem.name.replace("-", " ").capitalize(),
            "status": status,
            "detail": problem.detail,
        }
        return Response(
            status, MEDIA_TYPE, f"{json.dumps(body)}\n", retry_after=problem.retry_after
        )
