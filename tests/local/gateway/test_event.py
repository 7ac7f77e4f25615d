"""The function reads proxy events correctly. Their form is shown by test_differential.py."""

import base64
from datetime import UTC, datetime, timedelta

from werkzeug.test import EnvironBuilder

from local import function
from local.gateway.event import proxy_event
from openapi_handler.messages import Request
from tests.conftest import NOON


def event(resource="/counters/{counterId}", parameters=None, **options):
    options = {"path": "/counters/resume", "base_url": "http://localhost/live", **options}
    request = EnvironBuilder(**options).get_request()
    known = {"counterId": "resume"} if parameters is None else parameters
    return proxy_event(request, resource, known)


def test_empty_maps_are_null():
    """A map without entries is null, as on AWS, and the function accepts null maps."""
    built = event("/health", {}, path="/health")
    assert built["pathParameters"] is built["multiValueQueryStringParameters"] is None
    response = function.handle(built | {"multiValueHeaders": None}, None)
    assert response["statusCode"] == 200


def test_the_single_map_has_the_last_value():
    """A repeated name has all its values in the multi-value map alone, as AWS documents it."""
    built = event(query_string="a=1&a=2&b=3")
    assert built["queryStringParameters"] == {"a": "2", "b": "3"}
    assert built["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": ["3"]}


def test_base_path_of_a_custom_domain_is_ignored(table):
    """The function routes by `resource`, because `path` may begin with a custom base path."""
    built = event() | {"path": "/api/v1/counters/resume"}
    assert function.handle(built, None)["statusCode"] == 200


def test_function_decodes_the_body():
    """openapi-core gets the same bytes from a plain and from a base64-encoded body."""
    for body, encoded in (("text", False), (base64.b64encode(b"text").decode(), True)):
        assert Request(event() | {"body": body, "isBase64Encoded": encoded}).body == b"text"


def test_request_time_comes_from_the_event():
    """The time of a request is the gateway's time in UTC, not the clock of the function."""
    built = event()
    assert abs(Request(built).time - datetime.now(UTC)) < timedelta(minutes=1)
    built["requestContext"]["requestTimeEpoch"] = int(NOON.timestamp() * 1000)
    assert Request(built).time == NOON
