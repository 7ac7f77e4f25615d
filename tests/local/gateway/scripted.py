"""A Lambda function that answers what the request asks for, or else what it was given."""

import json


def handle(event, _context):
    """`?answer=JSON` is the answer; without it the body is the event's, as far as it is stable."""
    query = event["queryStringParameters"] or {}
    if "answer" in query:
        return json.loads(query["answer"])
    context = event["requestContext"]
    told = {name: event[name] for name in STABLE}
    told["requestContext"] = {name: context[name] for name in STABLE_CONTEXT}
    told["headers"] = {
        name.lower(): value for name, value in event["headers"].items() if name.lower() in HEADERS
    }
    told["multiValueHeaders"] = {
        name.lower(): value
        for name, value in event["multiValueHeaders"].items()
        if name.lower() in HEADERS
    }
    return {"statusCode": 200, "body": json.dumps(told)}


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
