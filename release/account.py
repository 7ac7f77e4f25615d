"""The AWS account and the Terraform state that the commands work on."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import hcl2
from botocore.exceptions import BotoCoreError, ClientError
from lark.exceptions import LarkError

from release.terraform import DeployError, Terraform

STATE = "visits-staging/terraform.tfstate"  # of staging; versions.tf has the key of production
NO_TERRAFORM = "Terraform is not installed: https://developer.hashicorp.com/terraform/install"
NO_VARIABLES = """\
There is no terraform/terraform.tfvars. Create it with your region and your page's origin:
  region          = "eu-west-1"
  allowed_origins = ["https://example.com"]"""
NO_BACKEND = """\
There is no terraform/backend.hcl. It defines where Terraform stores its state. Create it once \
per account:
  make bootstrap
For the numbers of make run, set AWS_ENDPOINT_URL_DYNAMODB to the DynamoDB that it prints.
In a pipeline, set TF_STATE_BUCKET and AWS_REGION instead."""
NO_CREDENTIALS = """\
There are no valid AWS credentials: {error}
Sign in (aws sso login, aws login), or choose a profile: AWS_PROFILE=name make deploy"""
NO_BUCKET = """\
Account {account} cannot use the state bucket {bucket}: {error}
Check that terraform/backend.hcl belongs to this account and region. If the account has no state \
bucket yet, create it: make bootstrap"""


def connect(terraform: Terraform) -> str:
    """Check the requirements, connect Terraform with its state, and return the account's ID.

    Raises:
        DeployError: a requirement is not met.
    """
    settings, options = backend(terraform)
    print("Checking the AWS account and the bucket of Terraform's state ...", flush=True)
    account = check(terraform, settings)
    print("Connecting to the state of the deployment ...", flush=True)
    init = ["-input=false", "-reconfigure", *options]
    if (terraform.folder / ".terraform" / "providers").exists():
        terraform.run("init", *init)
    elif terraform.on_terminal("init", *init):  # shows the progress of a download of the provider
        raise DeployError("terraform init failed; see its message above.")
    return account


def backend(terraform: Terraform) -> tuple[Mapping[str, str], list[str]]:
    """Return the settings of the state, with its bucket and region, and the options for init."""
    file = terraform.folder / "backend.hcl"
    key = [f"-backend-config=key={STATE}"] if is_staging() else []
    if file.exists():
        return read_hcl(file), [f"-backend-config={file.name}", *key]
    try:
        settings = {"bucket": os.environ["TF_STATE_BUCKET"], "region": os.environ["AWS_REGION"]}
    except KeyError:
        raise DeployError(NO_BACKEND) from None
    return settings, [
        *(f"-backend-config={name}={value}" for name, value in settings.items()),
        *key,
    ]


def is_staging() -> bool:
    """Return whether the command works on the staging deployment."""
    return bool(os.environ.get("STAGING"))


def variables(terraform: Terraform) -> list[str]:
    """Return the options that give Terraform the variables of the deployment."""
    name = read_hcl(terraform.folder / "terraform.tfvars").get("name", "visits")
    return ["-var=staging=true", f"-var=name={name}-staging"] if is_staging() else []


def read_hcl(path: Path) -> dict[str, Any]:
    """Return the values in a file of Terraform variables; none if there is no such file."""
    if not path.exists():
        return {}
    plain = hcl2.SerializationOptions(strip_string_quotes=True)
    try:
        return dict(hcl2.loads(path.read_text(), serialization_options=plain))
    except LarkError as error:
        raise DeployError(f"{path} cannot be read: {error}") from None


def counters() -> dict[str, Any]:
    """Return the counters that terraform.tfvars declares, or Terraform's default."""
    variables = read_hcl(Terraform().folder / "terraform.tfvars")
    return dict(variables.get("counters", {"resume": {}}))


def check(terraform: Terraform, settings: Mapping[str, str]) -> str:
    """Check Terraform, its variables, the credentials and the bucket; return the account's ID.

    Raises:
        DeployError: one of them is missing.
    """
    if not shutil.which("terraform"):
        raise DeployError(NO_TERRAFORM)
    if not (terraform.folder / "terraform.tfvars").exists():
        raise DeployError(NO_VARIABLES)
    session = boto3.Session(region_name=settings["region"])
    try:
        account = str(session.client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise DeployError(NO_CREDENTIALS.format(error=error)) from None
    try:
        session.client("s3").head_bucket(Bucket=settings["bucket"])
    except (BotoCoreError, ClientError) as error:
        message = NO_BUCKET.format(account=account, error=error, bucket=settings["bucket"])
        raise DeployError(message) from None
    return account


def deployed() -> dict[str, Any]:
    """Connect Terraform with its state, and return the outputs of the deployment.

    Raises:
        DeployError: a requirement is not met, or nothing is deployed.
    """
    terraform = Terraform()
    connect(terraform)
    if outputs := terraform.outputs():
        return outputs
    raise DeployError("Nothing is deployed yet. Run make deploy first.")
