"""The proxy event has the shape that AWS documents, and the function reads it so."""

import base64
import re
from time import time

import pytest
from werkzeug.test import EnvironBuilder

from local.gateway.event import proxy_event
from tests.conftest import NOON
from visits import handler
from visits.message import Request

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


def test_the_event_has_the_documented_keys():
    """Keys of the event, its context and its identity are AWS's, all of them."""
    built = event()
    assert set(built) == KEYS
    assert set(built["requestContext"]) == CONTEXT
    assert set(built["requestContext"]["identity"]) == IDENTITY


def test_empty_maps_are_null():
    """Where nothing was sent the map is null, as AWS has it, and the function takes that."""
    built = event("/health", {}, path="/health")
    assert built["pathParameters"] is None
    assert built["queryStringParameters"] is None
    assert built["multiValueQueryStringParameters"] is None
    assert built["stageVariables"] is None
    assert built["body"] is None
    assert (
        handler.handle(built | {"headers": None, "multiValueHeaders": None}, None)["statusCode"]
        == 200
    )


def test_repeated_values_are_all_there_and_the_last_one_alone():
    """The single map has the last value, the multi-value map has all in their order."""
    built = event(query_string="days=1&days=2")
    assert built["queryStringParameters"] == {"days": "2"}
    assert built["multiValueQueryStringParameters"] == {"days": ["1", "2"]}


def test_the_context_tells_request_and_time():
    """Each request has an id of its own; the time is there in milliseconds and in words."""
    first, second = (event()["requestContext"] for _ in range(2))
    assert first["requestId"] != second["requestId"]
    assert abs(first["requestTimeEpoch"] / 1000 - time()) < 60
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", first["requestTime"])


def test_parameters_are_decoded():
    """API Gateway decodes what the URL encodes."""
    assert event(query_string="a=%20%C3%A9")["queryStringParameters"] == {"a": " é"}


def test_the_stage_is_in_the_context_and_not_in_the_path():
    """`path` is the request's, `requestContext.path` has the stage before it."""
    built = event()
    assert built["path"] == "/counters/resume"
    assert built["requestContext"]["path"] == "/live/counters/resume"
    assert built["requestContext"]["stage"] == "live"


def test_a_custom_domains_base_path_does_not_matter(table):
    """Behind a custom domain `path` begins with its base path; the function goes by `resource`."""
    built = event() | {"path": "/api/v1/counters/resume"}
    assert handler.handle(built, None)["statusCode"] == 200


@pytest.mark.parametrize(
    ("body", "encoded"), [("text", False), (base64.b64encode(b"text").decode(), True)]
)
def test_the_function_decodes_the_body(body, encoded):
    """Encoded or not, the body is bytes to openapi-core."""
    assert Request(event() | {"body": body, "isBase64Encoded": encoded}).body == b"text"


@pytest.mark.parametrize("name", ["User-Agent", "user-agent", "USER-AGENT"])
def test_headers_are_found_in_any_case(name):
    """API Gateway passes header names as the client wrote them."""
    assert Request(event() | {"headers": {name: "x"}}).headers.get("User-Agent") == "x"


def test_the_time_of_a_request_is_the_gateways():
    """The day of a visit is the gateway's, in UTC, whatever the function's clock says."""
    built = event()
    built["requestContext"]["requestTimeEpoch"] = int(NOON.timestamp() * 1000)
    assert Request(built).time == NOON
