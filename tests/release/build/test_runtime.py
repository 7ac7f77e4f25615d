"""The zip as it runs: by itself, and under the client that AWS's runtime runs it with."""

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

from local.dynamodb import create_table
from local.gateway.event import proxy_event
from tests.release.build.artefact import unpack
from tests.conftest import ENVIRONMENT, PERSON
from tests.release.build.runtime_api import Function
from visits import contract

COUNTER = "/counters/{counterId}"
LAMBDA = {
    **ENVIRONMENT,
    "AWS_LAMBDA_FUNCTION_NAME": "visits-staging",  # the alarms find their metrics by it
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
}
# It can read no YAML.
CALL = """
import json, sys
sys.path.insert(0, sys.argv[1])
import yaml
yaml.load = yaml.safe_load = None
from visits.handler import handle
for line in sys.stdin:
    print("ANSWER", json.dumps(handle(json.loads(line), None)))
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
    builder = EnvironBuilder(
        path=resource.replace("{counterId}", counter),
        method=method,
        query_string=query,
        headers={"User-Agent": PERSON},
    )
    parameters = {"counterId": counter} if "{" in resource else {}
    return proxy_event(builder.get_request(), resource, parameters)


def call(folder, *events, **environment):
    """The answers of the function in a folder, called in a process of its own."""
    done = run(CALL, folder, text="\n".join(map(json.dumps, events)), **environment)
    return [json.loads(line) for line in re.findall(r"^ANSWER (.*)", done.stdout, re.MULTILINE)]


def run(script, *arguments, text=None, **environment):
    """Run a script that finds what it puts on its path, and nothing that is installed here."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, *arguments],
        env={**ENVIRONMENT, **environment},
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


HEALTH = event("GET", "/health")


@pytest.fixture(scope="module")
def unpacked(builds, tmp_path_factory):
    """The zip for this machine, unpacked."""
    return unpack(builds.host, tmp_path_factory.mktemp("task"))


def test_it_answers_for_its_contract(unpacked):
    """The zip runs by itself, without a look at YAML, and names the contract that was packed."""
    [answer] = call(unpacked, HEALTH)
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["contract"] == contract.read()[1]


def test_every_operation_works(unpacked, exact_dynamodb, monkeypatch):
    """Nothing that was left out of the zip is missed, by any operation and with a DynamoDB."""
    table = f"visits-{uuid4()}"
    create_table(table, exact_dynamodb)
    answers = call(
        unpacked,
        event("POST", f"{COUNTER}/visits", visitId=str(uuid4())),
        event("GET", COUNTER),
        event("GET", f"{COUNTER}/history", days="3"),
        event("GET", f"{COUNTER}/badge.svg"),
        event("GET", COUNTER, counter="nobody"),
        event("POST", f"{COUNTER}/visits", visitId="none"),
        TABLE_NAME=table,
        AWS_ENDPOINT_URL_DYNAMODB=exact_dynamodb,
    )
    assert [answer["statusCode"] for answer in answers] == [201, 200, 200, 200, 404, 400]
    assert json.loads(answers[1]["body"])["visits"] == 1


def test_it_knows_where_dynamodb_is(unpacked):
    """With less of botocore's data the function calls the same addresses, in any partition."""
    regions = ["eu-west-1", "us-gov-west-1", "cn-north-1", "eu-west-99"]
    kinds = {"AWS_ACCOUNT_ID": "123456789012", "AWS_USE_DUALSTACK_ENDPOINT": "true"}
    installed = Path(boto3.__file__).parents[1]
    here, there = (run(ADDRESSES, path, *regions, **kinds) for path in (unpacked, installed))
    assert here.stdout == there.stdout != ""


def test_what_runs_is_compiled(builds, tmp_path):
    """With sources that are no Python the function answers: nothing is compiled as it starts."""
    folder = unpack(builds.host, tmp_path)
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
    """Deploys a function to Lambda, as it were; its log is a file."""
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


def test_a_request_is_answered(lambda_, unpacked, tmp_path):
    """A REST proxy event gives a proxy response, and every line of the log is JSON."""
    function = lambda_(unpacked)
    answers = [function.invoke(HEALTH) for _ in range(3)]
    assert [answer["statusCode"] for answer in answers] == [200] * 3
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [(line["request"], line["status"]) for line in lines] == [("GET /health", 200)] * 3
    assert {line["function"] for line in lines} == {"visits-staging"}


@pytest.mark.parametrize(
    ("sabotage", "kind", "message"),
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
def test_what_was_deployed_wrongly_fails_as_it_starts(lambda_, unpacked, sabotage, kind, message):
    """A wrong handler and a missing variable are errors of the initialisation, and are named."""
    error = lambda_(unpacked, **sabotage).invoke(HEALTH)
    assert (error["errorType"], error["errorMessage"]) == (kind, message)


def test_a_package_that_was_left_out_is_named(lambda_, builds, tmp_path):
    """Without one of its packages the function does not start, and Lambda says which."""
    folder = unpack(builds.host, tmp_path / "task", without="isodate/")
    error = lambda_(folder).invoke(HEALTH)
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert "No module named 'isodate'" in error["errorMessage"]


def test_a_function_that_takes_too_long_is_ended(lambda_, unpacked):
    """A call that runs out of time is an error, and the next one gets a new process."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        function = lambda_(unpacked, AWS_ENDPOINT_URL_DYNAMODB=url)
        error = function.invoke(event("GET", COUNTER), seconds=0.5)
        assert error["errorMessage"] == "Task timed out after 0.50 seconds"
        assert function.invoke(HEALTH)["statusCode"] == 200
