"""What `make preflight` finds before anything is deployed, on the local AWS."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from contract import generation
from release import preflight, repair
from tests import emulator

pytestmark = pytest.mark.slow
TAGS = {"project": "visits", "region": emulator.REGION, "managed-by": "terraform"}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emulator.LocalAws]:
    with emulator.running(tmp_path_factory.mktemp("preflight")) as running:
        yield running


@pytest.fixture
def session(aws, monkeypatch, tmp_path) -> Any:
    """A boto3 session for the local AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
    monkeypatch.chdir(tmp_path)
    return boto3.Session("test", "test", region_name=emulator.REGION)


def target(session: Any, *managed: str, table: str = "visits", **variables: Any) -> Any:
    names = repair.Names(session, "visits", table)
    regions = {"terraform/terraform.tfvars": emulator.REGION}
    return preflight.Target(names, variables, regions, frozenset(managed))


def test_missing_logging_role_is_found(session):
    """API Gateway without its account-wide role for logs would refuse the access log."""
    [finding] = preflight.missing_logging_role(target(session))
    assert "no role for writing logs in eu-west-1" in finding
    assert "make bootstrap" in finding


def test_different_regions_are_found(session):
    """Bootstrap, backend and variables have to name the same region."""
    regions = {"terraform/backend.hcl": "eu-west-1", "terraform/terraform.tfvars": "us-east-1"}
    names = repair.Names(session, "visits", "visits")
    [finding] = preflight.different_regions(preflight.Target(names, {}, regions, frozenset()))
    assert "eu-west-1 in terraform/backend.hcl, us-east-1 in terraform/terraform.tfvars" in finding
    assert list(preflight.different_regions(target(session))) == []


def test_reservation_above_the_account_limit_is_found(session):
    """reserved_concurrency must leave 100 unreserved executions, on the first deployment."""
    [finding] = preflight.too_few_executions(target(session, reserved_concurrency=10_000))
    assert "reserved_concurrency is 10000" in finding
    assert list(preflight.too_few_executions(target(session, reserved_concurrency=0))) == []
    assert list(preflight.too_few_executions(target(session))) == []


def test_resources_of_others_are_found(session):
    """What has a name of this deployment without its tags is another project's. With them, an
    interrupted apply has created it, and the next plan imports it."""
    for name, tags in (("foreign", {}), ("visits-secrets", TAGS)):
        session.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
    first = target(session, table="foreign")
    [finding] = preflight.foreign_resources(first)
    assert "terraform import aws_dynamodb_table.visits foreign" in finding
    assert "project = visits" in finding
    assert repair.import_blocks(first.names, first.managed) == {
        "aws_dynamodb_table.secrets": "import {\n  to = aws_dynamodb_table.secrets\n"
        '  id = "visits-secrets"\n}\n'
    }
    tables = ("aws_dynamodb_table.visits", "aws_dynamodb_table.secrets")
    assert list(preflight.foreign_resources(target(session, *tables, table="foreign"))) == []


def test_trial_import_finds_no_difference_and_leaves_nothing(aws, session, capsys, tmp_path):
    """The document is imported and exported as expected; the scratch API is deleted."""
    assert list(preflight.refused_import(target(session))) == []
    assert capsys.readouterr().out == ""
    assert "paths" in json.loads((tmp_path / "build" / "preflight.json").read_text())
    assert aws.client("apigateway").get_rest_apis()["items"] == []


def test_differences_of_the_export_stop_nothing(session, monkeypatch, capsys):
    """They are printed, one line each."""
    export = preflight.drift.export

    def different(*arguments: Any) -> Any:
        exported = export(*arguments)
        del exported["paths"]["/health"]["get"]
        return exported

    monkeypatch.setattr(preflight.drift, "export", different)
    assert list(preflight.refused_import(target(session))) == []
    assert "\nGET /health: not deployed\n" in capsys.readouterr().out


def test_refused_import_is_found_and_leaves_nothing(aws, session, monkeypatch):
    """AWS's words are shown, and the scratch API is deleted all the same."""
    monkeypatch.setattr(generation, "read", lambda: {"openapi": "3.0.3", "info": {}})
    [finding] = preflight.refused_import(target(session))
    assert "attribute paths is missing" in finding
    assert aws.client("apigateway").get_rest_apis()["items"] == []


def test_unreachable_aws_is_no_finding(session, monkeypatch, capsys):
    """What cannot be checked is said in a sentence, and does not stop the deployment."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert list(preflight.check(target(boto3.Session(region_name=emulator.REGION)))) == []
    printed = capsys.readouterr().out
    assert "This could not be checked, because AWS did not answer: refused import" in printed
