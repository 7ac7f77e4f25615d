"""The Terraform configuration applied to moto: from the first apply to the destroy."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from contract.command import CommandError
from release import repair
from release.terraform import Terraform
from tests import emulator
from tests.emulator import scratch

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("terraform"), reason="Terraform is not installed"),
]
VARIABLES = {"region": emulator.REGION, "allowed_origins": ["https://resume.example"]}


@pytest.fixture(scope="module")
def moto() -> Iterator[emulator.LocalAws]:
    """A moto server behind the project's own implementation of PutRestApi."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    with emulator.importing(f"http://{host}:{port}") as aws:
        yield aws
    server.stop()


@pytest.fixture(scope="module")
def applied(
    moto: emulator.LocalAws, zip_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Terraform]:
    """The configuration, applied to moto."""
    folder = tmp_path_factory.mktemp("moto")
    (folder / "build").mkdir()
    shutil.copy(zip_file, folder / "build" / "visits.zip")
    environment = {**emulator.ROOT_USER, "AWS_ENDPOINT_URL": moto.endpoint}
    with scratch.copied(folder, environment) as terraform:
        scratch.apply(terraform, **VARIABLES)
        yield terraform


def changes(applied: Terraform) -> dict[str, list[str]]:
    """The actions of a plan, by resource."""
    applied.run("plan", "-input=false", "-out=test.tfplan")
    plan: dict[str, Any] = json.loads(applied.run("show", "-json", "test.tfplan"))
    return {
        each["address"]: each["change"]["actions"]
        for each in plan["resource_changes"]
        if each["mode"] == "managed" and each["change"]["actions"] != ["no-op"]
    }


def test_second_plan_is_empty(applied):
    """A plan directly after an apply changes nothing."""
    assert changes(applied) == {}


def test_tainted_function_is_replaced(applied):
    """A function that an interrupted apply left behind is deleted first, then created again."""
    applied.run("taint", "aws_lambda_function.visits")
    assert changes(applied)["aws_lambda_function.visits"] == ["delete", "create"]
    applied.run("apply", "-input=false", "test.tfplan")
    assert changes(applied) == {}


def test_tainted_table_is_kept(applied):
    """A table that was not ready when an apply was interrupted is completed, never replaced."""
    applied.run("taint", "aws_dynamodb_table.visits")
    with pytest.raises(CommandError, match="prevent_destroy"):
        changes(applied)
    repair.prepare(applied, applied.state(), [])
    assert changes(applied) == {}


def test_only_what_can_exist_twice_is_created_before_it_is_destroyed(applied):
    """Terraform passes create_before_destroy on to dependencies: to none with a fixed name."""
    state = json.loads((applied.folder / "terraform.tfstate").read_text())
    assert {
        resource["type"]
        for resource in state["resources"]
        for instance in resource["instances"]
        if instance.get("create_before_destroy")
    } == {"aws_api_gateway_rest_api", "aws_api_gateway_deployment"}


def test_changed_contract_changes_only_the_api(applied, moto):
    """A new body updates the API, makes a new deployment and moves the stage to it."""
    path = applied.folder / "generated" / "openapi.json"
    path.write_text(path.read_text().replace('"/health": {', '"/healthy": {', 1))
    assert changes(applied) == {
        "aws_api_gateway_rest_api.visits": ["update"],
        "aws_api_gateway_deployment.visits": ["create", "delete"],
        "aws_api_gateway_stage.live": ["update"],
    }
    applied.run("apply", "-input=false", "test.tfplan")
    resources = moto.client("apigateway").get_resources(
        restApiId=applied.outputs()["rest_api_id"], limit=500
    )["items"]
    paths = {each["path"] for each in resources}
    assert "/healthy" in paths
    assert "/health" not in paths


def test_table_cannot_be_destroyed_by_accident(applied, moto):
    """Terraform refuses to destroy the table, and to replace it."""
    with pytest.raises(CommandError, match="prevent_destroy"):
        applied.run("destroy", "-auto-approve", "-input=false")
    with pytest.raises(CommandError, match="prevent_destroy"):
        applied.run("plan", "-input=false", "-var=table_name=another")
    assert "visits" in moto.client("dynamodb").list_tables()["TableNames"]
