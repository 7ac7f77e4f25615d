"""What `make preflight` finds before anything is deployed, on the local AWS."""

from collections.abc import Iterator
from typing import Any

import pytest

from contract import generation
from release import preflight, repair
from release.account import Deployment
from tests import emulator

pytestmark = pytest.mark.slow
TAGS = {"project": "visits", "region": emulator.REGION, "managed-by": "terraform"}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emulator.LocalAws]:
    with emulator.running(tmp_path_factory.mktemp("preflight")) as running:
        yield running


@pytest.fixture(autouse=True)
def environment(aws, monkeypatch, tmp_path):
    for name, value in {**emulator.ROOT_USER, "AWS_ENDPOINT_URL": aws.endpoint}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


def target(*managed: str, **settings: Any) -> Any:
    deployment = Deployment({"name": "visits", "region": emulator.REGION, **settings})
    return preflight.Target(deployment, managed, emulator.ACCOUNT)


def test_what_the_account_lacks_is_found():
    """API Gateway's role for logs, and 100 executions beside those that are reserved."""
    [finding] = preflight.missing_logging_role(target())
    assert "no role for writing logs in eu-west-1" in finding
    [finding] = preflight.too_few_executions(target(reserved_concurrency=10_000))
    assert "reserved_concurrency is 10000" in finding
    assert list(preflight.too_few_executions(target(reserved_concurrency=0))) == []
    assert list(preflight.too_few_executions(target())) == []


def test_resources_of_others_are_found(aws):
    """What has a name of this deployment without its tags is another project's. With them, an
    interrupted apply has created it, and the next plan imports it."""
    for name, tags in (("foreign", {}), ("visits-secrets", TAGS)):
        aws.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
    first = target(table_name="foreign")
    [finding] = preflight.foreign_resources(first)
    assert "aws_dynamodb_table.visits cannot be created: foreign exists" in finding
    assert "project = visits" in finding
    assert repair.import_blocks(first.deployment, first.managed) == {
        "aws_dynamodb_table.secrets": "import {\n  to = aws_dynamodb_table.secrets\n"
        '  id = "visits-secrets"\n}\n'
    }
    assert list(preflight.foreign_resources(target(repair.TABLE, table_name="foreign"))) == []


def test_a_trial_import_leaves_nothing(aws, monkeypatch, capsys, tmp_path):
    """What AWS refuses is found, in its own words. What only differs in the export is printed and
    recorded, and stops nothing. The scratch API is deleted each time."""
    monkeypatch.setattr(preflight.drift, "export", lambda *_: {preflight.drift.RESPONSES: {}})
    assert list(preflight.refused_import(target())) == []
    assert "\nGET /health: not deployed\n" in capsys.readouterr().out
    assert (tmp_path / "build" / "preflight.json").exists()
    monkeypatch.setattr(generation, "read", lambda: {"openapi": "3.0.3", "info": {}})
    [finding] = preflight.refused_import(target())
    assert "attribute paths is missing" in finding
    assert aws.client("apigateway").get_rest_apis()["items"] == []


def test_unreachable_aws_is_no_finding(monkeypatch, capsys):
    """What cannot be checked is said in a sentence, and does not stop the deployment."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert list(preflight.check(target())) == []
    printed = capsys.readouterr().out
    assert "This could not be checked, because AWS did not answer: refused import" in printed
