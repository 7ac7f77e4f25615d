"""The zip runs without other packages, under AWS's own runtime client."""

import json
import os
import subprocess
import sys
from importlib.metadata import files
from pathlib import Path
from time import time
from uuid import uuid4
from zipfile import ZipFile

import boto3
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from contract import repository
from local.gateway.event import proxy_event
from tests.conftest import ENVIRONMENT, PERSON
from tests.serving import serving

pytestmark = pytest.mark.slow

COUNTER = "/counters/{counterId}"
# Each process finds only the packages in the folders that it gets.
CLIENT = """
import sys
sys.path[:0] = sys.argv[2:]
from awslambdaric.__main__ import main
main(sys.argv)
"""
ADDRESSES = """
import sys
sys.path.insert(0, sys.argv[1])
import boto3
for region in sys.argv[2:]:
    client = boto3.client("dynamodb", region_name=region)
    print(client.generate_presigned_url("list_tables").partition("?")[0])
"""


def run(script, *arguments, **environment):
    """Run a script that does not find the packages installed here."""
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, *arguments],
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


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


@pytest.fixture(scope="module")
def unpacked(zip_file, tmp_path_factory):
    """The zip for this machine, unpacked."""
    folder = tmp_path_factory.mktemp("task")
    with ZipFile(zip_file) as archive:
        archive.extractall(folder)
    return folder


def test_dynamodb_endpoints_are_unchanged(unpacked):
    """The packed part of botocore's data gives the same endpoints in every partition."""
    regions = ["eu-west-1", "us-gov-west-1", "cn-north-1", "eu-west-99"]
    kinds = {"AWS_ACCOUNT_ID": "123456789012", "AWS_USE_DUALSTACK_ENDPOINT": "true"}
    installed = Path(boto3.__file__).parents[1]
    here, there = (run(ADDRESSES, path, *regions, **kinds) for path in (unpacked, installed))
    assert here.stdout == there.stdout != "", here.stderr


@pytest.fixture
def client(tmp_path):
    """A folder with AWS's runtime client and what it needs, and nothing else."""
    pytest.importorskip("awslambdaric", reason="AWS makes its runtime client for Linux")
    for name in ("awslambdaric", "simplejson", "snapshot-restore-py"):
        for part in {file.parts[0] for file in files(name)} - {"..", "__pycache__"}:
            (tmp_path / part).symlink_to(files(name)[0].locate().parents[1] / part)
    return tmp_path


class RuntimeApi:
    """Lambda's Runtime API with some events. After the last one its client gets an error, and ends.

    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
    """

    def __init__(self, *events):
        self.events, self.responses = list(events), []

    def __call__(self, environ, start_response):
        request, answer = Request(environ), Response(status=202)
        if request.method == "POST":
            self.responses.append(json.loads(request.get_data()))
        elif self.events:
            answer = Response(json.dumps(self.events.pop(0)), content_type="application/json")
            answer.headers["Lambda-Runtime-Aws-Request-Id"] = str(uuid4())
            answer.headers["Lambda-Runtime-Deadline-Ms"] = str(int(time() + 120) * 1000)
        else:
            answer = Response(status=500)
        return answer(environ, start_response)


def test_every_operation_works(client, unpacked, table):
    """Every operation works with only the packed files, on the local DynamoDB. A REST proxy event
    gives a proxy response, and a line of the log, which is JSON."""
    api = RuntimeApi(
        event("GET", "/health"),
        event("POST", f"{COUNTER}/visits", visitId=str(uuid4())),
        event("GET", COUNTER),
        event("GET", f"{COUNTER}/history", days="3"),
        event("GET", f"{COUNTER}/badge.svg"),
        event("GET", "/elements/{file}"),
        event("GET", COUNTER, counter="nobody"),
        event("POST", f"{COUNTER}/visits", visitId="none"),
    )
    with serving(api) as url:
        done = run(
            *(CLIENT, "visits.handler.handle", unpacked, client),
            **{name: os.environ[name] for name in (*ENVIRONMENT, "AWS_ENDPOINT_URL_DYNAMODB")},
            AWS_LAMBDA_RUNTIME_API=url.removeprefix("http://"),
            AWS_LAMBDA_FUNCTION_NAME="visits-staging",  # the name in every line of the log
            AWS_LAMBDA_LOG_FORMAT="JSON",
        )
    statuses = [response["statusCode"] for response in api.responses]
    assert statuses == [200, 201, 200, 200, 200, 200, 404, 400], done.stderr
    health, _, counter, *_ = (response["body"] for response in api.responses)
    assert json.loads(health)["contract"] == repository.read()[1]
    assert json.loads(counter)["visits"] == 1
    printed = [line for line in done.stdout.splitlines() if "LAMBDA_RUNTIME" not in line]
    lines = [json.loads(line) for line in printed]
    assert [line["status"] for line in lines] == statuses
    assert {line["function"] for line in lines} == {"visits-staging"}
