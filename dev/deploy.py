"""`make deploy` and `make destroy`: Terraform by hand, for people without a pipeline.

What is applied is the plan that was shown, and only after a yes.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

TERRAFORM = Path(__file__).resolve().parents[1] / "terraform"
BACKEND, VARIABLES = TERRAFORM / "backend.hcl", TERRAFORM / "terraform.tfvars"
PLAN = "visits.tfplan"
UNLOCK, LOCKED = TERRAFORM / "destroy_override.tf", TERRAFORM / "destroy_override.tf.example"
NO_CHANGE, CHANGES = 0, 2  # of terraform plan -detailed-exitcode

NO_TERRAFORM = "Terraform is not installed: https://developer.hashicorp.com/terraform/install"
NO_VARIABLES = """\
There is no terraform/terraform.tfvars. Write one with your region and the origin of your page:
  region          = "eu-west-1"
  allowed_origins = ["https://example.com"]"""
NO_BACKEND = """\
There is no terraform/backend.hcl, which says where Terraform keeps its state. Once per account:
  terraform -chdir=terraform/bootstrap init
  terraform -chdir=terraform/bootstrap apply
  terraform -chdir=terraform/bootstrap output -raw backend > terraform/backend.hcl"""
NO_CREDENTIALS = """\
AWS does not know who you are: {error}
Sign in (aws sso login, aws login), or name a profile: AWS_PROFILE=name make deploy"""
NO_BUCKET = """\
The state bucket {bucket} cannot be used by account {account}: {error}
Is terraform/backend.hcl of this account and region? Else bootstrap this one: terraform/bootstrap"""


class CannotDeploy(Exception):
    """Something is missing. The message says what to do."""


def main(command: str) -> None:
    try:
        account = check()
        init = terraform("init", "-input=false", "-reconfigure", "-backend-config=backend.hcl")
        if init:
            raise CannotDeploy("Terraform could not start; it says why above.")
        (destroy if command == "destroy" else deploy)(account)
    except CannotDeploy as error:
        sys.exit(f"\n{error}")


def check() -> str:
    """Look for what a deployment needs; the account it goes to.

    Raises:
        CannotDeploy: something is missing.
    """
    if not shutil.which("terraform"):
        raise CannotDeploy(NO_TERRAFORM)
    for path, message in ((VARIABLES, NO_VARIABLES), (BACKEND, NO_BACKEND)):
        if not path.exists():
            raise CannotDeploy(message)
    backend = dict(re.findall(r'^\s*(\w+)\s*=\s*"(.*)"', BACKEND.read_text(), re.MULTILINE))
    session = boto3.Session(region_name=backend["region"])
    try:
        account = str(session.client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise CannotDeploy(NO_CREDENTIALS.format(error=error)) from None
    try:
        session.client("s3").head_bucket(Bucket=backend["bucket"])
    except (BotoCoreError, ClientError) as error:
        raise CannotDeploy(NO_BUCKET.format(account=account, error=error, **backend)) from None
    return account


def deploy(account: str) -> None:
    """Plan, show, ask, apply the plan, and say what to do next."""
    try:
        planned = terraform("plan", "-input=false", "-detailed-exitcode", f"-out={PLAN}")
        if planned not in {NO_CHANGE, CHANGES}:
            raise CannotDeploy("There is no plan; Terraform says why above.")
        if planned == CHANGES:
            agree(f"Apply this plan to account {account}? [y/N] ", "y")
            apply(PLAN)
    finally:
        (TERRAFORM / PLAN).unlink(missing_ok=True)
    print("\nThe API, and the lines for your page:\n", flush=True)
    terraform("output", "-raw", "api_url")
    print("\n", flush=True)
    terraform("output", "-raw", "html")


def destroy(account: str) -> None:
    """Take the locks off the table, and destroy everything with it, after its name was typed."""
    question = "This deletes the API and the table with all counts"
    agree(f"{question} from account {account}. Type 'delete' to go on: ", "delete")
    shutil.copy(LOCKED, UNLOCK)
    try:
        apply("-auto-approve", "-input=false")
        if terraform("destroy", "-auto-approve", "-input=false"):
            raise CannotDeploy("Not everything was destroyed; Terraform says why above.")
    finally:
        UNLOCK.unlink()


def agree(question: str, word: str) -> None:
    print(f"\n{question}", end="", flush=True)
    if sys.stdin.readline().strip().lower() != word:
        raise CannotDeploy("Nothing was changed.")


def apply(*arguments: str) -> None:
    if terraform("apply", *arguments):
        raise CannotDeploy(
            "Not everything was applied; Terraform says why above. Mend it and repeat."
        )


def terraform(command: str, *options: str) -> int:
    """Run Terraform on the terminal; its exit code."""
    if command == "init" and (folder := os.environ.get("TERRAFORM_PLUGIN_DIR")):
        options = (*options, f"-plugin-dir={folder}")
    words = ["terraform", f"-chdir={TERRAFORM}", command, *options]
    return subprocess.run(words, check=False).returncode  # noqa: S603 - the words are ours


if __name__ == "__main__":
    main(sys.argv[1])
