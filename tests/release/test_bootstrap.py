"""`make bootstrap` uses what the account has, and completes an interrupted run."""

import json

import boto3
import pytest
from moto import mock_aws

from contract.command import CommandError
from contract.repository import ROOT
from release import bootstrap
from release.terraform import State, Terraform

REGION = "eu-west-1"
BUCKET = "visits-terraform-state-123456789012"


class RecordedTerraform(Terraform):
    """Records the commands instead of running them."""

    def __init__(self, folder, **managed):
        super().__init__(folder)
        self.commands, self._managed = [], managed

    def check(self):
        pass

    def on_terminal(self, command, *options):
        self.commands.append(" ".join([command, *options]))
        return 0

    def run(self, command, *options):
        self.commands.append(" ".join([command, *options]))

    def state(self):
        status = {True: "tainted", False: None}
        resources = [
            {
                "mode": "managed",
                "type": "aws_s3_bucket",
                "name": name,
                "instances": [{"status": status[tainted]}],
            }
            for name, tainted in self._managed.items()
        ]
        return State({"resources": resources})

    def outputs(self):
        return {"tfvars": 'region = "eu-west-1"'}


@pytest.fixture
def folder(tmp_path):
    """terraform/bootstrap/ with its settings."""
    folder = tmp_path / "bootstrap"
    folder.mkdir()
    (folder / "terraform.tfvars").write_text(f'region = "{REGION}"\n')
    return folder


@pytest.fixture
def aws():
    with mock_aws():
        yield


def test_what_the_account_has_is_used(aws, folder):
    """An existing OIDC provider and logging role are written into a file that Terraform reads."""
    provider = boto3.client("iam").create_open_id_connect_provider(
        Url="https://token.actions.githubusercontent.com", ThumbprintList=[40 * "0"]
    )["OpenIDConnectProviderArn"]
    patch = {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::1:role/logs"}
    boto3.client("apigateway").update_account(patchOperations=[patch])
    bootstrap.bootstrap(RecordedTerraform(folder))
    found = json.loads((folder / "existing.auto.tfvars.json").read_text())
    assert found == {"github_oidc_provider_arn": provider, "api_gateway_logging": False}
    variables = (ROOT / "terraform" / "bootstrap" / "variables.tf").read_text()
    assert all(f'variable "{name}"' in variables for name in found)


def test_what_bootstrap_made_itself_is_not_taken_for_existing(aws, folder):
    """A later run, whose state has resources, writes no file."""
    boto3.client("iam").create_open_id_connect_provider(
        Url="https://token.actions.githubusercontent.com", ThumbprintList=[40 * "0"]
    )
    bootstrap.bootstrap(RecordedTerraform(folder, state=False))
    assert not (folder / "existing.auto.tfvars.json").exists()


def test_a_bucket_that_was_not_ready_is_kept(aws, folder):
    """After an interrupted run, a tainted bucket is completed. Terraform refuses to replace it."""
    terraform = RecordedTerraform(folder, state=True)
    bootstrap.bootstrap(terraform)
    untaint, apply = (
        terraform.commands.index(each) for each in ("untaint aws_s3_bucket.state", "apply")
    )
    assert untaint < apply


@pytest.mark.parametrize("interrupted", [True, False])
def test_an_interrupted_move_of_the_state_is_completed(aws, folder, interrupted):
    """While the local state has resources, it is applied again and moved into the bucket."""
    location = {"LocationConstraint": REGION}
    boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    if interrupted:
        (folder / "terraform.tfstate").write_text('{"resources": [{"type": "aws_s3_bucket"}]}')
    terraform = RecordedTerraform(folder, state=False)
    bootstrap.bootstrap(terraform)
    moved = any("-migrate-state" in command for command in terraform.commands)
    assert moved == interrupted
    assert not (folder / "terraform.tfstate").exists()
    assert (folder / "backend_override.tf").exists()
    assert BUCKET in (folder.parent / "backend.hcl").read_text()


def test_a_bucket_in_another_region_is_refused(aws, folder):
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
