"""What the contract promises, written a second time and in another form.

The function, the gateway and most tests follow openapi.yaml, so they also follow a weaker one.
These tests do not. `make contract-mutants` looks for changes that no test notices.
"""

import json
import re
from datetime import date

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from werkzeug.test import Client, EnvironBuilder

from contract import repository
from local.gateway import responses
from local.gateway.app import ANY, Gateway
from openapi_handler.contract import KNOWN_VALUES, Contract
from openapi_handler.messages import Request, Response
from openapi_handler.problems import Problem
from openapi_handler.validators import MEDIA_TYPES
from tests.conftest import problem
from tests.openapi_handler.test_fast_path import (
    ODD,
    PROBLEMS,
    VALID,
    answer,
    changed_once,
    event,
    sent,
)
from tests.visits.test_contract import operations

INTEGRATION = "x-amazon-apigateway-integration"


def matches(pattern):
    return lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value))


def is_number(value):
    return type(value) is int


def is_count(value):
    return is_number(value) and value >= 0


def is_day(value):
    return matches(r"\d{4}-\d\d-\d\d")(value) and bool(date.fromisoformat(value))


def is_number_of_days(value):
    return matches("[1-9][0-9]{0,2}")(value) and int(value) <= 366


# The fields of each body, with their valid values. A question mark stands for an optional field.
is_name, is_text = matches("[a-z0-9][a-z0-9-]{0,63}"), matches("(?s).*")
DAY = {"date": is_day, "visits": is_count, "visitors": is_count}
COUNTER = {"counterId": is_name, "visits": is_count, "visitors": is_count, "today": DAY}
RECEIPT = {**COUNTER, "counted": lambda value: value in (True, False)}
RECEIPT["reason?"] = matches("[a-z-]+")
HISTORY = {"counterId": is_name, "days": [DAY]}
HEALTH = {"status": matches("ok"), "version": is_text, "contract": matches("[0-9a-f]{64}")}
PROBLEM = {"type": matches("urn:problem-type:visits:[a-z-]+"), "title": is_text}
PROBLEM |= {"status?": is_number, "detail?": is_text}
GATEWAY_MESSAGE = {"message": is_text}
OBJECTS = [DAY, COUNTER, RECEIPT, HISTORY, HEALTH, PROBLEM, GATEWAY_MESSAGE]
BADGE = matches("(?s)<svg .*")
BODIES = [*OBJECTS, BADGE, is_text]
TOO_LARGE = Response.json(413, {"message": "Request Too Long"})  # AWS sends it, without headers

PARAMETERS = {
    "counterId": is_name,
    "visitId": matches("[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"),
    "days": is_number_of_days,
    "file": matches("visitor-(counter|history).js"),
    "value": matches("visits|visitors|today"),
    "label": lambda value: value.isprintable() and 1 <= len(value) <= 64,
    "color": matches(
        "brightgreen|green|yellowgreen|yellow|orange|red|blue|grey|lightgrey"
        "|[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6}"
    ),
    "style": matches("flat|flat-square|plastic|for-the-badge"),
    "compact": matches("true|false"),
}
LIMITS = ["a", "-", "a-", "-a", "a_", "x" * 64, "0", "1", "366", "367", "true", "yes", "A\x7f"]
LIMITS += ["visits", "visitors", "today", "flat", "flat-square", "plastic", "for-the-badge"]
LIMITS += ["redx", "xred", "grey", "lightgrey", "yellowgreen", "0fF", "0fF8", "0fF8aB", "0fF8aB1"]
HEADERS = {  # the others have one value
    "Access-Control-Expose-Headers": matches("(?s).+"),
    "Retry-After": matches("[1-9][0-9]*"),
}

# The gateway's answer to each of its errors: the status, or None if it is AWS's, the name of the
# problem, and whether the detail is AWS's message.
GATEWAY_ANSWERS = {
    "MISSING_AUTHENTICATION_TOKEN": (404, "unknown-route", False),
    "RESOURCE_NOT_FOUND": (404, "unknown-route", False),
    "BAD_REQUEST_PARAMETERS": (400, "invalid-request", True),
    "WAF_FILTERED": (403, "forbidden", False),
    "UNSUPPORTED_MEDIA_TYPE": (415, "unsupported-media-type", False),
    "THROTTLED": (429, "too-many-requests", False),
    "QUOTA_EXCEEDED": (429, "too-many-requests", False),
    "INTEGRATION_FAILURE": (503, "service-busy", False),
    "INTEGRATION_TIMEOUT": (504, "gateway-timeout", False),
    "DEFAULT_4XX": (None, "refused", True),
    "DEFAULT_5XX": (None, "internal-error", True),
}


def names(fields):
    return {name.rstrip("?") for name in fields}


def promised(value, fields):
    """Return whether a value of JSON has these fields."""
    if callable(fields):
        return fields(value)
    if isinstance(fields, list):
        return isinstance(value, list) and all(promised(item, fields[0]) for item in value)
    required = {name for name in fields if not name.endswith("?")}
    valid = {name.rstrip("?"): fields[name] for name in fields}
    return (
        isinstance(value, dict)
        and required <= value.keys() <= valid.keys()
        and all(promised(value[name], valid[name]) for name in value)
    )


def test_contract_documents_nothing_else(document):
    """The contract has no other status, field or parameter than those of the promises."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", document["info"]["version"])
    assert {(path, response.status_code) for _, path, _, valid in VALID for response in valid} == {
        (path, int(status))
        for path, _, operation in operations(document)
        for status in operation["responses"]
        if int(status) < 400 and operation[INTEGRATION]["type"] == "aws_proxy"
    }
    schemas = [each for each in document["components"]["schemas"].values() if "properties" in each]
    fields = sorted(sorted(schema["properties"]) for schema in schemas)
    assert fields == sorted(sorted(names(each)) for each in OBJECTS)
    parameters = [each for *_, each in operations(document) for each in each.get("parameters", [])]
    assert {each["name"] for each in parameters} == PARAMETERS.keys()


def enums(node):
    """Return the values of every enum in a node."""
    found = re.findall(r'"enum": (\[.*?\])', json.dumps(node))
    return [value for values in found for value in json.loads(values)]


def test_every_value_of_an_enum_is_sent(document):
    """Every value that an enum allows in an answer is in one of the valid answers."""
    answers = [response for *_, valid in VALID for response in valid]
    values = [value for each in answers for value in each.headers.values()]
    values += [
        value
        for each in answers
        if "json" in each.content_type
        for value in json.loads(each.body).values()
    ]
    documented = [operation["responses"] for *_, operation in operations(document)]
    assert all(value in values for value in enums([documented, document["components"]["schemas"]]))


@pytest.mark.parametrize(("method", "path", "query", "_answers"), VALID)
def test_parameters_have_only_promised_values(document, method, path, query, _answers):
    """Of many values of a parameter, the contract accepts exactly those that it promises."""
    for parameter in document["paths"][path][method.lower()].get("parameters", []):
        name, place = parameter["name"], parameter["in"]
        texts = [each for each in ODD if isinstance(each, str) and each.isascii()]
        for value in [*LIMITS, *texts, *enums(parameter)]:
            changed = event(method, path, query)
            changed["pathParameters" if place == "path" else "queryStringParameters"] = {
                name: value
            }
            try:
                repository.load().check(Request(changed))
            except Problem:
                assert not PARAMETERS[name](value), (name, value)
            else:
                assert PARAMETERS[name](value), (name, value)


@pytest.fixture(scope="module")
def for_clients(document):
    """The contract without the list of known values, which clients do not know."""
    visible = {name: value for name, value in document.items() if name != KNOWN_VALUES}
    return Contract(visible, "")


@pytest.mark.parametrize(("method", "path", "query", "valid"), VALID)
def test_answers_have_only_promised_fields_and_values(for_clients, method, path, query, valid):
    """Of thousands of changed answers, the contract accepts only those that it promises."""
    request = Request(event(method, path, query))
    documented = for_clients.document["paths"][path][method.lower()]["responses"]
    errors = [each for each in [*PROBLEMS, TOO_LARGE] if str(each.status_code) in documented]
    for response in [*valid, *errors]:
        assert for_clients.fast_path.accepts_response(request, response)
        unchanged = answer(response)
        fields = next(each for each in BODIES if promised(unchanged["body"], each))
        checked = unchanged["headers"].keys() - {"Content-Type"}
        checked -= {"Cache-Control"} if response in errors else set()
        checked -= checked if response is TOO_LARGE else set()
        for parts in changed_once(unchanged):
            if not isinstance(parts, dict) or parts.keys() != unchanged.keys():
                continue
            message = sent(parts)
            if for_clients.fast_path.accepts_response(request, message):
                is_json = isinstance(unchanged["body"], dict)
                body = parts["body"] if is_json else message.data.decode()
                assert promised(body, fields), body
                for name in checked:
                    is_valid = HEADERS.get(name, unchanged["headers"][name].__eq__)
                    assert is_valid(parts["headers"].get(name)), name


@pytest.fixture(scope="module")
def openapi_core(document):
    """openapi-core, for a contract in which PATCH stands for the methods that a path has not."""
    paths = {path: {**item, "patch": item[ANY]} for path, item in document["paths"].items()}
    config = Config(
        extra_media_type_deserializers=MEDIA_TYPES, additional_properties_default_policy="forbid"
    )
    return OpenAPI.from_dict({**document, "paths": paths}, config)


def filled(path):
    return re.sub(r"\{\w+\}", "resume", path)


def validate(openapi_core, method, path, response):
    request = EnvironBuilder(filled(path), method=method).get_request()
    openapi_core.validate_response(
        WerkzeugOpenAPIRequest(request), WerkzeugOpenAPIResponse(response)
    )


@pytest.mark.parametrize("kind", GATEWAY_ANSWERS)
def test_errors_of_the_gateway_are_promised(document, openapi_core, monkeypatch, kind):
    """The gateway answers each error as promised, and as the operations document it."""
    status, name, with_message = GATEWAY_ANSWERS[kind]
    aws_status = 500 if "5XX" in kind else 400
    monkeypatch.setattr(responses, "TYPES", {kind: (aws_status, None)})
    response = responses.GatewayResponses(document).make(responses.GatewayError(kind, "Why?"))
    assert response.status_code == (status or aws_status)
    assert response.content_type == "application/problem+json"
    assert response.json.keys() == names(PROBLEM) - (set() if status else {"status"})
    assert response.json["type"] == f"urn:problem-type:visits:{name}"
    assert response.json.get("status") == status
    assert (response.json["detail"] == "Why?") == with_message
    assert response.headers.get("Retry-After") == ("1" if status in {429, 503} else None)
    for path, method, operation in operations(document):
        if str(response.status_code) in operation["responses"]:
            validate(openapi_core, "PATCH" if method == ANY else method.upper(), path, response)
            return  # errors are the same everywhere
    assert status == 404


def test_mocks_of_the_gateway_are_documented(document, openapi_core):
    """The gateway answers preflights and unknown methods as every path documents it."""
    client = Client(Gateway(document, None))
    for path in document["paths"]:
        validate(openapi_core, "OPTIONS", path, client.options(filled(path)))
        unknown = client.patch(filled(path))
        validate(openapi_core, "PATCH", path, unknown)
        assert problem(unknown, 405, "method-not-allowed").keys() == names(PROBLEM)
