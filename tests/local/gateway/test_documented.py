"""What the gateway answers by itself is documented, in the judgement of openapi-core."""

import re

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from werkzeug.test import Client, EnvironBuilder

from contract import generation
from local.gateway import responses
from local.gateway.app import ANY, Gateway
from openapi_handler.validators import MEDIA_TYPES
from tests.conftest import problem


@pytest.fixture(scope="module")
def expanded(document):
    return generation.expand(document)


@pytest.fixture(scope="module")
def validate(expanded):
    """Validate a response with a contract in which PATCH stands for the methods a path has not."""
    paths = {path: {**item, "patch": item[ANY]} for path, item in expanded["paths"].items()}
    config = Config(
        extra_media_type_deserializers=MEDIA_TYPES, additional_properties_default_policy="forbid"
    )
    openapi = OpenAPI.from_dict({**expanded, "paths": paths}, config)

    def validate(method, path, response):
        request = EnvironBuilder(example(path), method=method).get_request()
        openapi.validate_response(
            WerkzeugOpenAPIRequest(request), WerkzeugOpenAPIResponse(response)
        )

    return validate


def example(path):
    return re.sub(r"\{\w+\}", "resume", path)


def test_errors_of_the_gateway_are_documented(expanded, validate, monkeypatch):
    """Every customised error of the gateway is a problem that the contract documents."""
    for kind, declared in expanded["x-amazon-apigateway-gateway-responses"].items():
        aws_status = 500 if "5XX" in kind else 400
        monkeypatch.setitem(responses.TYPES, kind, (aws_status, None))
        response = responses.GatewayResponses(expanded).make(responses.GatewayError(kind, "Why?"))
        assert response.content_type == "application/problem+json"
        assert response.status_code == int(declared.get("statusCode", aws_status))
        assert response.json.get("status") in {response.status_code, None}
        method, path = next(
            ("PATCH" if method == ANY else method.upper(), path)
            for path, item in expanded["paths"].items()
            for method, operation in item.items()
            if str(response.status_code) in operation["responses"]
        )
        validate(method, path, response)


def test_mocks_of_the_gateway_are_documented(document, validate):
    """The gateway answers preflights and unknown methods as every path documents it."""
    client = Client(Gateway(generation.generate(document), None))
    for path in document["paths"]:
        validate("OPTIONS", path, client.options(example(path)))
        unknown = client.patch(example(path))
        validate("PATCH", path, unknown)
        problem(unknown, 405, "method-not-allowed")
