"""The AWS account and the Terraform state that commands work on."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from visits.contract import ROOT

TERRAFORM = ROOT / "terraform"
BACKEND, VARIABLES = TERRAFORM / "backend.hcl", TERRAFORM / "terraform.tfvars"

NO_TERRAFORM = "Terraform is not installed: https://developer.hashicorp.com/terraform/install"
NO_VARIABLES = """\
There is no terraform/terraform.tfvars. Write one with your region and the origin of your page:
  region          = "eu-west-1"
  allowed_origins = ["https://example.com"]"""
NO_BACKEND = """\
There is no terraform/backend.hcl, which says where Terraform keeps its state. Once per account:
  terraform -chdir=terraform/bootstrap init
  terraform -chdir=terraform/bootstrap apply
  terraform -chdir=terraform/bootstrap output -raw backend > terraform/backend.hcl
In a pipeline set TF_STATE_BUCKET and AWS_REGION instead."""
NO_CREDENTIALS = """\
AWS does not know who you are: {error}
Sign in (aws sso login, aws login), or name a profile: AWS_PROFILE=name make deploy"""
NO_BUCKET = """\
The state bucket {bucket} cannot be used by account {account}: {error}
Is terraform/backend.hcl of this account and region? Else bootstrap this one: terraform/bootstrap"""


class CannotDeploy(Exception):
    """Something is missing. The message says what to do."""


def connect() -> str:
    """Look for what Terraform needs, and connect it with its state; the account.

    Raises:
        CannotDeploy: something is missing.
    """
    settings, options = backend()
    account = check(settings)
    if terraform("init", "-input=false", "-reconfigure", *options):
        raise CannotDeploy("Terraform could not start; it says why above.")
    return account


def backend() -> tuple[Mapping[str, str], list[str]]:
    """Bucket and region of the state, and Terraform's options for them."""
    if BACKEND.exists():
        lines = re.findall(r'^\s*(\w+)\s*=\s*"(.*)"', BACKEND.read_text(), re.MULTILINE)
        return dict(lines), [f"-backend-config={BACKEND.name}"]
    try:
        named = {"bucket": os.environ["TF_STATE_BUCKET"], "region": os.environ["AWS_REGION"]}
    except KeyError:
        raise CannotDeploy(NO_BACKEND) from None
    return named, [f"-backend-config={name}={value}" for name, value in named.items()]


def check(settings: Mapping[str, str]) -> str:
    if not shutil.which("terraform"):
        raise CannotDeploy(NO_TERRAFORM)
    if not VARIABLES.exists():
        raise CannotDeploy(NO_VARIABLES)
    session = boto3.Session(region_name=settings["region"])
    try:
        account = str(session.client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise CannotDeploy(NO_CREDENTIALS.format(error=error)) from None
    try:
        session.client("s3").head_bucket(Bucket=settings["bucket"])
    except (BotoCoreError, ClientError) as error:
        message = NO_BUCKET.format(account=account, error=error, bucket=settings["bucket"])
        raise CannotDeploy(message) from None
    return account


def deployed() -> dict[str, str]:
    """Terraform's outputs, once something is deployed.

    Raises:
        CannotDeploy: nothing is.
    """
    outputs = json.loads(read("output", "-json"))
    if not outputs:
        raise CannotDeploy("Nothing is deployed here yet: make deploy")
    return {name: output["value"] for name, output in outputs.items()}


def terraform(command: str, *options: str) -> int:
    """Run Terraform on the terminal; its exit code."""
    if command == "init" and (folder := os.environ.get("TERRAFORM_PLUGIN_DIR")):
        options = (*options, f"-plugin-dir={folder}")
    # Terraform's advice on what to type next would be wrong here.
    environment = {**os.environ, "TF_IN_AUTOMATION": "1"}
    command_line = words(command, *options)
    return subprocess.run(command_line, env=environment, check=False).returncode  # noqa: S603


def read(command: str, *options: str) -> str:
    """What a command of Terraform prints.

    Raises:
        CannotDeploy: it failed.
    """
    done = subprocess.run(  # noqa: S603 - the words are ours
        words(command, *options), stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise CannotDeploy(f"terraform {command} failed; it says why above.")
    return done.stdout


def words(command: str, *options: str) -> list[str]:
    return ["terraform", f"-chdir={TERRAFORM}", command, *options]
