"""The real Terraform and the real zip, deployed to a local AWS, and traffic through them.

`make rehearse` runs this alone. Each sabotage is one that has reached production
somewhere; the rehearsal names it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile

import boto3
import pytest
import requests
import schemathesis
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, settings

from local.server import files
from local.serving import serving
from release import drift
from release.rehearsal import faults, stack
from release.rehearsal.stack import Rehearsal
from tests.conftest import PERSON
from visits import contract

SCHEMA = schemathesis.openapi.from_dict(contract.read()[0])

pytestmark = pytest.mark.skipif(
    not shutil.which("terraform"), reason="the rehearsal needs Terraform on the PATH"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A copy of the site, and the origin that serves it."""
    folder = shutil.copytree("site", tmp_path_factory.mktemp("site") / "site")
    with serving(files(folder)) as url:
        yield folder, url


@pytest.fixture(scope="module")
def deployed(
    zip_file: Path, site: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rehearsal]:
    """What Terraform has deployed, for the page of the site."""
    folder, origin = site
    with stack.running(tmp_path_factory.mktemp("rehearsal"), zip_file, origin) as running:
        page = folder / "index.html"
        page.write_text(page.read_text().replace('"/live', f'"{running.url}'))
        yield running


@contextmanager
def sabotaged(deployed: Rehearsal, override: str) -> Iterator[list[str]]:
    """The faults that the rehearsal finds with a change in the Terraform configuration."""
    deployed.terraform.override("sabotage", override)
    try:
        deployed.deploy()
        yield faults.find(deployed)
    finally:
        deployed.terraform.restore("sabotage")


def test_what_is_deployed_has_no_fault(deployed):
    """Routes, permission, contract and counting are as they should be, first time."""
    assert faults.find(deployed) == []


def test_visits_are_counted_exactly(deployed):
    """Forty visits by four clients at once through everything are forty more."""

    def visit(_):
        return deployed.call("POST", f"/counters/resume/visits?visitId={os.urandom(16).hex()}")

    def number():
        return deployed.call("GET", "/counters/resume").json()["visits"]

    before = number()
    with ThreadPoolExecutor(4) as clients:
        refused = {answer.status for answer in clients.map(visit, range(4))}
        assert refused == {400}  # an id without hyphens is none
        answers = clients.map(visit_once, [deployed] * 40)
        assert {answer.status for answer in answers} == {201}
    assert number() == before + 40


def visit_once(deployed):
    return deployed.call("POST", f"/counters/resume/visits?visitId={uuid4()}")


def test_a_visitor_sees_the_number(deployed, site):
    """The suite that watches live sites watches this one, and nothing is left out."""
    names = ("PATH", "HOME", "CHROMIUM_PATH", "PLAYWRIGHT_BROWSERS_PATH")
    environment = {name: os.environ[name] for name in names if name in os.environ}
    watch = {"SITE_URL": f"{site[1]}/", "API_URL": deployed.url, "REQUIRE_SITE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "e2e"],
        env={**environment, **watch},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@SCHEMA.parametrize()
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_documented(case, deployed):
    """What was deployed keeps to the contract, whatever is asked."""
    case.call_and_validate(base_url=deployed.url, headers={"User-Agent": PERSON})


def test_the_live_api_has_not_drifted(deployed):
    """What API Gateway exports is what openapi.yaml says."""
    assert list(drift.differences(contract.read()[0], export(deployed))) == []


def export(deployed):
    client = deployed.aws.client("apigateway")
    return drift.export(client, deployed.outputs["rest_api_id"], deployed.outputs["stage"])


def test_a_change_by_hand_is_drift(deployed):
    """A method that somebody added, a gateway response that somebody changed: both are named."""
    client, api = deployed.aws.client("apigateway"), deployed.outputs["rest_api_id"]
    [root] = [
        each["id"]
        for each in client.get_resources(restApiId=api, limit=500)["items"]
        if each["path"] == "/"
    ]
    client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    client.put_gateway_response(restApiId=api, responseType="THROTTLED", statusCode="503")
    found = list(drift.differences(contract.read()[0], export(deployed)))
    client.delete_method(restApiId=api, resourceId=root, httpMethod="GET")
    throttled = contract.read()[0][drift.RESPONSES]["THROTTLED"]
    client.put_gateway_response(restApiId=api, responseType="THROTTLED", **throttled)
    assert "GET /: served, and not in the contract" in found
    assert any("THROTTLED: statusCode is '503', the contract says '429'" in each for each in found)


def test_a_wrong_handler_name_is_named(deployed):
    """A function that cannot be found in the zip."""
    handler = 'resource "aws_lambda_function" "visits" {\n  handler = "visits.handler.hendle"\n}\n'
    with sabotaged(deployed, handler) as found:
        assert any("has no attribute 'hendle'" in fault for fault in found)


def test_a_missing_variable_is_named(deployed):
    """A function without one of its environment variables."""
    environment = """resource "aws_lambda_function" "visits" {
      environment {
        variables = { TABLE_NAME = "visits", COUNTERS = "{\\"smoke\\": {}}", ALLOWED_ORIGINS = "*" }
      }
    }"""
    with sabotaged(deployed, environment) as found:
        assert any("SHARDS must be a whole number" in fault for fault in found)


def test_a_missing_dependency_is_named(deployed, zip_file):
    """A zip that one of the wheels was left out of."""
    target = deployed.terraform.folder / "build" / "visits.zip"
    with ZipFile(zip_file) as whole, ZipFile(target, "w") as part:
        for name in whole.namelist():
            if not name.startswith("werkzeug/"):
                part.writestr(name, whole.read(name))
    try:
        deployed.deploy()
        found = faults.find(deployed)
    finally:
        shutil.copy(zip_file, target)
    assert any("No module named 'werkzeug'" in fault for fault in found)


def test_a_permission_for_another_api_is_named(deployed):
    """A function that another API may call."""
    permission = """resource "aws_lambda_permission" "api" {
      source_arn = "arn:aws:execute-api:eu-west-1:123456789012:another/live/*/*"
    }"""
    with sabotaged(deployed, permission) as found:
        assert any("API Gateway may not call the function" in fault for fault in found)


def test_a_lost_permission_of_the_role_is_named(deployed):
    """A role that may read and not write. IAM is enforced here."""
    role = """resource "aws_iam_role_policy" "function" {
      policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = "dynamodb:Query", Resource = "*" }]
      })
    }"""
    with sabotaged(deployed, role) as found:
        assert any("AccessDeniedException" in fault for fault in found)


def test_a_body_that_was_not_redeployed_is_named(deployed):
    """A path that is in the contract and in the API, and not in what the stage serves."""
    frozen = """resource "aws_api_gateway_deployment" "visits" {
      triggers = { body = "never changes" }
    }"""
    path = deployed.terraform.folder / "openapi.yaml"
    good = path.read_text()
    with sabotaged(deployed, frozen) as faults_before:
        path.write_text(good.replace("  /health:\n", "  /healthy:\n", 1))
        deployed.deploy()
        faults_after = faults.find(deployed)
    path.write_text(good)
    assert faults_before == []
    assert "GET /healthy is not served: the body was not redeployed" in faults_after


def test_after_all_that_it_is_whole_again(deployed):
    """Applying the true configuration mends everything, and no visit was lost on the way."""
    before = deployed.call("GET", "/counters/resume").json()["visits"]
    deployed.deploy()
    assert faults.find(deployed) == []
    assert deployed.call("GET", "/counters/resume").json()["visits"] == before > 0
    assert requests.get(f"{deployed.url}/health", timeout=30).ok


def test_the_role_may_do_what_the_code_does_and_no_more(deployed):
    """Query and transactions on this table; every other call, and every other table, is refused."""
    function = deployed.outputs["function_name"]
    role = deployed.aws.client("lambda").get_function_configuration(FunctionName=function)["Role"]
    credentials = deployed.aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    dynamodb = boto3.client(
        "dynamodb",
        endpoint_url=deployed.aws.endpoint,
        aws_access_key_id=credentials["Credentials"]["AccessKeyId"],
        aws_secret_access_key=credentials["Credentials"]["SecretAccessKey"],
        aws_session_token=credentials["Credentials"]["SessionToken"],
    )
    key = {"pk": {"S": "counter#none"}, "sk": {"S": "0"}}
    where = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": key["pk"]}}
    calls = {
        "query": where,
        "scan": {},
        "get_item": {"Key": key},
        "put_item": {"Item": key},
        "update_item": {"Key": key},
        "delete_item": {"Key": key},
        "describe_table": {},
        "delete_table": {},
    }
    table = deployed.outputs["table_name"]
    for name in (table, "another"):
        for call, parameters in calls.items():
            allowed = (name, call) == (table, "query")
            assert permitted(dynamodb, call, TableName=name, **parameters) == allowed, (name, call)
        put = {"Put": {"TableName": name, "Item": key}}
        transact = permitted(dynamodb, "transact_write_items", TransactItems=[put])
        assert transact == (name == table)


def permitted(client, call, **parameters):
    try:
        getattr(client, call)(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"] != "AccessDeniedException"
    return True
