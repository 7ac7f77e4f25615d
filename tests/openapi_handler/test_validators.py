"""The validators find the same errors as openapi-core with its defaults, and are built once."""

import json

import pytest
from openapi_core.casting.schemas.factories import SchemaCastersFactory
from openapi_core.deserializing.media_types.factories import MediaTypeDeserializersFactory
from openapi_core.deserializing.styles.factories import StyleDeserializersFactory
from openapi_core.validation.schemas.factories import SchemaValidatorsFactory

from contract import repository
from openapi_handler.contract import Contract
from openapi_handler.messages import Response
from openapi_handler.problems import Problem
from tests.visits.messages import COUNTER, PROBLEM, VISITS, request_of
from visits.handler import PROBLEM_TYPES

REQUESTS = [
    ("get", "/health", {}),
    ("get", "/counters/{counterId}", {}),
    ("get", "/counters/{counterId}", {"counter": "Résumé"}),
    ("get", "/counters/{counterId}", {"counter": ""}),
    ("get", "/counters/{counterId}", {"counter": "a" * 65}),
    ("get", "/counters/{counterId}/history", {}),
    *(
        ("get", "/counters/{counterId}/history", {"query": {"days": days}})
        for days in (
            "1",
            "366",
            "0",
            "367",
            "-1",
            "1.0",
            "1e1",
            "ten",
            "",
            " 7",
            "٣",
            "1,2",
            "null",
        )
    ),
    *(
        ("post", VISITS, {"query": {"visitId": visit_id}})
        for visit_id in (
            "550e8400-e29b-41d4-a716-446655440000",
            "550E8400-E29B-41D4-A716-446655440000",
            "550e8400e29b41d4a716446655440000",
            "{550e8400-e29b-41d4-a716-446655440000}",
            "550e8400-e29b-41d4-a716-446655440000\n",
            "",
            "x",
        )
    ),
    ("post", VISITS, {}),
    ("post", VISITS, {"headers": {"oRiGiN": "https://a.example"}}),
    ("get", "/nowhere", {}),
    ("put", "/counters/{counterId}", {}),
]

RESPONSES = [
    Response.json(200, COUNTER),
    *(
        Response.json(200, COUNTER | change)
        for change in (
            {"visits": -1},
            {"visits": 3.0},
            {"visits": "3"},
            {"visits": None},
            {"visits": True},
            {"extra": 1},
            {"counterId": "UPPER"},
            {"today": {"date": "yesterday", "visits": 0, "visitors": 0}},
            {"today": {"date": "2026-11-22"}},
        )
    ),
    Response.json(200, {}),
    Response.json(201, COUNTER),
    Response(200, "application/json", ""),
    Response(200, "application/json", "{"),
    Response(200, "text/plain", "3"),
    Response(200, "application/json", json.dumps(COUNTER), cache_control="public"),
    Response(503, "application/problem+json", '{"type": "about:blank", "title": "x"}'),
    Response(503, "application/problem+json", PROBLEM.replace("store-unavailable", "unlisted")),
    PROBLEM_TYPES.response(Problem("store-unavailable", "Later.", retry_after=1)),
    PROBLEM_TYPES.response(Problem("unknown-counter", "Declare it.")),
]


def comparable(errors):
    return [(type(error), str(error), repr(error.__cause__)) for error in errors]


@pytest.mark.parametrize(("method", "path", "options"), REQUESTS)
def test_requests_are_validated_like_openapi_core(stock, method, path, options):
    """The function's validator finds the same errors in a request as openapi-core's defaults."""
    request = request_of(method, path, **options)
    ours = comparable(repository.load().slow_path.requests.iter_errors(request))
    theirs = comparable(stock.iter_request_errors(request))
    assert [each[0] for each in ours] == [each[0] for each in theirs]
    if path != "/nowhere":
        assert ours == theirs


@pytest.mark.parametrize("response", RESPONSES, ids=lambda each: f"{each.status_code} {each.body}")
def test_responses_are_validated_like_openapi_core(stock, response):
    """The function's validator finds the same errors in a response as openapi-core's defaults."""
    request = request_of("get", "/counters/{counterId}")
    ours = comparable(repository.load().slow_path.responses.iter_errors(request, response))
    assert ours == comparable(stock.iter_response_errors(request, response))


@pytest.mark.parametrize(
    "factory",
    [
        SchemaValidatorsFactory,
        SchemaCastersFactory,
        StyleDeserializersFactory,
        MediaTypeDeserializersFactory,
    ],
)
def test_validators_are_built_once(monkeypatch, factory):
    """Only the first request and response of a kind build parts of the validators."""
    fresh = Contract(*repository.read()).slow_path
    request = request_of("get", "/counters/{counterId}")
    response = Response.json(200, COUNTER)
    built, create = [], factory.create
    monkeypatch.setattr(
        factory, "create", lambda *args, **named: built.append(1) or create(*args, **named)
    )
    fresh.check(request)
    assert fresh.violations(request, response) == []
    first = len(built)
    fresh.check(request)
    assert fresh.violations(request, response) == []
    assert len(built) == first > 0
