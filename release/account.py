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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import hcl2
from botocore.exceptions import BotoCoreError, ClientError, MissingDependencyException
from lark.exceptions import LarkError

from contract.command import CommandError
from release.terraform import Terraform

STAGING = "staging"
NAME = re.compile(r"(?!terraform$)[a-z][a-z0-9-]*")
DEFAULTS = {"name": "visits", "counters": {"resume": {}}}  # as in variables.tf
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
OWN_NAME = """\
Remove name from terraform/{file}. The name of this deployment is {name}, so that no two \
deployments have the same one."""
SHARED = """\
terraform/terraform.tfvars sets {setting}, which two deployments cannot share. Write \
{setting} = null, or a value for this deployment, into terraform/{file}."""
NO_BACKEND = """\
There is no terraform/backend.hcl. It defines where Terraform stores its state. Create it once \
per account:
  make bootstrap
For the numbers of make run, set AWS_ENDPOINT_URL_DYNAMODB to the DynamoDB that it prints.
In a pipeline, set TF_STATE_BUCKET and AWS_REGION instead."""
LOGIN_PROFILE = """\
This AWS profile was made by `aws login`. Terraform cannot read such a profile \
(https://github.com/hashicorp/terraform-provider-aws/issues/45316). Export its credentials in this \
terminal, and repeat the command:
  eval "$(aws configure export-credentials --format env)"
They expire after some hours. A profile of `aws configure sso` needs no export."""
NO_CREDENTIALS = """\
There are no valid AWS credentials: {error}
Sign in (aws sso login), choose a profile (AWS_PROFILE=name make ...), or see \
https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-configure.html"""

NO_STATE = """\
{error}
The state is in the bucket {bucket} in {region}. If account {account} has no such bucket, the \
credentials are those of another account, or the bucket is missing: make bootstrap creates it."""


@dataclass(frozen=True)
class Deployment:
    """The deployment that DEPLOYMENT selects.

    Attributes:
        settings: the values in its files, with its name.
        options: what gives Terraform the same values.
    """

    settings: Mapping[str, Any]
    options: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The variable `name`, which is a part of all names in AWS."""
        return str(self.settings["name"])

    @property
    def table(self) -> str:
        return self.settings.get("table_name") or self.name

    @property
    def region(self) -> str:
        return str(self.settings.get("region") or boto3.Session().region_name)

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of its resources: see versions.tf."""
        return {"project": self.name, "region": self.region, "managed-by": "terraform"}

    def client(self, service: str) -> Any:
        """Return a boto3 client in its region."""
        return boto3.client(service, region_name=self.region)


def connect(terraform: Terraform) -> str:
    """Connect Terraform with the state of the deployment, and return the account's ID."""
    read(terraform)  # fails if there are no settings of this deployment
    if name := deployment_name():
        terraform.environment["TF_DATA_DIR"] = str(Path(".terraform", "deployments", name))
    settings, options = backend(terraform)
    print("Checking the AWS account ...", flush=True)
    account = identity(boto3.Session(region_name=settings["region"]))
    # All deployments of this checkout share the provider, which is large.
    cache = terraform.folder / ".terraform" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    terraform.environment.setdefault("TF_PLUGIN_CACHE_DIR", str(cache))
    print("Connecting to the state (the first time, this downloads the provider) ...", flush=True)
    try:
        terraform.run("init", "-input=false", "-reconfigure", *options)
    except CommandError as error:
        raise CommandError(NO_STATE.format(error=error, account=account, **settings)) from None
    return account


def identity(session: Any) -> str:
    """Return the ID of the account that the credentials belong to."""
    try:
        return str(session.client("sts").get_caller_identity()["Account"])
    except MissingDependencyException:  # boto3 needs one more package for these profiles
        raise CommandError(LOGIN_PROFILE) from None
    except (BotoCoreError, ClientError) as error:
        raise CommandError(NO_CREDENTIALS.format(error=error)) from None


def deployment_name() -> str:
    """Return the name in DEPLOYMENT; an empty one is that of the first deployment."""
    name = os.environ.get("DEPLOYMENT", "")
    if name and not NAME.fullmatch(name):
        raise CommandError(WRONG_NAME.format(name=name))
    return name


def read(terraform: Terraform) -> Deployment:
    """Read the settings of the deployment."""
    name, folder = deployment_name(), terraform.folder
    if not (folder / "terraform.tfvars").exists():
        raise CommandError(NO_VARIABLES)
    first = read_hcl(folder / "terraform.tfvars")
    if not name:
        return Deployment(with_defaults(first))
    file, full_name = folder / f"{name}.tfvars", f"{with_defaults(first)['name']}-{name}"
    if name != STAGING and not file.exists():
        raise CommandError(NO_SETTINGS.format(name=name))
    own = read_hcl(file)
    if "name" in own:
        raise CommandError(OWN_NAME.format(name=full_name, file=file.name))
    for setting in NOT_SHARED:
        if first.pop(setting, None) and setting not in own and name != STAGING:
            raise CommandError(SHARED.format(setting=setting, file=file.name))
    options = [f"-var=name={full_name}"]
    if name == STAGING:
        options.append("-var=staging=true")
    if file.exists():
        options.append(f"-var-file={file.name}")
    return Deployment(with_defaults(first | own | {"name": full_name}), options)


def with_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with the defaults of those that are not set, or null."""
    return DEFAULTS | {name: value for name, value in values.items() if value is not None}


def backend(terraform: Terraform) -> tuple[Mapping[str, str], list[str]]:
    """Return the settings of the state, with its bucket and region, and the options for init."""
    file, name = terraform.folder / "backend.hcl", deployment_name()
    # versions.tf has the key of the first deployment.
    key = [f"-backend-config=key=visits-{name}/terraform.tfstate"] if name else []
    if file.exists():
        return read_hcl(file), [f"-backend-config={file.name}", *key]
    try:
        settings = {"bucket": os.environ["TF_STATE_BUCKET"], "region": os.environ["AWS_REGION"]}
    except KeyError:
        raise CommandError(NO_BACKEND) from None
    options = [f"-backend-config={setting}={value}" for setting, value in settings.items()]
    return settings, [*options, *key]


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
    return dict(read(Terraform()).settings["counters"])


def deployed() -> dict[str, Any]:
    """Connect Terraform with its state, and return the outputs of the deployment."""
    terraform = Terraform()
    connect(terraform)
    if outputs := terraform.outputs():
        return outputs
    raise CommandError("Nothing is deployed yet. Run make deploy first.")
