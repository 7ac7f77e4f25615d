"""How the judge names what is wrong with a request or a response."""

import json

import pytest
from werkzeug.test import EnvironBuilder

from contract import repository
from local.gateway.event import proxy_event
from openapi_handler.contract import Contract
from openapi_handler.messages import Request, Response
from openapi_handler.problems import Problem
from tests.visits.messages import COUNTER, PROBLEM, VISITS, request_of


@pytest.mark.parametrize(
    ("answer", "violation"),
    [
        (
            Response.json(200, COUNTER | {"visits": "3secret"}),
            "InvalidData : type (integer) at visits",
        ),
        (
            Response(200, "application/json", json.dumps(COUNTER), cache_control="secret"),
            "InvalidHeader Cache-Control: enum (['no-store'])",
        ),
        (
            Response.json(200, COUNTER | {"extra": "secret"}),
            "InvalidData : properties (['counterId', 'visits', 'visitors', 'today'])",
        ),
    ],
)
def test_violations_name_field_and_rule_without_values(answer, violation):
    """A violation in the log names field and rule, and repeats no value of the response."""
    request = request_of("get", "/counters/{counterId}")
    assert repository.load().violations(request, answer) == [violation]


@pytest.mark.parametrize(
    "response",
    [
        Response.json(200, COUNTER | {"counted": False, "reason": "unlisted"}),
        Response(500, "application/problem+json", PROBLEM.replace("store-unavailable", "unlisted")),
    ],
)
def test_unlisted_value_is_a_violation(response):
    """The function may not send a reason or problem type that the contract does not list."""
    request = request_of("post", VISITS)
    [violation] = repository.load().violations(request, response)
    assert "enum" in violation


def refusal(validators, request):
    with pytest.raises(Problem) as refused:
        validators.check(request)
    assert refused.value.name == "invalid-request"
    return refused.value.detail


def test_pattern_ends_where_the_text_ends(monkeypatch):
    """In the zip, which has no regular expressions of JavaScript, `$` matches only the end."""
    monkeypatch.setattr("openapi_schema_validator._regex._REGEX_CLASS", None)
    request = request_of("get", "/counters/{counterId}", counter="a\n")
    assert "'counterId' breaks its pattern" in refusal(repository.load(), request)


@pytest.mark.parametrize(("query", "fault"), [(None, "missing"), ({"visitId": ""}, "empty")])
def test_missing_parameter_is_named(query, fault):
    """The detail names a missing or empty parameter and its place, with all other errors."""
    request = request_of("post", VISITS, query, counter="UPPER")
    assert refusal(repository.load(), request) == (
        "Path parameter 'counterId' breaks its pattern (^[a-z0-9][a-z0-9-]*$). "
        f"Query parameter 'visitId' is {fault}."
    )


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        ({}, "The body is missing."),
        ({"json": {"stars": "secret"}}, "The body breaks its type (integer) at stars."),
        ({"json": {}}, "The body breaks its required (['stars'])."),
        ({"data": "secret", "content_type": "text/plain"}, "The body breaks its media type."),
        (
            {"data": "{secret", "content_type": "application/json"},
            "The body breaks its media type.",
        ),
    ],
)
def test_invalid_body_is_named_with_its_rule(document, sent, detail):
    """An operation with a body refuses an invalid one; the detail has the rule, not the body."""
    stars = {"type": "object", "required": ["stars"], "properties": {"stars": {"type": "integer"}}}
    body = {"required": True, "content": {"application/json": {"schema": stars}}}
    path = "/counters/{counterId}"
    rate = {"requestBody": body, **document["paths"][path]["get"]}
    validators = Contract({**document, "paths": {path: {"post": rate}}}, "")
    built = EnvironBuilder(method="POST", **sent).get_request()
    assert refusal(validators, Request(proxy_event(built, path, {"counterId": "resume"}))) == detail
