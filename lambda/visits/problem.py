"""What can go wrong, as the contract's Problem (RFC 9457)."""

import json

from visits.message import Response

# The contract's other problem types are answered by the gateway.
STATUS = {
    "invalid-request": 400,
    "origin-not-allowed": 403,
    "unknown-counter": 404,
    "internal-error": 500,
    "store-unavailable": 503,
}


class Problem(Exception):
    """An error that the client is told about.

    Args:
        name: a key of STATUS.
        detail: what to do about it, without anything that was sent.
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
