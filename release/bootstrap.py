"""`make bootstrap`: create what an AWS account needs once.

The bucket for Terraform's states is created first, since the state of this configuration is in it,
too. Then Terraform imports it, and creates everything else.
"""

import json
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from contract.command import CommandError
from contract.repository import ROOT
from release import account, terminal
from release.repair import is_missing
from release.terraform import Terraform

FOLDER = ROOT / "terraform" / "bootstrap"
OIDC_PROVIDER = ":oidc-provider/token.actions.githubusercontent.com"
NO_REGION = """\
terraform/bootstrap/terraform.tfvars does not exist, or has no region. Write it into this file:
  region = "eu-west-1"
To deploy from GitHub, add the repository: see docs/github.md."""
OTHER_REGION = """\
The state bucket {bucket} is in {found}, but region in terraform/bootstrap/terraform.tfvars is \
{region}. The bucket and the roles have names without a region, so an account can have them once \
for each name. Write region = "{found}" into the file, or another name, such as name = \
"visits-{region}", into this file and into terraform/terraform.tfvars. If the bucket is empty, you \
can delete it instead."""
DONE = """
terraform/backend.hcl names the state bucket. Write these lines into terraform/terraform.tfvars:

{tfvars}

The state of terraform/bootstrap is in the bucket, too. Commit terraform/bootstrap/*.tfvars*."""


def bootstrap(terraform: Terraform) -> None:
    """Create the state bucket, and apply terraform/bootstrap after Terraform's question."""
    variables = account.read_hcl(terraform.folder / "terraform.tfvars")
    if "region" not in variables:
        raise CommandError(NO_REGION)
    session = boto3.Session(region_name=variables["region"])
    print("Checking the AWS account ...", flush=True)
    bucket = f"{variables.get('name', 'visits')}-terraform-state-{account.identity(session)}"
    create_bucket(session, bucket)
    backend = f'bucket = "{bucket}"\nregion = "{session.region_name}"\n'
    (terraform.folder.parent / "backend.hcl").write_text(backend)
    print("Connecting to the state (the first time, this downloads the provider) ...", flush=True)
    terraform.run("init", "-input=false", "-reconfigure", "-backend-config=../backend.hcl")
    remember_existing(terraform, session)
    terraform.on_terminal("apply")
    print(DONE.format(tfvars=terraform.outputs()["tfvars"]))


def create_bucket(session: Any, bucket: str) -> None:
    """Create the bucket, unless it exists in this region."""
    client, region = session.client("s3"), session.region_name
    try:
        found = client.head_bucket(Bucket=bucket)["BucketRegion"]
        if found != region:
            raise CommandError(OTHER_REGION.format(bucket=bucket, found=found, region=region))
    except ClientError as error:
        if not is_missing(error):
            raise CommandError(f"The bucket {bucket} cannot be used: {error}") from None
        print(f"Creating the bucket {bucket}. It costs nothing while it is empty.", flush=True)
        where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        client.create_bucket(Bucket=bucket, **({} if region == "us-east-1" else where))


def remember_existing(terraform: Terraform, session: Any) -> None:
    """Write what the account already has, and this configuration must use, into a file.

    An account can have only one OIDC provider for GitHub, and a region only one logging role.
    """
    file = terraform.folder / "existing.auto.tfvars.json"
    if file.exists() or terraform.state().managed:
        return
    if found := existing(session):
        file.write_text(json.dumps(found, indent=2) + "\n")


def existing(session: Any) -> Mapping[str, Any]:
    """Return the variables for what the account already has."""
    found: dict[str, Any] = {}
    providers = session.client("iam").list_open_id_connect_providers()
    for provider in providers["OpenIDConnectProviderList"]:
        if provider["Arn"].endswith(OIDC_PROVIDER):
            found["github_oidc_provider_arn"] = provider["Arn"]
    if session.client("apigateway").get_account().get("cloudwatchRoleArn"):
        found["api_gateway_logging"] = False
    return found


if __name__ == "__main__":
    terminal.run(lambda: bootstrap(Terraform(FOLDER)))
