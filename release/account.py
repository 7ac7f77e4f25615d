"""The AWS account and the deployment that the commands work on.

DEPLOYMENT selects the deployment. Without it, this is the one of terraform.tfvars:

    DEPLOYMENT  settings in terraform/                            name            state
                terraform.tfvars                                  visits          visits/...
    staging     terraform.tfvars; staging.tfvars, if there is one visits-staging  visits-staging/...
    blog        terraform.tfvars; blog.tfvars                     visits-blog     visits-blog/...

What blog.tfvars does not set is as in terraform.tfvars. Each has a folder of its own (TF_DATA_DIR)
for Terraform's connection with the state, so that `terraform -chdir=terraform` by hand always works
on the deployment without a name.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import hcl2
from botocore.exceptions import BotoCoreError, ClientError
from lark.exceptions import LarkError

from contract.command import CommandError
from release.terraform import Terraform

STAGING = "staging"
NAME = re.compile(r"(?!terraform$)[a-z][a-z0-9-]*")
NOT_SHARED = ("domain", "table_name")  # settings that staging does not use
NO_VARIABLES = """\
There is no terraform/terraform.tfvars. Create it with your region and your page's origin:
  region          = "eu-west-1"
  allowed_origins = ["https://example.com"]"""
WRONG_NAME = """\
DEPLOYMENT={name} is no name of a deployment. Use a-z, 0-9 and -, beginning with a letter: \
DEPLOYMENT=blog works on the deployment of terraform/blog.tfvars."""
NO_SETTINGS = """\
There is no deployment {name}, because there is no terraform/{name}.tfvars. To create one, write \
the settings that differ from terraform/terraform.tfvars into this file, for example:
  allowed_origins = ["https://{name}.example.com"]
Without DEPLOYMENT, the commands work on the deployment of terraform/terraform.tfvars."""
SAME_NAME = """\
This deployment and that of {other} have the same name, {name}. Write another one into {file}: \
name = "..." """
SHARED = """\
terraform/terraform.tfvars sets {setting}, which two deployments cannot share. Write \
{setting} = null, or a value for this deployment, into {file}."""
NO_BACKEND = """\
There is no terraform/backend.hcl. It defines where Terraform stores its state. Create it once \
per account:
  make bootstrap
For the numbers of make run, set AWS_ENDPOINT_URL_DYNAMODB to the DynamoDB that it prints.
In a pipeline, set TF_STATE_BUCKET and AWS_REGION instead."""
LOGIN_PROFILE = """\
The AWS profile {profile} was made by `aws login`. Terraform cannot read such a profile \
(https://github.com/hashicorp/terraform-provider-aws/issues/45316). Export its credentials in this \
terminal, and repeat the command:
  eval "$(aws configure export-credentials --profile {profile} --format env)"
They expire after some hours. A profile of `aws configure sso` needs no export."""
NO_CREDENTIALS = """\
There are no valid AWS credentials: {error}
Sign in (aws sso login), choose a profile (AWS_PROFILE=name make ...), or see \
https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-configure.html"""
NO_BUCKET = """\
Account {account} cannot use the state bucket {bucket}: {error}
Check that terraform/backend.hcl belongs to this account and region. If the account has no state \
bucket yet, create it: make bootstrap"""


def connect(terraform: Terraform) -> str:
    """Check the requirements, connect Terraform with its state, and return the account's ID."""
    account = check(terraform)
    print("Connecting to the state of the deployment ...", flush=True)
    init = ["-input=false", "-reconfigure", *backend(terraform)[1]]
    providers = terraform.folder / ".terraform" / "providers"
    share(providers, terraform.data)
    if any(providers.glob("*")):
        terraform.run("init", *init)
    elif terraform.on_terminal("init", *init):  # shows the progress of a download of the provider
        raise CommandError("terraform init failed; see its message above.")
    return account


def share(providers: Path, data: Path) -> None:
    """Let another deployment use the providers of the first one, which are large."""
    data.mkdir(parents=True, exist_ok=True)
    link = data / "providers"
    if data != providers.parent and not link.exists():
        providers.mkdir(exist_ok=True)
        link.symlink_to(Path("..", "..", "providers"))


def check(terraform: Terraform) -> str:
    """Check what a command needs, select the deployment, and return the account's ID."""
    refuse_login_profile()
    terraform.check()
    select(terraform)
    settings, _ = backend(terraform)
    print("Checking the AWS account and the bucket of Terraform's state ...", flush=True)
    session = boto3.Session(region_name=settings["region"])
    account = identity(session)
    try:
        session.client("s3").head_bucket(Bucket=settings["bucket"])
    except (BotoCoreError, ClientError) as error:
        message = NO_BUCKET.format(account=account, error=error, bucket=settings["bucket"])
        raise CommandError(message) from None
    return account


def refuse_login_profile() -> None:
    """Raise CommandError if the credentials come from a profile that `aws login` made."""
    if "AWS_ACCESS_KEY_ID" in os.environ:
        return
    session = botocore.session.Session()
    name, profiles = session.profile or "default", session.full_config["profiles"]
    for profile in (name, profiles.get(name, {}).get("source_profile")):
        if "login_session" in profiles.get(profile, {}):
            raise CommandError(LOGIN_PROFILE.format(profile=profile))


def identity(session: Any) -> str:
    """Return the ID of the account that the credentials belong to."""
    try:
        return str(session.client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise CommandError(NO_CREDENTIALS.format(error=error)) from None


def deployment() -> str:
    """Return the name in DEPLOYMENT; an empty one is that of the first deployment."""
    name = os.environ.get("DEPLOYMENT", "")
    if name and not NAME.fullmatch(name):
        raise CommandError(WRONG_NAME.format(name=name))
    return name


def select(terraform: Terraform) -> None:
    """Check the settings of the deployment, and give Terraform a data folder for it."""
    name, folder = deployment(), terraform.folder
    if not (folder / "terraform.tfvars").exists():
        raise CommandError(NO_VARIABLES)
    if not name:
        return
    file = folder / f"{name}.tfvars"
    if name != STAGING:
        if not file.exists():
            raise CommandError(NO_SETTINGS.format(name=name))
        shared, own = read_hcl(folder / "terraform.tfvars"), read_hcl(file)
        for setting in NOT_SHARED:
            if shared.get(setting) and setting not in own:
                raise CommandError(SHARED.format(setting=setting, file=f"terraform/{file.name}"))
    found = names(folder)
    for other in found.keys() - {name}:
        if found[other] == found[name]:
            message = {"other": other or "terraform.tfvars", "file": f"terraform/{file.name}"}
            raise CommandError(SAME_NAME.format(name=found[name], **message))
    terraform.environment["TF_DATA_DIR"] = str(Path(".terraform", "deployments", name))


def names(folder: Path) -> dict[str, str]:
    """Return the value of Terraform's variable `name` of all deployments, by their names here."""
    first = read_hcl(folder / "terraform.tfvars").get("name") or "visits"
    found = {"": first, STAGING: f"{first}-{STAGING}"}
    for file in folder.glob("*.tfvars"):
        if NAME.fullmatch(file.stem):
            found[file.stem] = read_hcl(file).get("name") or f"{first}-{file.stem}"
    return found


def settings(terraform: Terraform) -> dict[str, Any]:
    """Return the values in the deployment's files of settings, with its name."""
    name, folder = deployment(), terraform.folder
    values = read_hcl(folder / "terraform.tfvars")
    if name:
        values = {key: value for key, value in values.items() if key not in NOT_SHARED}
        values |= read_hcl(folder / f"{name}.tfvars")
    return {**values, "name": names(folder)[name]}


def variables(terraform: Terraform) -> list[str]:
    """Return the options that give Terraform the variables of the deployment."""
    name, folder = deployment(), terraform.folder
    if not name:
        return []
    options = [f"-var=name={names(folder)[name]}"]
    if name == STAGING:
        options.append("-var=staging=true")
    if (folder / f"{name}.tfvars").exists():
        options.append(f"-var-file={name}.tfvars")
    return options


def backend(terraform: Terraform) -> tuple[Mapping[str, str], list[str]]:
    """Return the settings of the state, with its bucket and region, and the options for init."""
    file, name = terraform.folder / "backend.hcl", deployment()
    # versions.tf has the key of the first deployment.
    key = [f"-backend-config=key=visits-{name}/terraform.tfstate"] if name else []
    if file.exists():
        return read_hcl(file), [f"-backend-config={file.name}", *key]
    try:
        settings = {"bucket": os.environ["TF_STATE_BUCKET"], "region": os.environ["AWS_REGION"]}
    except KeyError:
        raise CommandError(NO_BACKEND) from None
    return settings, [
        *(f"-backend-config={name}={value}" for name, value in settings.items()),
        *key,
    ]


def read_hcl(path: Path) -> dict[str, Any]:
    """Return the values in a file of Terraform variables; none if there is no such file."""
    if not path.exists():
        return {}
    plain = hcl2.SerializationOptions(strip_string_quotes=True)
    try:
        return dict(hcl2.loads(path.read_text(), serialization_options=plain))
    except LarkError as error:
        raise CommandError(f"{path} cannot be read: {error}") from None


def counters() -> dict[str, Any]:
    """Return the counters that the settings declare, or Terraform's default."""
    return dict(settings(Terraform()).get("counters", {"resume": {}}))


def deployed() -> dict[str, Any]:
    """Connect Terraform with its state, and return the outputs of the deployment."""
    terraform = Terraform()
    connect(terraform)
    if outputs := terraform.outputs():
        return outputs
    raise CommandError("Nothing is deployed yet. Run make deploy first.")
