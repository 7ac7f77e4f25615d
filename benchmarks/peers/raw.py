"""boto3 and json alone."""

import json
from typing import Any

from benchmarks.peers import store


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    assert event["queryStringParameters"]["visitId"]
    body = store.record(event["pathParameters"]["counterId"])
    headers = {"Content-Type": "application/json", **store.HEADERS}
    return {"statusCode": 201, "headers": headers, "body": json.dumps(body)}
