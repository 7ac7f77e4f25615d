"""`make preflight`: finds what would fail later in a deployment, before anything is deployed.

Each check yields findings in words, each with what to do. The last one imports the contract into a
scratch API (release/trial_import.py).
"""

import configparser
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

OIDC_PROVIDER = "oidc-provider/token.actions.githubusercontent.com"
UNRESERVED_MINIMUM = 100  # Lambda keeps so many executions for functions without a reservation

LOGIN_PROFILE = (
    "The AWS profile {profile} was made by `aws login`. Terraform cannot read such a profile. "
    'Export its credentials: eval "$(aws configure export-credentials --profile {profile} '
    '--format env)"'
)
REGIONS = (
    "The regions differ: {regions}. Everything has to be in one region. Write the same region into "
    "all of these files."
)
NO_LOGGING_ROLE = (
    "API Gateway has no role for writing logs in {region}, so AWS would refuse the stage's access "
    "log. Create it: terraform -chdir=terraform/bootstrap apply"
)
TOO_FEW_EXECUTIONS = (
    "reserved_concurrency is {reserved}, but this account has {unreserved} unreserved concurrent "
    "executions in {region}, and Lambda requires {minimum} to remain. Remove "
    "reserved_concurrency from terraform/terraform.tfvars, or ask AWS for a higher limit (Service "
    "Quotas, Lambda, Concurrent executions)."
)
FOREIGN = (
    "There is a {kind} named {name} in {region} that this Terraform state does not manage. "
    "Choose another name in terraform/terraform.tfvars (name = ...), or import it if it belongs to "
    "this project: terraform -chdir=terraform import {address} {name}"
)
NO_BUDGETS = (
    "monthly_budget is set, but these credentials may not read AWS Budgets: {error}. Give IAM "
    "access to billing (as the root user, in the account settings), or remove monthly_budget."
)


@dataclass(frozen=True)
class Target:
    """What is going to be deployed, and where.

    Attributes:
        session: a boto3 session with the region of the deployment.
        variables: the values in terraform/terraform.tfvars.
        regions: the region by the file that names it.
        managed: addresses of the resources in the Terraform state.
    """

    session: Any
    variables: Mapping[str, Any]
    regions: Mapping[str, str]
    managed: frozenset[str]

    @property
    def region(self) -> str:
        return str(self.session.region_name)

    @property
    def name(self) -> str:
        return str(self.variables.get("name") or "visits")


def check(target: Target) -> Iterator[str]:
    """Yield what would fail later, each with what to do."""
    yield from different_regions(target)
    yield from missing_logging_role(target)
    yield from too_few_executions(target)
    yield from foreign_resources(target)
    yield from inaccessible_budgets(target)


def unreadable_profile(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return a finding if the credentials come from a profile of `aws login`."""
    profile = environment.get("AWS_PROFILE", "default")
    if "AWS_ACCESS_KEY_ID" in environment:
        return None
    path = Path(environment.get("AWS_CONFIG_FILE", "~/.aws/config")).expanduser()
    config = configparser.ConfigParser()
    config.read(path)
    section = profile if profile == "default" else f"profile {profile}"
    if config.has_option(section, "login_session"):
        return LOGIN_PROFILE.format(profile=profile)
    return None


def different_regions(target: Target) -> Iterator[str]:
    if len(set(target.regions.values())) > 1:
        regions = ", ".join(f"{region} in {file}" for file, region in target.regions.items())
        yield REGIONS.format(regions=regions)


def missing_logging_role(target: Target) -> Iterator[str]:
    if not target.session.client("apigateway").get_account().get("cloudwatchRoleArn"):
        yield NO_LOGGING_ROLE.format(region=target.region)


def too_few_executions(target: Target) -> Iterator[str]:
    reserved = int(target.variables.get("reserved_concurrency", -1))
    if reserved <= 0 or "aws_lambda_function.visits" in target.managed:
        return
    limits = target.session.client("lambda").get_account_settings()["AccountLimit"]
    unreserved = limits["UnreservedConcurrentExecutions"]
    if unreserved - reserved < UNRESERVED_MINIMUM:
        yield TOO_FEW_EXECUTIONS.format(
            reserved=reserved,
            unreserved=unreserved,
            region=target.region,
            minimum=UNRESERVED_MINIMUM,
        )


def foreign_resources(target: Target) -> Iterator[str]:
    table = str(target.variables.get("table_name") or target.name)
    resources = {
        "aws_dynamodb_table.visits": ("table", table, "dynamodb", "describe_table", "TableName"),
        "aws_lambda_function.visits": (
            "function",
            target.name,
            "lambda",
            "get_function",
            "FunctionName",
        ),
    }
    for address, (kind, name, service, call, parameter) in resources.items():
        if address not in target.managed:
            try:
                getattr(target.session.client(service), call)(**{parameter: name})
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
            else:
                yield FOREIGN.format(kind=kind, name=name, region=target.region, address=address)


def inaccessible_budgets(target: Target) -> Iterator[str]:
    if target.variables.get("monthly_budget") is None:
        return
    account = target.session.client("sts").get_caller_identity()["Account"]
    try:
        target.session.client("budgets").describe_budgets(AccountId=account, MaxResults=1)
    except ClientError as error:
        yield NO_BUDGETS.format(error=error)
