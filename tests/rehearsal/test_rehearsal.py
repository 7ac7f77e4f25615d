"""The real Terraform and the real zip, deployed to a local AWS, with requests through them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import boto3
import pytest
import schemathesis
from botocore.exceptions import ClientError
from hypothesis import settings
from playwright.sync_api import expect

from contract import generation, repository
from contract.command import CommandError
from e2e.visitor import WAIT_MILLISECONDS
from local.server import files
from release import drift
from tests.conftest import PERSON
from tests.emulator import LocalAws, stack
from tests.emulator.stack import Rehearsal
from tests.serving import serving

SCHEMA = schemathesis.openapi.from_dict(repository.read()[0])

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("terraform"), reason="Terraform is not installed"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A copy of the site, and the origin that serves it."""
    folder = shutil.copytree("site", tmp_path_factory.mktemp("site") / "site")
    with serving(files(folder)) as url:
        yield folder, url


@pytest.fixture(scope="module")
def deployed(
    aws: LocalAws,
    zip_file: Path,
    site: tuple[Path, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Rehearsal]:
    """The deployment, which the page of the site uses."""
    folder, origin = site
    with stack.running(aws, tmp_path_factory.mktemp("rehearsal"), zip_file, origin) as running:
        page = folder / "index.html"
        page.write_text(page.read_text().replace('"/live', f'"{running.url}'))
        yield running


def visit(deployed, visit_id=None):
    return deployed.call("POST", f"/counters/resume/visits?visitId={visit_id or uuid4()}")


def visits(deployed):
    return deployed.call("GET", "/counters/resume").json()["visits"]


def test_visits_are_counted_exactly(deployed):
    """Each visit of four concurrent clients that is not throttled counts, and no invalid one."""
    before = visits(deployed)
    with ThreadPoolExecutor(4) as clients:
        without_hyphens = [uuid4().hex for _ in range(4)]
        refused = clients.map(visit, [deployed] * 4, without_hyphens)
        assert {response.status for response in refused} == {400}
        statuses = [each.status for each in clients.map(visit, [deployed] * 40)]
    assert set(statuses) <= {201, 429}
    assert visits(deployed) == before + statuses.count(201) > before


def test_e2e_suite_passes(deployed, site):
    """The suite that watches deployed sites passes here too, with nothing skipped."""
    names = ("PATH", "HOME", "CHROMIUM_PATH", "PLAYWRIGHT_BROWSERS_PATH")
    environment = {name: os.environ[name] for name in names if name in os.environ}
    target = {"SITE_URL": f"{site[1]}/", "API_URL": deployed.url, "REQUIRE_SITE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "e2e"],
        env={**environment, **target},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_printed_lines_work_in_an_empty_page(deployed, site, page):
    """The lines that `make deploy` prints show the counter and the chart on another origin."""
    assert visit(deployed).status == 201
    folder, origin = site
    html = deployed.outputs["html"].replace(deployed.outputs["api_url"], deployed.url)
    (folder / "printed.html").write_text(html)
    page.goto(f"{origin}/printed.html")
    expect(page.locator("visitor-counter")).to_contain_text("visit", timeout=WAIT_MILLISECONDS)
    expect(page.get_by_role("slider")).to_be_visible(timeout=WAIT_MILLISECONDS)


@SCHEMA.parametrize()
@settings(max_examples=8)
def test_every_response_is_documented(case, deployed):
    """The deployed API follows the contract for every generated request."""
    case.call_and_validate(base_url=deployed.url, headers={"User-Agent": PERSON})


def test_deployed_api_has_no_drift(deployed):
    """The export of API Gateway matches openapi.yaml."""
    client, outputs = deployed.aws.client("apigateway"), deployed.outputs
    exported = drift.export(client, outputs["rest_api_id"], outputs["stage"])
    assert list(drift.differences(generation.read(), exported)) == []


def test_role_has_only_the_permissions_that_the_code_needs(deployed):
    """Query and updates in transactions on the table are allowed, and single updates and deletions
    on that of the secrets; other calls and tables are refused."""
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
    allowed_calls = {
        table: {"query"},
        f"{function}-secrets": {"update_item", "delete_item"},
        "another": set(),
    }
    for name, allowed_here in allowed_calls.items():
        for call, parameters in calls.items():
            allowed = call in allowed_here
            assert permitted(dynamodb, call, TableName=name, **parameters) == allowed, (name, call)
        put = {"Put": {"TableName": name, "Item": key}}
        assert not permitted(dynamodb, "transact_write_items", TransactItems=[put])
        update = {"TableName": name, "Key": key, "UpdateExpression": "REMOVE visits"}
        transact = permitted(dynamodb, "transact_write_items", TransactItems=[{"Update": update}])
        assert transact == (name != "another")


def permitted(client, call, **parameters):
    try:
        getattr(client, call)(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"] != "AccessDeniedException"
    return True


def changes(deployed, *options):
    """Return the actions of a plan by resource. The local AWS returns alarms changed."""
    terraform = deployed.terraform
    terraform.run("plan", "-input=false", "-out=test.tfplan", *options)
    return {
        resource["address"]: resource["change"]["actions"]
        for resource in json.loads(terraform.run("show", "-json", "test.tfplan"))[
            "resource_changes"
        ]
        if resource["mode"] == "managed"
        and resource["type"] != "aws_cloudwatch_metric_alarm"
        and resource["change"]["actions"] != ["no-op"]
    }


def test_second_plan_is_empty(deployed):
    """A plan directly after an apply changes nothing."""
    assert changes(deployed) == {}


def test_changed_contract_changes_only_the_api(deployed):
    """A new body updates the API, makes a new deployment and moves the stage to it."""
    path = deployed.terraform.folder / "generated" / "openapi.json"
    body = path.read_text()
    path.write_text(body.replace('"/health": {', '"/healthy": {', 1))
    assert changes(deployed) == {
        "aws_api_gateway_rest_api.visits": ["update"],
        "aws_api_gateway_deployment.visits": ["create", "delete"],
        "aws_api_gateway_stage.live": ["update"],
    }
    path.write_text(body)


def test_only_what_can_exist_twice_is_created_before_it_is_destroyed(deployed):
    """Terraform passes create_before_destroy on to dependencies: to none with a fixed name."""
    state = json.loads((deployed.terraform.folder / "terraform.tfstate").read_text())
    assert {
        resource["type"]
        for resource in state["resources"]
        for instance in resource["instances"]
        if instance.get("create_before_destroy")
    } == {"aws_api_gateway_rest_api", "aws_api_gateway_deployment"}


@pytest.mark.parametrize("option", ["-destroy", "-var=table_name=another"])
def test_table_cannot_be_destroyed_by_accident(deployed, option):
    """Terraform refuses to destroy the table, and to replace it."""
    with pytest.raises(CommandError, match="prevent_destroy"):
        changes(deployed, option)


def test_a_mistake_is_found_and_repaired(deployed):
    """A handler that is not in the zip is named. The next deployment repairs it, and no visit is
    lost."""
    assert visit(deployed).status == 201
    before = visits(deployed)
    file = deployed.terraform.folder / "mistake_override.tf"
    file.write_text(
        'resource "aws_lambda_function" "visits" {\n  handler = "visits.handler.hendle"\n}\n'
    )
    deployed.deploy()
    assert visit(deployed).status == 502
    answer = deployed.aws.client("lambda").invoke(
        FunctionName=deployed.outputs["function_name"], Qualifier=deployed.outputs["alias"]
    )
    assert "has no attribute 'hendle'" in answer["Payload"].read().decode()
    file.unlink()
    deployed.deploy()
    assert visits(deployed) == before
