"""The local gateway behaves like API Gateway, and takes its routes from the contract."""

from threading import Event

import pytest
from werkzeug.test import Client

from contract import generation, repository
from local.gateway.app import Gateway
from tests.conftest import problem

VISITS = "/counters/resume/visits?visitId=x"
INTEGRATION = "x-amazon-apigateway-integration"


def ok(_event, _context):
    return {"statusCode": 200, "body": "{}"}


def client(function=ok, **changes):
    return Client(Gateway({**generation.generate(repository.load().document), **changes}, function))


def document(**integration):
    """Return a contract with one path, which has this integration."""
    return {"paths": {"/thing": {"get": {INTEGRATION: {"type": "aws_proxy", **integration}}}}}


@pytest.mark.parametrize("path", ["/counters//badge.svg", "/Health"])
def test_unknown_path_is_404(path):
    """An unknown path is the contract's 404 problem, instead of the 403 of AWS."""
    problem(client().get(path), 404, "unknown-route")


def test_variables_of_a_path_have_any_name_of_aws():
    """A variable may have a hyphen or begin with a digit, and the function gets it by its name."""
    changed = document()
    changed["paths"] = {"/a/{thing-id}/{1}": changed["paths"]["/thing"]}
    events = []
    client(lambda event, _: events.append(event), **changed).get("/a/x/y")
    assert events[0]["pathParameters"] == {"thing-id": "x", "1": "y"}


@pytest.mark.parametrize(("status", "answer"), [("404", 410), ("204", 200), ("500", 500)])
def test_mock_chooses_its_response_by_status(status, answer):
    """A response whose pattern matches the status comes first. Without a fitting one it fails."""
    mock = document(
        type="mock",
        requestTemplates={"application/json": f'{{"statusCode": {status}}}'},
        responses={"20\\d": {"statusCode": "200"}, "4\\d\\d": {"statusCode": "410"}},
    )
    charset = {"Content-Type": "application/json; charset=utf-8"}
    assert Client(Gateway(mock, ok)).get("/thing", headers=charset).status_code == answer


def test_blank_parameter_is_400():
    """The gateway rejects a blank required parameter without calling the function."""
    response = client(function=None).post("/counters/resume/visits?visitId=%20")
    body = problem(response, 400, "invalid-request")
    assert body["detail"] == "Missing required request parameters: [visitId]"


def test_body_over_10_mib_is_413():
    """A body above 10 MiB gets a text, and one above Lambda's 6 MB gets JSON, as AWS sends them.

    https://github.com/koki-develop/lgtm-generator/issues/10 has recorded both.
    """
    largest = b"x" * (10 * 1024 * 1024)
    response = client(function=None).post(VISITS, data=largest + b"x")
    assert (response.status_code, response.content_type) == (413, "text; charset=utf-8")
    assert response.text == "HTTP content length exceeded 10485760 bytes."
    assert "Access-Control-Allow-Origin" not in response.headers
    response = client(function=None).post(VISITS, data=largest)
    assert (response.status_code, response.json) == (413, {"message": "Request Too Long"})
    assert response.headers["x-amzn-ErrorType"] == "BadRequestException"
    assert client().post(VISITS, data=b"x" * 6_000_000).status_code == 200


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"statusCode": 99},
        {"statusCode": 200, "body": {"visits": 1}},
        {"statusCode": 200, "headers": {"X-A": ["x"]}},
        {"statusCode": 200, "message": "unknown key"},
    ],
)
def test_malformed_answer_is_502(answer):
    """A malformed response becomes the contract's internal error, without the response."""
    response = client(lambda *_: answer).get("/health")
    assert response.status_code == 502
    assert response.json["type"] == "urn:problem-type:visits:internal-error"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("error", [RuntimeError, SystemExit])
def test_exception_in_the_function_is_502(capsys, error):
    """An exception in the function is a 502, and its traceback is printed."""

    def fail(*_):
        raise error("the reason")

    assert client(fail).get("/health").status_code == 502
    assert f"{error.__name__}: the reason" in capsys.readouterr().err


def test_function_timeout_is_504():
    """A function that exceeds the time-out of its integration is a 504 with AWS's message."""
    timed_out = Event()
    slow = Client(Gateway(document(timeoutInMillis=50), lambda *_: timed_out.wait(60)))
    response = slow.get("/thing")
    timed_out.set()
    assert response.status_code == 504
    assert response.json == {"message": "Endpoint request timed out"}


def test_reserved_headers_are_renamed():
    """Headers that API Gateway reserves get the prefix x-amzn-Remapped-."""
    answer = {"statusCode": 200, "headers": {"WWW-Authenticate": "Basic", "Server": "x"}}
    headers = client(lambda *_: answer).get("/health").headers
    assert headers["x-amzn-Remapped-WWW-Authenticate"] == "Basic"
    assert headers["x-amzn-Remapped-Server"] == "x"
