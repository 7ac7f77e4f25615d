"""Error responses in the form of the contract's Problem (RFC 9457)."""

import json

from visits.message import Response

# API Gateway answers with the other problem types of the contract.
STATUS = {
    "invalid-request": 400,
    "origin-not-allowed": 403,
    "unknown-counter": 404,
    "internal-error": 500,
    "store-unavailable": 503,
}


class Problem(Exception):
    """An error to report to the client.

    Args:
        name: a key of STATUS.
        detail: what the client can do about it. It must not repeat any input.
    """

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(name, detail)
        self.name = name
        self.detail = detail

    def response(self) -> Response:
        body = {
            "type": f"urn:problem-type:visits:{self.name}",
            "title": self.name.replace("-", " ").capitalize(),
            "status": STATUS[self.name],
            "detail": self.detail,
        }
        retry_after = 1 if self.name == "store-unavailable" else None
        return Response(
            STATUS[self.name], "application/problem+json", json.dumps(body), retry_after=retry_after
        )
