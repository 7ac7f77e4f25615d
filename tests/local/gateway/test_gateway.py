"""The local gateway does what API Gateway does, and reads what to do from the contract."""

from time import sleep
from unittest.mock import Mock

import pytest
from werkzeug.test import Client

from local.gateway.app import Gateway
from local.gateway.responses import GatewayError, GatewayResponses
from local.gateway.throttle import Throttle
from tests.conftest import problem
from visits import contract

INTEGRATION = "x-amazon-apigateway-integration"


def ok(_event, _context):
    return {"statusCode": 200, "body": "{}"}


def client(function=ok, throttle=None, **changes):
    return Client(Gateway({**contract.load().document, **changes}, function, throttle))


def document(**integration):
    """A contract of one path, with this integration."""
    return {"paths": {"/thing": {"get": {INTEGRATION: {"type": "aws_proxy", **integration}}}}}


@pytest.mark.parametrize("path", ["/", "/nowhere", "/counters", "/counters/resume/", "/Health"])
def test_an_unknown_path_is_the_contracts_404(path):
    """AWS answers 403 for it; the contract makes that a 404."""
    problem(client().get(path), 404, "unknown-route")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/counters/resume", "GET, OPTIONS"),
        ("HEAD", "/health", "GET, OPTIONS"),
        ("GET", "/counters/resume/visits", "POST, OPTIONS"),
    ],
)
def test_another_method_is_the_contracts_405(method, path, allow):
    """A path that exists names its methods."""
    response = client().open(path, method=method)
    assert response.status_code == 405
    assert response.headers["Allow"] == allow
    if method != "HEAD":
        problem(response, 405, "method-not-allowed")


def test_a_mock_takes_only_the_media_types_it_has_templates_for():
    """passthroughBehavior: never."""
    response = client().delete("/health", data="x", content_type="text/plain")
    problem(response, 415, "unsupported-media-type")


def test_a_preflight_is_answered_by_the_gateway():
    """OPTIONS needs no function, and allows what the contract says."""
    response = client(function=None).options("/counters/resume/visits")
    assert (response.status_code, response.data) == (204, b"")
    assert response.headers["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
    assert response.headers["Access-Control-Max-Age"] == "86400"


@pytest.mark.parametrize("query", ["", "visitId=", "visitId=%20", "visitid=x"])
def test_a_required_parameter_that_is_missing_or_blank_never_reaches_the_function(query):
    """The request validator refuses it, in the contract's shape."""
    response = client(function=None).post(f"/counters/resume/visits?{query}")
    body = problem(response, 400, "invalid-request")
    assert body["detail"] == "Missing required request parameters: [visitId]"


def test_an_operations_own_validator_wins_and_headers_count_too():
    """The operation's validator goes before the API's; a required header may be missing as well."""
    validated = {
        **document(),
        "x-amazon-apigateway-request-validators": {"all": {"validateRequestParameters": True}},
    }
    operation = validated["paths"]["/thing"]["get"]
    operation["parameters"] = [{"name": "X-Key", "in": "header", "required": True}]
    assert Client(Gateway(validated, ok)).get("/thing").status_code == 200
    operation["x-amazon-apigateway-request-validator"] = "all"
    refused = Client(Gateway(validated, ok))
    assert refused.get("/thing").status_code == 400
    assert refused.get("/thing", headers={"x-key": "1"}).status_code == 200


def test_without_a_validator_the_function_gets_the_request():
    """Validators are the contract's: without one nothing is validated."""
    unvalidated = client(**{"x-amazon-apigateway-request-validator": None})
    assert unvalidated.post("/counters/resume/visits").status_code == 200


def test_a_body_over_10_mb_is_refused():
    """The gateway answers 413 in AWS's own words, without calling the function."""
    response = client(function=None).post("/health", data=b"x" * (10 * 1024 * 1024 + 1))
    assert (response.status_code, response.content_type) == (413, "application/json")
    assert response.json == {"message": "Request Too Long"}
    assert "Access-Control-Allow-Origin" not in response.headers


def test_failed_integration_is_the_contracts_503():
    """The contract makes 503 with Retry-After of a failed integration, which is 504 for AWS."""
    error = GatewayError("INTEGRATION_FAILURE", "Too many")
    response = GatewayResponses(contract.load().document).make(error)
    assert (response.status_code, response.content_type) == (503, "application/problem+json")
    assert response.json["type"] == "urn:problem-type:visits:service-busy"
    assert response.headers["Retry-After"] == "1"
    default = GatewayResponses({}).make(error)
    assert (default.status_code, default.json) == (504, {"message": "Too many"})


def test_more_than_the_rate_is_refused():
    """429 with Retry-After; what is under the rate goes on."""
    limited = client(throttle=Throttle(rate=0, burst=2))
    assert [limited.get("/health").status_code for _ in range(3)] == [200, 200, 429]
    response = limited.get("/health")
    problem(response, 429, "too-many-requests")
    assert response.headers["Retry-After"] == "1"


@pytest.fixture
def clock(monkeypatch):
    """Replace the throttle's clock; `clock.return_value` is the time in seconds."""
    fake = Mock(return_value=0.0)
    monkeypatch.setattr("local.gateway.throttle.monotonic", fake)
    return fake


def test_throttle_admits_no_more_than_its_burst(clock):
    """After any idle time, no more requests than the burst are admitted at once."""
    throttle = Throttle(rate=1000, burst=2)
    clock.return_value = 60.0
    assert [throttle.admit() for _ in range(3)] == [True, True, False]


def test_throttle_refills_at_its_rate(clock):
    """An empty bucket admits one more request after 1/rate seconds, and not earlier."""
    throttle = Throttle(rate=2, burst=1)
    assert [throttle.admit() for _ in range(2)] == [True, False]
    clock.return_value = 0.25
    assert not throttle.admit()
    clock.return_value = 0.5
    assert throttle.admit()


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "text",
        {},
        {"statusCode": "ok"},
        {"statusCode": 99},
        {"statusCode": True},
        {"statusCode": 200, "body": {"visits": 1}},
        {"statusCode": 200, "headers": []},
        {"statusCode": 200, "headers": {"X-A": ["x"]}},
        {"statusCode": 200, "multiValueHeaders": "x"},
        {"statusCode": 200, "multiValueHeaders": {"X-A": "x"}},
        {"statusCode": 200, "multiValueHeaders": {"X-A": None}},
        {"statusCode": 200, "message": "unknown key"},
    ],
)
def test_a_malformed_answer_is_a_502(answer):
    """A malformed response becomes the contract's internal error, without the response."""
    response = client(lambda *_: answer).get("/health")
    assert response.status_code == 502
    assert response.json["type"] == "urn:problem-type:visits:internal-error"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("error", [RuntimeError, TimeoutError, SystemExit])
def test_a_function_that_raises_is_a_502(capsys, error):
    """The client sees a bad gateway, whatever it was; whoever runs the stack sees why."""

    def fail(*_):
        raise error("the reason")

    assert client(fail).get("/health").status_code == 502
    assert f"{error.__name__}: the reason" in capsys.readouterr().err


def test_a_function_that_takes_too_long_is_a_504():
    """The integration's time-out is the contract's."""
    slow = Client(Gateway(document(timeoutInMillis=50), lambda *_: sleep(0.5)))
    response = slow.get("/thing")
    assert response.status_code == 504
    assert response.json == {"message": "Endpoint request timed out"}  # AWS's own words


def test_headers_pass_unchanged():
    """Single and multi-value headers arrive, the multi-value one wins, none is added to CORS."""
    answer = {
        "statusCode": 201,
        "headers": {"X-One": "1", "X-Both": "lost"},
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"], "X-Both": ["x", "y"]},
        "body": "{}",
    }
    response = client(lambda *_: answer).get("/health")
    assert response.status_code == 201
    assert response.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert response.headers.getlist("X-Both") == ["x", "y"]
    assert response.headers["X-One"] == "1"
    assert "Access-Control-Allow-Origin" not in response.headers


def test_some_headers_are_renamed():
    """API Gateway keeps these for itself."""
    answer = {"statusCode": 200, "headers": {"WWW-Authenticate": "Basic", "Server": "x"}}
    headers = client(lambda *_: answer).get("/health").headers
    assert headers["x-amzn-Remapped-WWW-Authenticate"] == "Basic"
    assert headers["x-amzn-Remapped-Server"] == "x"


def test_every_answer_of_the_function_names_its_request():
    """The id that the function was given is the one that the client is told."""
    seen = []

    def remember(event, context):
        seen.append((event["requestContext"]["requestId"], context.aws_request_id))
        return {"statusCode": 200}

    told = client(remember).get("/health").headers["x-amzn-RequestId"]
    assert seen == [(told, told)]


def test_a_mock_chooses_its_answer_by_status():
    """A pattern that fits the status goes before the default."""
    mock = document(
        type="mock",
        requestTemplates={"application/json": '{"statusCode": 404}'},
        responses={"default": {"statusCode": "200"}, "4\\d\\d": {"statusCode": "410"}},
    )
    charset = {"Content-Type": "application/json; charset=utf-8"}
    assert Client(Gateway(mock, ok)).get("/thing", headers=charset).status_code == 410


def test_an_answer_without_a_content_type_is_json():
    """application/json is API Gateway's default."""
    assert client().get("/health").content_type == "application/json"


def test_base64_answer_is_not_decoded():
    """The client gets the text as it is, because the contract declares no binary media types."""
    answer = {"statusCode": 200, "body": "AP8=", "isBase64Encoded": True}
    assert client(lambda *_: answer).get("/health").text == "AP8="


def test_the_gateway_has_no_route_of_its_own():
    """Another contract, another API."""
    other = Client(Gateway(document(), ok))
    assert other.get("/thing").status_code == 200
    assert other.get("/health").json == {"message": "Missing Authentication Token"}
    assert other.get("/health").status_code == 403


def test_a_fixed_segment_goes_before_a_parameter():
    """/a/fixed is not taken for /a/{x}, whatever comes first in the file."""
    operation = {"get": {INTEGRATION: {"type": "aws_proxy"}}}
    gateway = Gateway({"paths": {"/a/{x}": operation, "/a/fixed": operation}}, resource)
    assert Client(gateway).get("/a/fixed").text == "/a/fixed"
    assert Client(gateway).get("/a/other").text == "/a/{x}"


def resource(event, _context):
    return {"statusCode": 200, "body": event["resource"]}
