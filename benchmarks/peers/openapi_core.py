"""openapi-core as its README shows it: load the contract, validate request and response."""

import json
import os
from dataclasses import dataclass
from typing import Any

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError

from benchmarks.peers import store

openapi = OpenAPI.from_file_path(os.environ["CONTRACT"])


class Request:
    host_url = ""
    content_type = ""
    body = None

    def __init__(self, event: dict[str, Any]) -> None:
        self.path = event["path"]
        self.method = event["httpMethod"].lower()
        self.parameters = RequestParameters(
            query=event["queryStringParameters"] or {}, header=event["headers"]
        )


@dataclass
class Response:
    status_code: int
    headers: dict[str, str]
    data: bytes
    content_type: str = "application/json"


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    request = Request(event)
    try:
        openapi.validate_request(request)
    except OpenAPIError as error:
        return {"statusCode": 400, "headers": store.HEADERS, "body": str(error)}
    body = json.dumps(store.record(event["pathParameters"]["counterId"]))
    response = Response(201, store.HEADERS, body.encode())
    try:
        openapi.validate_response(request, response)
    except OpenAPIError as error:
        return {"statusCode": 500, "headers": store.HEADERS, "body": str(error)}
    headers = {"Content-Type": response.content_type, **store.HEADERS}
    return {"statusCode": response.status_code, "headers": headers, "body": body}
