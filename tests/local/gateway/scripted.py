"""A Lambda function whose response the request chooses."""

import json


def handle(event, _context):
    """Return the JSON in the query parameter `answer`, or the stable parts of the event."""
    query = event["queryStringParameters"] or {}
    if "answer" in query:
        return json.loads(query["answer"])
    context = event["requestContext"]
    stable = {name: event[name] for name in STABLE}
    stable["requestContext"] = {name: context[name] for name in STABLE_CONTEXT}
    for field in ("headers", "multiValueHeaders"):
        headers = {name.lower(): value for name, value in event[field].items()}
        stable[field] = {name: headers[name] for name in HEADERS if name in headers}
    return {"statusCode": 200, "body": json.dumps(stable)}


STABLE = (
    "resource",
    "path",
    "httpMethod",
    "queryStringParameters",
    "multiValueQueryStringParameters",
    "pathParameters",
    "stageVariables",
    "body",
    "isBase64Encoded",
)
STABLE_CONTEXT = ("stage", "path", "httpMethod", "resourcePath", "protocol")
HEADERS = ("content-type", "origin", "sec-gpc", "user-agent", "x-test")
