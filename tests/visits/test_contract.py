"""openapi.yaml: what holds for every operation, and that the code keeps to it."""

import json
import re

import pytest
from openapi_core import Config, OpenAPI
from openapi_schema_validator import OAS30Validator

from contract import generation
from openapi_handler.messages import Request, Response
from openapi_handler.problems import STATUSES, Problem
from openapi_handler.validators import MEDIA_TYPES
from tests.examples import valid_responses, with_data
from tests.visits.events import valid_event
from visits.handler import PROBLEM_TYPES
from visits.operations import operation as implemented

GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"
INTEGRATION = "x-amazon-apigateway-integration"
EXPOSE = "Access-Control-Expose-Headers"
# Headers that the scripts of a page can read anyway, or need not read:
# https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
FOR_BROWSERS = {
    "Cache-Control",
    "Content-Type",
    "Content-Security-Policy",
    "Cross-Origin-Resource-Policy",
    "X-Content-Type-Options",
}


@pytest.fixture(scope="module")
def expanded(document):
    """The contract with all generated methods."""
    return generation.expand(document)


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_code_and_contract_have_the_same_operations(document):
    """The function implements exactly the operations of the contract."""
    assert {operation["operationId"] for *_, operation in operations(document)} == {*implemented}


def test_every_operation_documents_the_errors_of_the_gateway(expanded):
    """Every operation documents each status that the gateway can send instead of an answer."""
    customised = {
        response["statusCode"]
        for name, response in expanded[GATEWAY_RESPONSES].items()
        if "statusCode" in response and response["statusCode"] != "404"  # there is no such path
    }
    for path, method, operation in operations(expanded):
        mock = operation[INTEGRATION]["type"] == "mock"
        # Only mocks check the media type, and only functions fail or are late.
        unrelated = {"502", "503", "504"} if mock else {"415"}
        expected = (customised | {"413", "500", "502"}) - unrelated
        assert expected <= operation["responses"].keys(), (path, method)


def test_every_answer_is_one_that_pages_of_other_origins_can_read(expanded):
    """All responses but 413 have CORS headers, expose the others, and forbid to guess the type.

    That is so for the function, for the mocks and for the gateway's own errors.
    """
    exposed = Response.json(200, {}).headers[EXPOSE]
    for path, method, operation in operations(expanded):
        for status, response in operation["responses"].items():
            names = response["headers"].keys()
            if status != "413":
                assert {"Access-Control-Allow-Origin", EXPOSE, "X-Content-Type-Options"} <= names
            hidden = {name for name in names if not name.startswith("Access-Control-")}
            assert hidden - FOR_BROWSERS <= {*exposed.split(", ")}, (path, method, status)
    integrations = [operation[INTEGRATION] for *_, operation in operations(expanded)]
    mocks = [mock["responses"]["default"] for mock in integrations if mock["type"] == "mock"]
    for answer in [*expanded[GATEWAY_RESPONSES].values(), *mocks]:
        values = {
            name.rpartition(".")[2]: value for name, value in answer["responseParameters"].items()
        }
        assert values[EXPOSE] == f"'{exposed}'"
        assert values["Access-Control-Allow-Origin"] == "'*'"
        assert values["X-Content-Type-Options"] == "'nosniff'"


def test_problem_types_of_contract_and_code_are_the_same(expanded):
    """The contract lists exactly the problem types, and both sides use the same titles."""
    declared = expanded["components"]["schemas"]["Problem"]["properties"]["type"]["x-known-values"]
    names = {**STATUSES, **PROBLEM_TYPES.statuses}
    ours = [json.loads(PROBLEM_TYPES.response(Problem(name, "")).body) for name in names]
    text = json.dumps([expanded[GATEWAY_RESPONSES], expanded["paths"]])
    gateway = re.findall(r'(urn:problem-type:visits:[a-z-]+)\\", \\"title\\": \\"([^"]+)\\"', text)
    titles = dict(gateway)
    assert titles.keys() | {answer["type"] for answer in ours} == {*declared}
    for answer in ours:
        assert titles.get(answer["type"], answer["title"]) == answer["title"]


def test_clients_accept_what_a_later_version_adds(document):
    """A client that validates responses accepts new properties, problem types and reasons."""
    client = OpenAPI.from_dict(document, Config(extra_media_type_deserializers=MEDIA_TYPES))
    later = {"later": {"more": 1}}
    request = Request(valid_event("recordVisit"))
    for answer in valid_responses(document, request.path, request.method):
        if isinstance(answer.body, str):
            continue  # the gateway's text for 413
        answer.body |= later
        if answer.status_code == 200:
            answer.body |= {"today": answer.body["today"] | later, "reason": "later"}
        if "problem" in answer.content_type:
            answer.body["type"] = "urn:problem-type:visits:later"
        client.validate_response(request, with_data(answer))


def test_examples_are_valid(document):
    """Every example of a parameter, a body and a component matches its schema."""
    shown = list(examples(document))
    assert shown
    for place, schema, value in shown:
        rooted = {"allOf": [schema], "components": document["components"]}
        assert list(OAS30Validator(rooted).iter_errors(value)) == [], place


def examples(node, place=""):
    """Yield the place, the schema and the value of each example."""
    if isinstance(node, list):
        for position, item in enumerate(node):
            yield from examples(item, f"{place}.{position}")
    elif isinstance(node, dict):
        schema = node.get("schema", node)
        if "example" in node and place.rpartition(".")[2] != "properties":
            yield place, schema, node["example"]
        for name, example in node.get("examples", {}).items():
            yield f"{place}.{name}", schema, example["value"]
        for name, value in node.items():
            if name not in {"example", "examples"}:
                yield from examples(value, f"{place}.{name}")
