"""The Terraform configuration: its own tests, and a life on moto from apply to destroy."""

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from moto.server import ThreadedMotoServer
from werkzeug.wrappers import Request, Response

from local import emulator
from local.serving import serving
from release.rehearsal.terraform import Terraform, TerraformError

pytestmark = pytest.mark.skipif(
    not shutil.which("terraform"), reason="these tests need Terraform on the PATH"
)
VARIABLES = {"region": emulator.REGION, "allowed_origins": ["https://resume.example"]}
UNLOCKED = Path("terraform/destroy_override.tf.example").read_text()


@pytest.fixture(scope="module")
def unapplied(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """A copy of the configuration, without an account."""
    copy = Terraform(tmp_path_factory.mktemp("terraform"), emulator.ROOT_USER)
    copy.init()
    return copy


def test_the_configuration_is_formatted():
    """terraform fmt has nothing to do."""
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-recursive", "-diff", "terraform"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.stdout == ""


def test_the_configuration_is_secure():
    """checkov finds nothing; what is skipped says why, in the configuration."""
    done = subprocess.run(
        [".venv/checkov/bin/checkov", "--directory=terraform", "--skip-download", "--compact"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]},
    )
    assert "Failed checks: 0" in done.stdout, done.stdout
    assert done.returncode == 0
    for line in re.findall(r"checkov:skip=.*", "".join(map(Path.read_text, sources()))):
        assert re.fullmatch(r"checkov:skip=CKV2?_AWS_\d+: ?\w.{10,}", line), line


def sources():
    return Path("terraform").rglob("*.tf")


@pytest.mark.parametrize("root", ["", "bootstrap"])
def test_the_configuration_is_valid_without_warnings(unapplied, root):
    """terraform validate says so for both roots, and warns of nothing."""
    copy = unapplied if not root else bootstrap(unapplied)
    told = json.loads(copy.run("validate", "-json"))
    assert told["valid"]
    assert told["diagnostics"] == []


@pytest.mark.parametrize("root", ["", "bootstrap"])
def test_its_own_tests_pass(unapplied, root):
    """terraform test, with a mocked provider: body, permission, options and refused variables."""
    copy = unapplied if not root else bootstrap(unapplied)
    assert "Success!" in copy.run("test")


def bootstrap(copy: Terraform) -> Terraform:
    """The same copy, seen from its bootstrap folder."""
    other = Terraform.__new__(Terraform)
    other.__dict__ |= {**vars(copy), "root": copy.root / "bootstrap"}
    other.init()
    return other


def test_terraform_and_python_read_the_same_contract(unapplied, document):
    """Anchors, merge keys and types: what is imported is what the function checks by."""
    file = unapplied.folder / "openapi.yaml"
    expression = f'jsonencode(yamldecode(templatefile("{file}", {{ lambda_invoke_arn = "x" }})))'
    told = subprocess.run(
        ["terraform", "console"],
        input=expression,
        capture_output=True,
        text=True,
        check=True,
        cwd=unapplied.folder,
        env={"PATH": os.environ["PATH"]},
    ).stdout
    expected = yaml.safe_load(file.read_text().replace("${lambda_invoke_arn}", "x"))
    assert json.loads(json.loads(told)) == expected


def test_what_the_local_aws_cannot_do_is_asked_once(tmp_path):
    """Terraform fails at once where an emulator answers 500, instead of asking for minutes."""
    asked = Counter()

    @Request.application
    def unable(request):
        asked[request.path, request.get_data()] += 1
        return Response("not implemented", 500)

    with serving(unable) as url:
        copy = Terraform(tmp_path, {**emulator.ROOT_USER, "AWS_ENDPOINT_URL": url})
        copy.init()
        with pytest.raises(TerraformError, match="500"):
            copy.apply(**VARIABLES)
    assert set(asked.values()) == {1}


@pytest.fixture(scope="module")
def moto() -> Iterator[emulator.LocalAws]:
    """moto as a server, with the import that it does badly done by ours."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    with emulator.importing(f"http://{host}:{port}") as aws:
        yield aws
    server.stop()


@pytest.fixture(scope="module")
def applied(
    moto: emulator.LocalAws, zip_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Terraform:
    """The configuration, applied to moto."""
    environment = {**emulator.ROOT_USER, "AWS_ENDPOINT_URL": moto.endpoint}
    copy = Terraform(tmp_path_factory.mktemp("moto"), environment)
    (copy.folder / "build").mkdir()
    shutil.copy(zip_file, copy.folder / "build" / "visits.zip")
    copy.init()
    copy.apply(**VARIABLES)
    return copy


def changes(applied: Terraform) -> dict[str, list[str]]:
    """What a plan would do, by resource."""
    applied.run("plan", "-input=false", "-out=test.tfplan")
    plan: dict[str, Any] = json.loads(applied.run("show", "-json", "test.tfplan"))
    return {
        each["address"]: each["change"]["actions"]
        for each in plan["resource_changes"]
        if each["mode"] == "managed" and each["change"]["actions"] != ["no-op"]
    }


def test_a_second_plan_is_empty(applied):
    """What was applied is what is wanted: nothing flaps."""
    assert changes(applied) == {}


def test_a_changed_contract_changes_the_api_and_nothing_else(applied, moto):
    """The body in place, a new deployment, the stage moved to it; and the stage serves it."""
    path = applied.folder / "openapi.yaml"
    good = path.read_text()
    path.write_text(good.replace("  /health:\n", "  /healthy:\n", 1))
    assert changes(applied) == {
        "aws_api_gateway_rest_api.visits": ["update"],
        "aws_api_gateway_deployment.visits": ["create", "delete"],
        "aws_api_gateway_stage.live": ["update"],
    }
    outputs = applied.apply(**VARIABLES)
    resources = moto.client("apigateway").get_resources(
        restApiId=outputs["rest_api_id"], limit=500
    )["items"]
    paths = {each["path"] for each in resources}
    assert "/healthy" in paths
    assert "/health" not in paths
    path.write_text(good)
    applied.apply(**VARIABLES)


def test_the_table_cannot_be_destroyed_by_accident(applied, moto):
    """Neither a destroy nor a change that would replace it gets past the plan."""
    with pytest.raises(TerraformError, match="prevent_destroy"):
        applied.run("destroy", "-auto-approve", "-input=false")
    with pytest.raises(TerraformError, match="prevent_destroy"):
        applied.apply(**VARIABLES, table_name="another")
    assert moto.client("dynamodb").list_tables()["TableNames"] == ["visits"]


def test_on_purpose_it_can(applied, moto):
    """With the override in place everything goes."""
    applied.override("destroy", UNLOCKED)
    applied.apply(**VARIABLES)
    applied.run("destroy", "-auto-approve", "-input=false")
    assert moto.client("dynamodb").list_tables()["TableNames"] == []
    assert moto.client("apigateway").get_rest_apis()["items"] == []
