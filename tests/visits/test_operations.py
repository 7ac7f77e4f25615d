"""Every operation, and every status that the function can return."""

import hashlib
import json
from pathlib import Path
from uuid import uuid4

import pytest

from openapi_handler.messages import Response
from tests.conftest import NOON, SITE, ApiClient, problem
from tests.visits.events import valid_event
from visits import operations
from visits.counting.table import StoreUnavailable, Table

BADGE = "/counters/resume/badge.svg"
NO_VISITS, ONE_VISIT = {"visits": 0, "visitors": 0}, {"visits": 1, "visitors": 1}


def test_health_returns_version_and_hash_of_the_contract(api, document):
    """readHealth returns the version and the SHA-256 of openapi.yaml."""
    body = api.get("/health").json
    digest = hashlib.sha256(Path("openapi.yaml").read_bytes()).hexdigest()
    assert body == {"status": "ok", "version": document["info"]["version"], "contract": digest}


def test_health_needs_no_database(monkeypatch):
    """readHealth answers even if DynamoDB does not."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    assert ApiClient().get("/health").status_code == 200


def test_a_visit_is_counted_once(api):
    """A declared counter is zero before its first visit, which gets 201 and totals that include
    it. The same visitId again gets 200, the totals and the reason."""
    api.at, visit_id = NOON, str(uuid4())
    counter = {"counterId": "resume", **NO_VISITS, "today": {"date": "2026-11-22", **NO_VISITS}}
    assert api.get("/counters/resume").json == counter
    counter |= {**ONE_VISIT, "today": {"date": "2026-11-22", **ONE_VISIT}}
    counted, replayed = api.visit(visit_id), api.visit(visit_id)
    assert (counted.status_code, counted.json) == (201, {**counter, "counted": True})
    reason = {"counted": False, "reason": "replayed"}
    assert (replayed.status_code, replayed.json) == (200, counter | reason)
    assert counted.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("file", ["visitor-counter.js", "visitor-history.js"])
def test_element_is_that_of_the_client(monkeypatch, file):
    """readElement returns the built script, which browsers may cache, without the database."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    response = ApiClient().get(f"/elements/{file}")
    assert response.data == Path("client/dist", file).read_bytes()
    assert response.headers["Content-Type"] == "text/javascript"
    assert response.headers["Cache-Control"] == "public, max-age=86400"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/counters/nobody"),
        ("GET", "/counters/nobody/history"),
        ("GET", "/counters/nobody/badge.svg"),
        ("POST", "/counters/nobody/visits?visitId=0b9f5a52-6f2c-4b1e-9d57-3f1f6f0a8c11"),
    ],
)
def test_unknown_counter_is_404_and_creates_nothing(api, table, method, path):
    """Every operation refuses an undeclared counter and writes nothing."""
    response = api.request(method, path)
    refusal = problem(response, 404, "unknown-counter")
    assert refusal["detail"] == "Declare the counter first, or correct its name."
    assert "Retry-After" not in response.headers  # waiting would not help
    assert table.items() == []


@pytest.mark.parametrize(
    ("method", "path", "detail"),
    [
        ("POST", "/counters/resume/visits?visitId=abc", "'visitId' breaks its format (uuid)."),
        ("GET", "/counters/resume/history?days=0", "'days' breaks its minimum (1)."),
        ("GET", "/counters/resume/history?days=367", "'days' breaks its maximum (366)."),
        ("GET", "/counters/resume/history?days=ten", "'days' breaks its type (integer)."),
        ("GET", "/counters/resume/history?days=", "'days' breaks its type (integer)."),
        ("GET", "/counters/R%C3%A9sum%C3%A9", "breaks its pattern (^[a-z0-9][a-z0-9-]*$)."),
        ("GET", f"/counters/{65 * 'a'}", "'counterId' breaks its maxLength (64)."),
        ("GET", f"{BADGE}?label={65 * 'a'}", "'label' breaks its maxLength (64)."),
        ("GET", f"{BADGE}?compact=yes", "'compact' breaks its type (boolean)."),
        (
            "GET",
            "/elements/client.js",
            "'file' breaks its enum (['visitor-counter.js', 'visitor-history.js']).",
        ),
    ],
)
def test_invalid_parameter_is_named_with_its_rule(api, method, path, detail):
    """The detail of a 400 names parameter and rule, and never repeats the value."""
    body = problem(api.request(method, path), 400, "invalid-request")
    assert body["detail"].endswith(detail)
    assert not {"abc", "ten", "sum", "aaaa"} & set(body["detail"].replace("'", " ").split())


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "https://resume", f"{SITE}.elsewhere.example", "null"]
)
def test_unlisted_origin_is_403_and_not_counted(api, origin):
    """A page whose origin is not listed gets 403, and the totals do not change."""
    response = api.visit(headers={"Origin": origin})
    refusal = problem(response, 403, "origin-not-allowed")
    assert refusal["detail"] == "The owner has not listed the origin of this page."
    assert api.visits() == 0


def test_a_counter_may_have_origins_of_its_own(api, monkeypatch):
    """The origins of a counter replace those of the other counters; `smoke` has all of them,
    because the tests redirect the visits of every page to it."""
    blog = "https://blog.example"
    declared = {"resume": {}, "blog": {"allowed_origins": [blog]}, "smoke": {}}
    monkeypatch.setenv("COUNTERS", json.dumps(declared))
    pages = [SITE, blog, "https://elsewhere.example"]
    statuses = {
        name: [api.visit(counter=name, headers={"Origin": page}).status_code for page in pages]
        for name in declared
    }
    assert statuses == {
        "resume": [201, 403, 403],
        "blog": [403, 201, 403],
        "smoke": [201, 201, 403],
    }


def test_asterisk_allows_every_origin(api, monkeypatch):
    """With `*` the visits of every page are counted."""
    monkeypatch.setenv("ALLOWED_ORIGINS", "*")
    assert api.visit(headers={"Origin": "https://elsewhere.example"}).status_code == 201


@pytest.mark.parametrize("operation", ["readCounter", "readHistory", "readBadge", "recordVisit"])
def test_unavailable_database_is_a_503(api, monkeypatch, capsys, operation):
    """Every operation that needs the database returns 503 with Retry-After, and logs the cause."""

    def unavailable(*_, **__):
        raise StoreUnavailable from TimeoutError()

    monkeypatch.setattr(Table, "_call", unavailable)
    response = call(api, operation)
    problem(response, 503, "store-unavailable")
    assert response.headers["Retry-After"] == "1"
    assert '["StoreUnavailable", "TimeoutError", ' in capsys.readouterr().out


def test_exception_is_a_500_and_logged(api, monkeypatch, capsys):
    """The client gets a problem without details; the log has type and stack, no message."""

    def fail(*_):
        raise ValueError("secret words")

    monkeypatch.setitem(operations.operation, "recordVisit", fail)
    body = problem(api.visit(), 500, "internal-error")
    assert "secret words" not in str(body)
    log = capsys.readouterr().out
    assert '"ValueError"' in log
    assert '"level": "ERROR"' in log  # docs/operations.md searches for it
    assert "secret words" not in log


@pytest.mark.parametrize(
    "response",
    [
        Response(418, "text/plain", "I am a teapot"),
        Response.json(200, {"visits": "many"}),
        Response.json(200, None),
        Response(200, "text/html", "<p>1</p>"),
        Response(200, "application/json", "{"),
    ],
    ids=["status", "schema", "null", "media type", "not JSON"],
)
def test_undocumented_response_is_replaced(api, monkeypatch, response, capsys):
    """A response that breaks the contract becomes a documented 500 and a logged violation."""
    monkeypatch.setitem(operations.operation, "recordVisit", lambda *_: response)
    problem(api.visit(), 500, "internal-error")
    log = capsys.readouterr().out
    line = json.loads(log.splitlines()[-1])
    [metric] = line["_aws"]["CloudWatchMetrics"]
    assert (line["ContractViolations"], metric["Dimensions"]) == (1, [["function"]])
    assert line["violations"]
    assert line["level"] == "ERROR"
    assert "teapot" not in log
    assert "many" not in log


def call(api, operation):
    """Send the request that the contract has as an example of an operation."""
    event = valid_event(operation)
    return api.request(
        event["httpMethod"],
        event["resource"].format(**event["pathParameters"] or {}),
        query_string=event["multiValueQueryStringParameters"],
        data=event["body"],
        content_type=event["headers"].get("Content-Type"),
    )
