"""What `make preflight` finds before anything is deployed, on the local AWS."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from release import preflight, trial_import
from tests import emulator

pytestmark = pytest.mark.slow

INVOKE_ARN = (
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:eu-west-1:123456789012:function:trial/invocations"
)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emulator.LocalAws]:
    with emulator.running(tmp_path_factory.mktemp("preflight")) as running:
        yield running


@pytest.fixture
def session(aws, monkeypatch) -> Any:
    """A boto3 session for the local AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
    return boto3.Session("test", "test", region_name=emulator.REGION)


def target(session: Any, *managed: str, **variables: object) -> preflight.Target:
    regions = {"terraform/terraform.tfvars": emulator.REGION}
    return preflight.Target(session, variables, regions, frozenset(managed))


def test_missing_logging_role_is_found(session):
    """API Gateway without its account-wide role for logs would refuse the access log."""
    [finding] = preflight.missing_logging_role(target(session))
    assert "no role for writing logs in eu-west-1" in finding
    assert "make bootstrap" in finding


def test_different_regions_are_found(session):
    """Bootstrap, backend and variables have to name the same region."""
    regions = {"terraform/backend.hcl": "eu-west-1", "terraform/terraform.tfvars": "us-east-1"}
    different = preflight.Target(session, {}, regions, frozenset())
    [finding] = preflight.different_regions(different)
    assert "eu-west-1 in terraform/backend.hcl, us-east-1 in terraform/terraform.tfvars" in finding
    assert list(preflight.different_regions(target(session))) == []


def test_reservation_above_the_account_limit_is_found(session):
    """reserved_concurrency must leave 100 unreserved executions, on the first deployment."""
    [finding] = preflight.too_few_executions(target(session, reserved_concurrency=10_000))
    assert "reserved_concurrency is 10000" in finding
    assert list(preflight.too_few_executions(target(session, reserved_concurrency=0))) == []
    assert list(preflight.too_few_executions(target(session))) == []


def test_snapstart_on_the_first_deployment_is_found(session):
    """SnapStart is refused until the function exists."""
    first = preflight.snapstart_on_the_first_deployment
    assert "Deploy without snapstart first" in next(first(target(session, snapstart=True)))
    later = target(session, "aws_lambda_function.visits", snapstart=True)
    assert list(first(later)) == []


def test_resources_of_others_are_found(session):
    """A table of these names is another project's, unless the Terraform state manages it, or an
    interrupted apply gave it this deployment's tags."""
    for name in ("foreign", "visits-secrets"):
        session.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
    findings = list(preflight.foreign_resources(target(session, table_name="foreign")))
    unmanaged = "in eu-west-1 that this Terraform state does not manage"
    assert f"a table named foreign {unmanaged}" in findings[0]
    assert f"a table named visits-secrets {unmanaged}" in findings[1]
    session.client("dynamodb").create_table(
        TableName="interrupted",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        Tags=[
            {"Key": "project", "Value": "visits"},
            {"Key": "region", "Value": "eu-west-1"},
            {"Key": "managed-by", "Value": "terraform"},
        ],
    )
    ours = target(session, "aws_dynamodb_table.secrets", table_name="interrupted")
    assert list(preflight.foreign_resources(ours)) == []
    tables = ("aws_dynamodb_table.visits", "aws_dynamodb_table.secrets")
    assert list(preflight.foreign_resources(target(session, *tables, table_name="foreign"))) == []


def trial(aws: emulator.LocalAws, document: Any) -> trial_import.Trial:
    client = aws.client("apigateway")
    return trial_import.run(
        client, document, INVOKE_ARN, lambda api: aws.stage_url(api, trial_import.STAGE)
    )


def test_trial_import_finds_no_difference_and_leaves_nothing(aws, document):
    """The contract is imported, exported and asked as expected; the scratch API is deleted."""
    made = trial(aws, document)
    assert list(made.differences(document)) == []
    assert json.loads(made.recording())["exchanges"][0]["actual"]["status"] == 204
    assert aws.client("apigateway").get_rest_apis()["items"] == []


def test_trial_import_finds_what_aws_does_differently(aws, document):
    """A contract that promises another status than AWS gives is named with the request."""
    wrong = json.loads(json.dumps(document))
    mock = wrong["paths"]["/counters/{counterId}"]["options"]
    mock["x-amazon-apigateway-integration"]["responses"]["default"]["statusCode"] = "200"
    expected = trial_import.local_gateway(document)
    made = trial(aws, wrong)
    preflight_request, _, actual = made.exchanges[0]
    made.exchanges[0] = (preflight_request, expected(preflight_request), actual)
    assert any("preflight" in each and "status is 200" in each for each in made.differences(wrong))


def test_refused_import_leaves_nothing(aws):
    """When AWS refuses the body, the scratch API is deleted all the same."""
    with pytest.raises(ClientError, match="paths"):
        trial(aws, {"openapi": "3.0.3", "info": {}})
    assert aws.client("apigateway").get_rest_apis()["items"] == []
