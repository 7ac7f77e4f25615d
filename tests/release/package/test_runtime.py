"""The zip runs without other packages, and under AWS's own runtime client."""

import json
import re
import socket
import subprocess
import sys
from contextlib import closing
from importlib.metadata import files
from pathlib import Path
from uuid import uuid4

import boto3
import pytest
from werkzeug.test import EnvironBuilder

from contract import repository
from local.dynamodb import create_tables
from local.gateway.event import proxy_event
from tests.conftest import ENVIRONMENT, PERSON
from tests.release.package.builds import unpack
from tests.release.package.runtime_api import Function

pytestmark = pytest.mark.slow

COUNTER = "/counters/{counterId}"
LAMBDA = {
    **ENVIRONMENT,
    "AWS_LAMBDA_FUNCTION_NAME": "visits-staging",  # the name in every line of the log
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
}
# Without a YAML parser: the function must not need one.
CALL = """
import json, sys
sys.path.insert(0, sys.argv[1])
import yaml
yaml.load = yaml.safe_load = None
from visits.handler import handle
for line in sys.stdin:
    print("RESPONSE", json.dumps(handle(json.loads(line), None)))
"""

ADDRESSES = """
import sys
sys.path.insert(0, sys.argv[1])
import boto3
for region in sys.argv[2:]:
    client = boto3.client("dynamodb", region_name=region)
    print(client.generate_presigned_url("list_tables").partition("?")[0])
"""


def event(method, resource, counter="resume", **query):
    """A REST proxy event."""
    values = {"counterId": counter, "file": "visitor-counter.js"}
    builder = EnvironBuilder(
        path=resource.format(**values),
        method=method,
        query_string=query,
        headers={"User-Agent": PERSON},
    )
    parameters = {name: value for name, value in values.items() if f"{{{name}}}" in resource}
    return proxy_event(builder.get_request(), resource, parameters)


def call(folder, *events, **environment):
    """Call the function of a folder in a new process; return its responses."""
    done = run(CALL, folder, stdin="\n".join(map(json.dumps, events)), **environment)
    return [json.loads(line) for line in re.findall(r"^RESPONSE (.*)", done.stdout, re.MULTILINE)]


def run(script, *arguments, stdin=None, **environment):
    """Run a script that does not find the packages installed here."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, *arguments],
        env={**ENVIRONMENT, **environment},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


HEALTH = event("GET", "/health")


@pytest.fixture(scope="module")
def unpacked(zip_file, tmp_path_factory):
    """The zip for this machine, unpacked."""
    return unpack(zip_file, tmp_path_factory.mktemp("task"))


def test_zip_runs_without_other_packages(unpacked):
    """The zip needs no other package and no YAML, and reports the packed contract."""
    [response] = call(unpacked, HEALTH)
    assert response["statusCode"] == 200
    assert json.loads(response["body"])["contract"] == repository.read()[1]


def test_every_operation_works(unpacked, exact_dynamodb):
    """Every operation works with only the packed files, on the local stack's DynamoDB."""
    name = f"visits-{uuid4()}"
    tables = {"TABLE_NAME": name, "SECRETS_TABLE_NAME": f"{name}-secrets"}
    create_tables(tables, exact_dynamodb)
    responses = call(
        unpacked,
        event("POST", f"{COUNTER}/visits", visitId=str(uuid4())),
        event("GET", COUNTER),
        event("GET", f"{COUNTER}/history", days="3"),
        event("GET", f"{COUNTER}/badge.svg"),
        event("GET", "/elements/{file}"),
        event("GET", COUNTER, counter="nobody"),
        event("POST", f"{COUNTER}/visits", visitId="none"),
        AWS_ENDPOINT_URL_DYNAMODB=exact_dynamodb,
        **tables,
    )
    assert [response["statusCode"] for response in responses] == [201, 200, 200, 200, 200, 404, 400]
    assert json.loads(responses[1]["body"])["visits"] == 1


def test_dynamodb_endpoints_are_unchanged(unpacked):
    """The packed part of botocore's data gives the same endpoints in every partition."""
    regions = ["eu-west-1", "us-gov-west-1", "cn-north-1", "eu-west-99"]
    kinds = {"AWS_ACCOUNT_ID": "123456789012", "AWS_USE_DUALSTACK_ENDPOINT": "true"}
    installed = Path(boto3.__file__).parents[1]
    here, there = (run(ADDRESSES, path, *regions, **kinds) for path in (unpacked, installed))
    assert here.stdout == there.stdout != ""


def test_bytecode_runs_without_sources(zip_file, tmp_path):
    """With broken sources the function still answers: nothing is compiled at start."""
    folder = unpack(zip_file, tmp_path)
    for path in folder.rglob("*.py"):
        path.write_text("this is no Python")
    assert call(folder, HEALTH)[0]["statusCode"] == 200


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A folder with AWS's runtime client and what it needs, and nothing else."""
    pytest.importorskip("awslambdaric", reason="AWS makes its runtime client for Linux")
    folder = tmp_path_factory.mktemp("client")
    for name in ("awslambdaric", "simplejson", "snapshot-restore-py"):
        for part in {file.parts[0] for file in files(name)} - {"..", "__pycache__"}:
            (folder / part).symlink_to(files(name)[0].locate().parents[1] / part)
    return folder


@pytest.fixture
def lambda_(client, tmp_path):
    """Run a folder as a Lambda function under AWS's runtime client; its log is a file."""
    deployed = []

    def deploy(folder, handler="visits.handler.handle", **environment):
        log = (tmp_path / "log").open("ab")
        settings = {**LAMBDA, **environment}
        function = Function(handler, [folder, client], settings, log)
        deployed.append((function, log))
        return function

    yield deploy
    for function, log in deployed:
        function.server_close()
        log.close()


def test_request_is_answered(lambda_, unpacked, tmp_path):
    """A REST proxy event gives a proxy response, and every line of the log is JSON."""
    function = lambda_(unpacked)
    responses = [function.invoke(HEALTH) for _ in range(3)]
    assert [response["statusCode"] for response in responses] == [200] * 3
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [(line["request"], line["status"]) for line in lines] == [("GET /health", 200)] * 3
    assert {line["function"] for line in lines} == {"visits-staging"}


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (
            {"handler": "visits.handler.handel"},
            "Runtime.HandlerNotFound",
            "Handler 'handel' missing on module 'visits.handler'",
        ),
        (
            {"TABLE_NAME": ""},
            "SettingsError",
            "TABLE_NAME must be the name of the DynamoDB table",
        ),
    ],
)
def test_wrong_deployment_fails_at_start(lambda_, unpacked, change, kind, message):
    """A wrong handler and a missing variable are initialisation errors that name the cause."""
    error = lambda_(unpacked, **change).invoke(HEALTH)
    assert (error["errorType"], error["errorMessage"]) == (kind, message)


def test_missing_package_is_named(lambda_, zip_file, tmp_path):
    """Without one of its packages the function does not start, and the error names it."""
    folder = unpack(zip_file, tmp_path / "task", without="jmespath/")
    error = lambda_(folder).invoke(HEALTH)
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert "No module named 'jmespath'" in error["errorMessage"]


def test_slow_function_is_stopped(lambda_, unpacked):
    """A call that times out is an error, and the next call gets a new process."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        function = lambda_(unpacked, AWS_ENDPOINT_URL_DYNAMODB=url)
        error = function.invoke(event("GET", COUNTER), seconds=0.5)
        assert error["errorMessage"] == "Task timed out after 0.50 seconds"
        assert function.invoke(HEALTH)["statusCode"] == 200
