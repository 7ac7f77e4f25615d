"""Every operation, and every status that the function can answer."""

import hashlib
import json
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.conftest import NOON, SITE, Api, problem
from visits import handler, operations
from visits.message import Response
from visits.table import StoreUnavailable, Table

NO_VISITS = {"visits": 0, "visitors": 0}


def test_health_names_the_contract_that_runs(api):
    """readHealth gives the version and the SHA-256 of openapi.yaml."""
    body = api.get("/health").json
    digest = hashlib.sha256(Path("openapi.yaml").read_bytes()).hexdigest()
    assert body == {"status": "ok", "version": "1.0.0", "contract": digest}


def test_health_needs_no_database(monkeypatch):
    """readHealth answers while DynamoDB does not."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    assert Api().get("/health").status_code == 200


def test_a_counter_starts_at_zero(api):
    """A declared counter is there before its first visit."""
    api.at = NOON
    assert api.get("/counters/resume").json == {
        "counterId": "resume",
        **NO_VISITS,
        "today": {"date": "2026-11-22", **NO_VISITS},
    }


def test_a_visit_counts(api):
    """recordVisit answers 201 with the number that includes this visit."""
    api.at = NOON
    response = api.visit()
    assert response.status_code == 201
    assert response.json == {
        "counterId": "resume",
        "visits": 1,
        "visitors": 1,
        "today": {"date": "2026-11-22", "visits": 1, "visitors": 1},
        "counted": True,
    }
    assert response.headers["Cache-Control"] == "no-store"


def test_a_repeated_visit_is_answered_and_not_counted(api):
    """The same visitId again answers 200, the number, and why it did not count."""
    visit_id = str(uuid4())
    first = api.visit(visit_id).json
    second = api.visit(visit_id)
    assert second.status_code == 200
    assert second.json == {**first, "counted": False, "reason": "replayed"}


def test_a_badge_shows_the_number(api):
    """readBadge is an SVG image with the number, and does not count."""
    for _ in range(3):
        api.visit()
    badge = api.get("/counters/resume/badge.svg")
    assert badge.mimetype == "image/svg+xml"
    assert "3 visits" in badge.text
    assert api.visits() == 3


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/counters/nobody"),
        ("GET", "/counters/nobody/history"),
        ("GET", "/counters/nobody/badge.svg"),
        ("POST", "/counters/nobody/visits?visitId=0b9f5a52-6f2c-4b1e-9d57-3f1f6f0a8c11"),
    ],
)
def test_an_unknown_counter_is_404_and_creates_nothing(api, table, method, path):
    """An undeclared counter is refused by every operation, and the table stays empty."""
    response = api.request(method, path)
    problem(response, 404, "unknown-counter")
    assert "Retry-After" not in response.headers  # waiting would not help
    assert table.scan(TableName="visits")["Items"] == []


@pytest.mark.parametrize(
    ("method", "path", "detail"),
    [
        ("POST", "/counters/resume/visits?visitId=abc", "'visitId' breaks its format (uuid)."),
        ("GET", "/counters/resume/history?days=0", "'days' breaks its minimum (1)."),
        ("GET", "/counters/resume/history?days=31", "'days' breaks its maximum (30)."),
        ("GET", "/counters/resume/history?days=ten", "'days' breaks its type (integer)."),
        ("GET", "/counters/resume/history?days=", "'days' breaks its type (integer)."),
        ("GET", "/counters/R%C3%A9sum%C3%A9", "breaks its pattern (^[a-z0-9][a-z0-9-]*$)."),
        ("GET", f"/counters/{65 * 'a'}", "'counterId' breaks its maxLength (64)."),
    ],
)
def test_a_bad_parameter_is_named_with_its_rule(api, method, path, detail):
    """400 names parameter and rule, and never repeats the value."""
    body = problem(api.request(method, path), 400, "invalid-request")
    assert body["detail"].endswith(detail)
    assert not {"abc", "ten", "sum", "aaaa"} & set(body["detail"].replace("'", " ").split())


def test_every_bad_parameter_is_named(api):
    """One answer tells all that is wrong."""
    body = problem(api.get("/counters/UPPER/history?days=99"), 400, "invalid-request")
    assert "counterId" in body["detail"]
    assert "days" in body["detail"]


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "https://resume", f"{SITE}.elsewhere.example", "null"]
)
def test_a_foreign_page_is_refused_before_it_counts(api, origin):
    """A page that the owner has not listed gets 403, and no number moves."""
    response = api.visit(headers={"Origin": origin})
    assert "elsewhere" not in problem(response, 403, "origin-not-allowed")["detail"]
    assert api.visits() == 0


def test_the_owners_page_counts(api):
    """A listed origin counts, and so does what has none (a command line)."""
    assert api.visit(headers={"Origin": SITE}).status_code == 201
    assert api.visit().status_code == 201


def test_any_page_counts_where_the_owner_says_so(api, monkeypatch):
    """`*` allows every origin."""
    monkeypatch.setenv("ALLOWED_ORIGINS", "*")
    assert api.visit(headers={"Origin": "https://elsewhere.example"}).status_code == 201


@pytest.mark.parametrize("operation", ["readCounter", "readHistory", "readBadge", "recordVisit"])
def test_a_database_that_is_away_is_a_503(api, monkeypatch, operation):
    """503 says when to try again, for every operation that needs the database."""

    def away(*_, **__):
        raise StoreUnavailable

    monkeypatch.setattr(Table, "_call", away)
    response = call(api, operation)
    problem(response, 503, "store-unavailable")
    assert response.headers["Retry-After"] == "1"


@pytest.mark.parametrize("operation", operations.OPERATIONS)
def test_a_fault_is_the_contracts_500(api, monkeypatch, operation, capsys):
    """An exception is answered as a problem without a trace, and logged with one."""

    def fail(_call):
        raise ValueError("secret words")

    monkeypatch.setitem(operations.OPERATIONS, operation, fail)
    body = problem(call(api, operation), 500, "internal-error")
    assert "secret words" not in str(body)
    log = capsys.readouterr().out
    assert '"ValueError"' in log
    assert '"level": "ERROR"' in log  # docs/operations.md has people search for it
    assert "secret words" not in log


@pytest.mark.parametrize("operation", operations.OPERATIONS)
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
def test_an_undocumented_answer_never_leaves(api, monkeypatch, operation, response, capsys):
    """What breaks the contract becomes its 500 and a logged violation."""
    monkeypatch.setitem(operations.OPERATIONS, operation, lambda _call: response)
    problem(call(api, operation), 500, "internal-error")
    log = capsys.readouterr().out
    assert '"ContractViolations": 1' in log
    line = json.loads(log.splitlines()[-1])
    assert line["violations"]
    assert line["level"] == "ERROR"
    assert "teapot" not in log
    assert "many" not in log


def test_a_lost_permission_is_a_500_and_named_in_the_log(api, monkeypatch, capsys):
    """What no repeat would mend is not called unavailable; the log has DynamoDB's code."""
    denied = ClientError(
        {"Error": {"Code": "AccessDeniedException"}, "ResponseMetadata": {"HTTPStatusCode": 400}},
        "Query",
    )
    monkeypatch.setattr(handler.start()[2], "query", raises(denied))
    problem(api.get("/counters/resume"), 500, "internal-error")
    assert "ClientError AccessDeniedException" in capsys.readouterr().out


def raises(error):
    def fail(**_):
        raise error

    return fail


def call(api, operation):
    """Send the simplest good request of an operation."""
    paths = {
        "readHealth": "/health",
        "readCounter": "/counters/resume",
        "readHistory": "/counters/resume/history",
        "readBadge": "/counters/resume/badge.svg",
    }
    return api.visit() if operation == "recordVisit" else api.get(paths[operation])
