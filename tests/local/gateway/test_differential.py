"""Compares the responses of the local gateway with those of MiniStack's API Gateway.

Both have the same contract and function, and get the same requests. Where MiniStack is known to
differ from AWS, test_gateway.py or test_event.py has the case instead.
"""

import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import urllib3
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from local.gateway.app import Gateway
from tests import emulator
from tests.conftest import generated
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
    "visit from a page": ("POST", VISITS, {"headers": {"Origin": "https://a.example"}}),
    "header case": ("GET", "/health", {"headers": {"sEc-GpC": "1"}}),
    "encoded path parameter": ("GET", "/counters/r%C3%A9sum%C3%A9", {}),
    "encoded query": ("POST", f"{VISITS}&x=%20%C3%A9%2B", {}),
    "chunked body": ("POST", VISITS, {"body": [b"te", b"xt"]}),
    "JSON body": (
        "POST",
        VISITS,
        {"body": '{"a": 1}', "headers": {"Content-Type": "application/json"}},
    ),
    "unknown path": ("GET", "/nowhere", {}),
    "trailing slash": ("GET", "/health/", {}),
    "unknown method": ("DELETE", "/counters/resume", {}),
    "method that ANY does not cover": ("TRACE", "/counters/resume", {}),
    "unknown method with a body": (
        "PUT",
        "/health",
        {"body": "x", "headers": {"Content-Type": "text/plain"}},
    ),
    "preflight": ("OPTIONS", VISITS, {"headers": {"Origin": "https://a.example"}}),
    "missing parameter": ("POST", "/counters/resume/visits", {}),
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
}


@pytest.fixture(scope="module")
def local() -> Iterator[str]:
    """The URL of a stage in the local gateway."""
    stage = Gateway(generated(), scripted.handle)
    application = DispatcherMiddleware(
        Response("The path is not under the stage.", 404), {"/live": stage}
    )
    with serving(application) as url:
        yield f"{url}/live"


@pytest.fixture(scope="module")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the same stage in MiniStack's API Gateway."""
    with emulator.running(tmp_path_factory.mktemp("aws")) as aws:
        function = create_function(aws)
        uri = f"arn:aws:apigateway:{emulator.REGION}:lambda:path/2015-03-31/functions/{function}"
        filled = json.loads(
            json.dumps(generated()).replace("${lambda_invoke_arn}", f"{uri}/invocations")
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


def observe(url: str, name: str) -> dict[str, Any]:
    """Return the parts of a response that are compared."""
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
    return {"status": response.status, "headers": headers, "body": body}


@pytest.mark.parametrize("name", REQUESTS)
def test_responses_are_equal(local: str, ministack: str, name: str):
    """Status, headers and body are equal."""
    assert observe(local, name) == observe(ministack, name)
