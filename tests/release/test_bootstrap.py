"""`make bootstrap` creates the state bucket, and uses what the account has."""

import json

import boto3
import pytest
from moto import mock_aws

from contract.command import CommandError
from contract.repository import ROOT
from release import bootstrap
from release.terraform import State, Terraform

BUCKET = "visits-terraform-state-123456789012"
URL = "https://token.actions.githubusercontent.com"


class RecordedTerraform(Terraform):
    """Records the commands instead of running them."""

    def __init__(self, folder, *managed):
        super().__init__(folder)
        self.commands, self._managed = [], managed

    def run(self, command, *_):
        self.commands.append(command)

    on_terminal = run

    def state(self):
        bucket = {"mode": "managed", "type": "aws_s3_bucket", "instances": [{}]}
        return State(
            {
                "resources": [{**bucket, "name": name} for name in self._managed],
                "outputs": {"tfvars": {"value": 'region = "eu-west-1"'}},
            }
        )


@pytest.fixture
def folder(tmp_path):
    """terraform/bootstrap/ with its settings, and an empty account."""
    (tmp_path / "bootstrap").mkdir()
    (tmp_path / "bootstrap" / "terraform.tfvars").write_text('region = "eu-west-1"\n')
    with mock_aws():
        yield tmp_path / "bootstrap"


def test_what_the_account_has_is_used(folder):
    """An existing OIDC provider and logging role are written into a file that Terraform reads. What
    bootstrap has made itself, in an earlier run, is not."""
    provider = boto3.client("iam").create_open_id_connect_provider(
        Url=URL, ThumbprintList=[40 * "0"]
    )["OpenIDConnectProviderArn"]
    patch = {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::1:role/logs"}
    boto3.client("apigateway").update_account(patchOperations=[patch])
    file = folder / "existing.auto.tfvars.json"
    bootstrap.bootstrap(RecordedTerraform(folder, "state"))
    assert not file.exists()
    bootstrap.bootstrap(RecordedTerraform(folder))
    found = json.loads(file.read_text())
    assert found == {"github_oidc_provider_arn": provider, "api_gateway_logging": False}
    variables = (ROOT / "terraform" / "bootstrap" / "variables.tf").read_text()
    assert all(f'variable "{name}"' in variables for name in found)


def test_a_bucket_in_another_region_is_refused(folder):
    """Bucket and roles have names without a region. Nothing is run; the message has a choice."""
    location = {"LocationConstraint": "us-west-2"}
    client = boto3.client("s3", region_name="us-west-2")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    terraform = RecordedTerraform(folder)
    with pytest.raises(
        CommandError, match='Write region = "us-west-2" into the file, or another name'
    ):
        bootstrap.bootstrap(terraform)
    assert terraform.commands == []
