"""`make bootstrap`: create what an AWS account needs once, and keep the Terraform state in S3.

The state bucket is created with a local state, which then moves into the bucket. Later runs, also
in another clone, find the bucket and work with the state in it.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from contract.command import CommandError
from contract.repository import ROOT
from release import account, repair
from release.terraform import Terraform

FOLDER = ROOT / "terraform" / "bootstrap"
OIDC_PROVIDER = ":oidc-provider/token.actions.githubusercontent.com"
BACKEND = """\
terraform {
  backend "s3" {
    key          = "bootstrap/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}
"""
NO_VARIABLES = """\
There is no terraform/bootstrap/terraform.tfvars. Create it with your region:
  region = "eu-west-1"
To deploy from GitHub, add the repository: see docs/github.md."""
NO_REGION = 'terraform/bootstrap/terraform.tfvars has no region. Add it: region = "eu-west-1"'
OTHER_REGION = """\
The state bucket {bucket} is in {found}, but region in terraform/bootstrap/terraform.tfvars is \
{region}. The bucket and the roles have names without a region, so an account can have them once \
for each name. Write region = "{found}" into the file, or another name, such as name = \
"visits-{region}", into this file and into terraform/terraform.tfvars."""
APPLY_FAILED = (
    "terraform apply failed; see its message above. Fix the cause and repeat the command."
)
MIGRATION_FAILED = "The state is still in terraform/bootstrap. Run make bootstrap again to move it."
DONE = """
terraform/backend.hcl names the state bucket. Write these lines into terraform/terraform.tfvars:

{tfvars}

The state of terraform/bootstrap is in the bucket, too. Commit terraform/bootstrap/*.tfvars*."""


def main() -> None:
    try:
        bootstrap(Terraform(FOLDER))
    except CommandError as error:
        sys.exit(f"\n{error}")


def bootstrap(terraform: Terraform) -> None:
    """Apply terraform/bootstrap after Terraform's question, and move its state to the bucket."""
    account.refuse_login_profile()
    terraform.check()
    variables = read_variables(terraform.folder)
    session = boto3.Session(region_name=variables["region"])
    print("Checking the AWS account ...", flush=True)
    bucket = f"{variables.get('name', 'visits')}-terraform-state-{account.identity(session)}"
    stays_local = not_moved(terraform.folder) or not exists(session, bucket)
    if not stays_local:
        use_bucket(terraform, bucket, variables["region"])
    init(terraform, stays_local)
    remember_existing(terraform, session)
    repair.untaint_protected(terraform, terraform.state())
    if terraform.on_terminal("apply"):
        raise CommandError(APPLY_FAILED)
    if stays_local:
        use_bucket(terraform, bucket, variables["region"])
        move_state(terraform)
    print(DONE.format(tfvars=terraform.outputs()["tfvars"]))


def read_variables(folder: Path) -> dict[str, Any]:
    if not (folder / "terraform.tfvars").exists():
        raise CommandError(NO_VARIABLES)
    variables = account.read_hcl(folder / "terraform.tfvars")
    if "region" not in variables:
        raise CommandError(NO_REGION)
    return variables


def not_moved(folder: Path) -> bool:
    """Return whether an earlier run was interrupted before it moved the state."""
    state = folder / "terraform.tfstate"
    return state.exists() and bool(json.loads(state.read_text() or "{}").get("resources"))


def exists(session: Any, bucket: str) -> bool:
    """Return whether the bucket exists."""
    try:
        found = session.client("s3").head_bucket(Bucket=bucket)["BucketRegion"]
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
            return False
        raise CommandError(f"The bucket {bucket} cannot be used: {error}") from None
    if found != (region := session.region_name):
        raise CommandError(OTHER_REGION.format(bucket=bucket, found=found, region=region))
    return True


def use_bucket(terraform: Terraform, bucket: str, region: str) -> None:
    """Write the files that name the bucket, for terraform/ and for terraform/bootstrap/."""
    hcl = f'bucket = "{bucket}"\nregion = "{region}"\n'
    (terraform.folder.parent / "backend.hcl").write_text(hcl)
    (terraform.folder / "backend_override.tf").write_text(BACKEND)


def init(terraform: Terraform, stays_local: bool) -> None:
    backend = [] if stays_local else ["-backend-config=../backend.hcl"]
    if stays_local:
        (terraform.folder / "backend_override.tf").unlink(missing_ok=True)
    if terraform.on_terminal("init", "-input=false", "-reconfigure", *backend):
        raise CommandError("terraform init failed; see its message above.")


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


def move_state(terraform: Terraform) -> None:
    options = ["-input=false", "-migrate-state", "-force-copy", "-backend-config=../backend.hcl"]
    if terraform.on_terminal("init", *options):
        raise CommandError(MIGRATION_FAILED)
    for file in terraform.folder.glob("terraform.tfstate*"):
        file.unlink()


if __name__ == "__main__":
    main()
