"""The proxy event has the form that AWS documents, and the function reads it correctly."""

import base64
import re
from time import time

import pytest
from werkzeug.test import EnvironBuilder

from local import function
from local.gateway.event import proxy_event
from openapi_handler.messages import Request
from tests.conftest import NOON

# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
KEYS = {
    "resource",
    "path",
    "httpMethod",
    "headers",
    "multiValueHeaders",
    "queryStringParameters",
    "multiValueQueryStringParameters",
    "pathParameters",
    "stageVariables",
    "requestContext",
    "body",
    "isBase64Encoded",
}
CONTEXT = {
    "accountId",
    "apiId",
    "domainName",
    "domainPrefix",
    "extendedRequestId",
    "httpMethod",
    "identity",
    "path",
    "protocol",
    "requestId",
    "requestTime",
    "requestTimeEpoch",
    "resourceId",
    "resourcePath",
    "stage",
}
IDENTITY = {
    "accessKey",
    "accountId",
    "caller",
    "cognitoAuthenticationProvider",
    "cognitoAuthenticationType",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "principalOrgId",
    "sourceIp",
    "user",
    "userAgent",
    "userArn",
}


def event(resource="/counters/{counterId}", parameters=None, **options):
    options = {"path": "/counters/resume", "base_url": "http://localhost/live", **options}
    request = EnvironBuilder(**options).get_request()
    known = {"counterId": "resume"} if parameters is None else parameters
    return proxy_event(request, resource, known)


def test_event_has_the_documented_keys():
    """The event, its context and its identity have all keys that AWS documents, and no others."""
    built = event()
    assert set(built) == KEYS
    assert set(built["requestContext"]) == CONTEXT
    assert set(built["requestContext"]["identity"]) == IDENTITY


def test_empty_maps_are_null():
    """A map without entries is null, as on AWS, and the function accepts null maps."""
    built = event("/health", {}, path="/health")
    assert built["pathParameters"] is None
    assert built["queryStringParameters"] is None
    assert built["multiValueQueryStringParameters"] is None
    assert built["stageVariables"] is None
    assert built["body"] is None
    response = function.handle(built | {"multiValueHeaders": None}, None)
    assert response["statusCode"] == 200


def test_repeated_query_parameters():
    """The single-value map has the last value, the multi-value map has all values in order."""
    built = event(query_string="days=1&days=2")
    assert built["queryStringParameters"] == {"days": "2"}
    assert built["multiValueQueryStringParameters"] == {"days": ["1", "2"]}


def test_context_has_request_id_and_time():
    """Each request has a different ID; the time is given in milliseconds and as text."""
    first, second = (event()["requestContext"] for _ in range(2))
    assert first["requestId"] != second["requestId"]
    assert abs(first["requestTimeEpoch"] / 1000 - time()) < 60
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", first["requestTime"])


def test_query_parameters_are_decoded():
    """Percent-encoded query parameters are decoded, as on AWS."""
    assert event(query_string="a=%20%C3%A9")["queryStringParameters"] == {"a": " é"}


def test_stage_is_only_in_the_context():
    """`path` has no stage; `requestContext.path` begins with it."""
    built = event()
    assert built["path"] == "/counters/resume"
    assert built["requestContext"]["path"] == "/live/counters/resume"
    assert built["requestContext"]["stage"] == "live"


def test_base_path_of_a_custom_domain_is_ignored(table):
    """The function routes by `resource`, because `path` may begin with a custom base path."""
    built = event() | {"path": "/api/v1/counters/resume"}
    assert function.handle(built, None)["statusCode"] == 200


@pytest.mark.parametrize(
    ("body", "encoded"), [("text", False), (base64.b64encode(b"text").decode(), True)]
)
def test_function_decodes_the_body(body, encoded):
    """openapi-core gets the same bytes from a plain and from a base64-encoded body."""
    assert Request(event() | {"body": body, "isBase64Encoded": encoded}).body == b"text"


@pytest.mark.parametrize("name", ["User-Agent", "user-agent", "USER-AGENT"])
def test_header_names_are_case_insensitive(name):
    """The function finds headers in any case; API Gateway keeps the case that the client used."""
    assert Request(event() | {"multiValueHeaders": {name: ["x"]}}).headers.get("User-Agent") == "x"


def test_request_time_comes_from_the_event():
    """The time of a request is the gateway's time in UTC, not the clock of the function."""
    built = event()
    built["requestContext"]["requestTimeEpoch"] = int(NOON.timestamp() * 1000)
    assert Request(built).time == NOON
