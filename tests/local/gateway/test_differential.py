"""Compares the responses of the local gateway with those of MiniStack's API Gateway.

Both have the same contract and function, and get the same requests. ACCEPTED lists every
difference with its reason. A difference that no longer exists must be removed from the list.
"""

import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import urllib3
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from contract import generation, repository
from local.gateway.app import MAX_BODY, Gateway
from tests import emulator
from tests.emulator import import_api
from tests.local.gateway import scripted
from tests.serving import serving

pytestmark = pytest.mark.slow

POOL = urllib3.PoolManager()
UUID = "550e8400-e29b-41d4-a716-446655440000"
VISITS = f"/counters/resume/visits?visitId={UUID}"
# These change with every request, or come from the server instead of the gateway.
IGNORED = {
    "connection",
    "content-length",
    "date",
    "server",
    "x-amz-request-id",
    "x-amzn-requestid",
    "x-amzn-trace-id",
}


def answer(**parts: Any) -> str:
    """Return the path of a request for which the function returns these parts."""
    return f"/health?answer={quote(json.dumps(parts))}"


REQUESTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "counter": ("GET", "/counters/resume", {}),
    "badge": ("GET", "/counters/resume/badge.svg", {}),
    "visit": ("POST", VISITS, {}),
    "visit from a page": ("POST", VISITS, {"headers": {"Origin": "https://a.example"}}),
    "header case": ("GET", "/health", {"headers": {"sEc-GpC": "1"}}),
    "encoded path parameter": ("GET", "/counters/r%C3%A9sum%C3%A9", {}),
    "encoded query": ("POST", f"{VISITS}&x=%20%C3%A9%2B", {}),
    "repeated query": ("GET", "/health?a=1&a=2&b=3", {}),
    "blank query": ("GET", "/health?a=", {}),
    "text body": ("POST", VISITS, {"body": "text", "headers": {"Content-Type": "text/plain"}}),
    "JSON body": (
        "POST",
        VISITS,
        {"body": '{"a": 1}', "headers": {"Content-Type": "application/json"}},
    ),
    "unknown path": ("GET", "/nowhere", {}),
    "path below": ("GET", "/health/more", {}),
    "trailing slash": ("GET", "/health/", {}),
    "trailing slash of a mock": ("DELETE", "/counters/resume/", {}),
    "unknown method": ("DELETE", "/counters/resume", {}),
    "method that ANY does not cover": ("TRACE", "/counters/resume", {}),
    "method of WebDAV": ("PROPFIND", "/counters/resume", {}),
    "body over 10 MB": ("POST", VISITS, {"body": b"x" * (MAX_BODY + 1)}),
    "method in lower case": ("get", "/health", {}),
    "chunked body": ("POST", VISITS, {"body": [b"te", b"xt"]}),
    "chunked body over 10 MB": ("POST", VISITS, {"body": [b"x" * MAX_BODY, b"x"]}),
    "unknown method with a body": (
        "PUT",
        "/health",
        {"body": "x", "headers": {"Content-Type": "text/plain"}},
    ),
    "preflight": ("OPTIONS", VISITS, {"headers": {"Origin": "https://a.example"}}),
    "missing parameter": ("POST", "/counters/resume/visits", {}),
    "blank parameter": ("POST", "/counters/resume/visits?visitId=", {}),
    "answer without headers": ("GET", answer(statusCode=201, body="{}"), {}),
    "answer without body": ("GET", answer(statusCode=204), {}),
    "answer with headers": (
        "GET",
        answer(statusCode=200, headers={"X-A": "1", "content-type": "text/plain"}, body="x"),
        {},
    ),
    "answer with multi-value headers": (
        "GET",
        answer(
            statusCode=200, headers={"X-A": "0"}, multiValueHeaders={"X-A": ["1", "2"]}, body=""
        ),
        {},
    ),
    "base64 answer without binary media types": (
        "GET",
        answer(statusCode=200, body=b64encode(b"\x00").decode(), isBase64Encoded=True),
        {},
    ),
    "answer with a reserved header": (
        "GET",
        answer(statusCode=200, headers={"WWW-Authenticate": "Basic"}, body="{}"),
        {},
    ),
    "string as answer": ("GET", "/health?answer=%22text%22", {}),
    "null as answer": ("GET", "/health?answer=null", {}),
    "object as body": ("GET", answer(statusCode=200, body={"a": 1}), {}),
    "unknown key in the answer": ("GET", answer(statusCode=200, body="{}", extra=1), {}),
    "string as status": ("GET", answer(statusCode="200", body="{}"), {}),
    "function that raises": ("GET", "/health?answer=no-json", {}),
}

DOCS = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
PROXY = f"{DOCS}/set-up-lambda-proxy-integrations.html"
MALFORMED = f"{PROXY}: 502 for an answer of any other form"
ACCEPTED = {
    "method in lower case": "not known of AWS, see decision 0005; MiniStack ignores case",
    "repeated query": f"{PROXY}: the single map has the last value",
    "blank parameter": f"{DOCS}/api-gateway-method-request-validation.html: included and not blank",
    "answer with a reserved header": f"{DOCS}/api-gateway-known-issues.html: remapped",
    "string as answer": MALFORMED,
    "null as answer": MALFORMED,
    "object as body": MALFORMED,
    "unknown key in the answer": MALFORMED,
    "function that raises": f"{DOCS}/supported-gateway-response-types.html: DEFAULT_5XX serves it",
}


@dataclass
class Observed:
    """The parts of a response that are compared."""

    status: int
    headers: dict[str, list[str]]
    body: Any


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return generation.generate(repository.read()[0])


@pytest.fixture(scope="module")
def local(document: dict[str, Any]) -> Iterator[str]:
    """The URL of a stage in the local gateway."""
    stage = Gateway(document, scripted.handle)
    application = DispatcherMiddleware(
        Response("The path is not under the stage.", 404), {"/live": stage}
    )
    with serving(application) as url:
        yield f"{url}/live"


@pytest.fixture(scope="module")
def ministack(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the same stage in MiniStack's API Gateway."""
    with emulator.running(tmp_path_factory.mktemp("aws")) as aws:
        function = create_function(aws)
        uri = f"arn:aws:apigateway:{emulator.REGION}:lambda:path/2015-03-31/functions/{function}"
        filled = json.loads(
            json.dumps(document).replace("${lambda_invoke_arn}", f"{uri}/invocations")
        )
        gateway = aws.client("apigateway")
        api = gateway.create_rest_api(name="differential")["id"]
        import_api.put_rest_api(gateway, api, filled)
        gateway.create_deployment(restApiId=api, stageName="live")
        yield aws.stage_url(api, "live")


def create_function(aws: emulator.LocalAws) -> str:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("scripted.py", Path(scripted.__file__).read_text())
    role = aws.client("iam").create_role(RoleName="scripted", AssumeRolePolicyDocument="{}")
    return str(
        aws.client("lambda").create_function(
            FunctionName="scripted",
            Runtime="python3.13",
            Handler="scripted.handle",
            Role=role["Role"]["Arn"],
            Code={"ZipFile": code.getvalue()},
        )["FunctionArn"]
    )


def observe(url: str, name: str) -> Observed:
    method, path, options = REQUESTS[name]
    options = {"timeout": 60, "retries": False, **options}
    response = POOL.urlopen(method, f"{url}{path}", **options)  # it does not change the method
    headers = {
        name.lower(): response.headers.getlist(name)
        for name in response.headers
        if name.lower() not in IGNORED
    }
    try:
        body = response.json()
    except ValueError:
        body = response.data.decode()
    return Observed(response.status, headers, body)


def differences(ours: Observed, theirs: Observed) -> list[str]:
    """Return each difference as `field: ours != theirs`."""
    pairs = {"status": (ours.status, theirs.status)}
    for name in sorted({*ours.headers, *theirs.headers}):
        pairs[f"header {name}"] = (ours.headers.get(name), theirs.headers.get(name))
    if isinstance(ours.body, dict) and isinstance(theirs.body, dict):
        for name in sorted({*ours.body, *theirs.body}):
            pairs[f"body {name}"] = (ours.body.get(name), theirs.body.get(name))
    else:
        pairs["body"] = (ours.body, theirs.body)
    return [f"{field}: {a!r} != {b!r}" for field, (a, b) in pairs.items() if a != b]


@pytest.mark.parametrize("name", REQUESTS)
def test_responses_are_equal(local: str, ministack: str, name: str):
    """Status, headers and body are equal, except for accepted differences."""
    found = differences(observe(local, name), observe(ministack, name))
    if name in ACCEPTED:
        assert found, f"this difference no longer exists: {ACCEPTED[name]}"
    else:
        assert found == []
