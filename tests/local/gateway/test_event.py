"""The function reads proxy events correctly. Their form is shown by test_differential.py."""

import base64

from local import function
from openapi_handler.messages import Request
from tests.visits.events import valid_event


def test_null_maps_and_the_base_path_of_a_custom_domain_are_accepted(table):
    """A map without entries is null on AWS. The function routes by `resource`, because `path` may
    begin with a custom base path."""
    event = valid_event("readCounter") | {"path": "/api/v1/counters/resume"}
    event |= {"multiValueHeaders": None, "multiValueQueryStringParameters": None}
    assert function.handle(event, None)["statusCode"] == 200


def test_function_decodes_the_body():
    """openapi-core gets the same bytes from a plain and from a base64-encoded body."""
    for body, encoded in (("text", False), (base64.b64encode(b"text").decode(), True)):
        event = valid_event("readCounter") | {"body": body, "isBase64Encoded": encoded}
        assert Request(event).body == b"text"
