"""`make preflight`: find what would fail later in a deployment, before anything is deployed.

Each check yields its findings in words, with what to do. The last check imports the contract into a
scratch API: see trial_import.py.
"""

import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from contract import generation
from release import account, adopt, trial_import
from release.terraform import DeployError, Terraform

RECORDING = Path("build", "preflight.json")

FILES = ("backend.hcl", "terraform.tfvars", "bootstrap/terraform.tfvars")
# An emulator serves its stages elsewhere.
STAGE_URL = os.environ.get(
    "API_STAGE_URL", "https://{api}.execute-api.{region}.amazonaws.com/{stage}"
)
UNRESERVED_MINIMUM = 100  # Lambda keeps so many executions for functions without a reservation

REGIONS = (
    "The regions differ: {regions}. Everything has to be in one region. Write the same region into "
    "all of these files."
)
NO_LOGGING_ROLE = (
    "API Gateway has no role for writing logs in {region}, so AWS would refuse the stage's access "
    "log. Create it: make bootstrap"
)
TOO_FEW_EXECUTIONS = (
    "reserved_concurrency is {reserved}, but this account has {unreserved} unreserved concurrent "
    "executions in {region}, and Lambda requires {minimum} to remain. Remove "
    "reserved_concurrency from terraform/terraform.tfvars, or ask AWS for a higher limit (Service "
    "Quotas, Lambda, Concurrent executions)."
)
SNAPSTART = (
    "snapstart = true does not work on the first deployment: the AWS provider does not wait for "
    "the first snapshot. Deploy without snapstart first, then set it and deploy again."
)
FOREIGN = (
    "There is a {kind} named {name} in {region} that this Terraform state does not manage. "
    "Choose another name in the settings (name = ...), or import it as {address} if it belongs to "
    "this deployment: docs/operations.md has the command."
)
REFUSED_IMPORT = (
    "AWS does not import openapi.yaml: {error}. If you changed the file, fix what AWS names. "
    "Otherwise please report it."
)
DIFFERENCES = f"""\
AWS treats openapi.yaml differently from what this project expects:
{{lines}}
If you did not change the file, please report it with {RECORDING}, which holds what AWS returned. \
To deploy nevertheless: SKIP_PREFLIGHT=1 make deploy"""
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
    managed: Collection[str]

    @property
    def region(self) -> str:
        return str(self.session.region_name)

    @property
    def name(self) -> str:
        return str(self.variables.get("name") or "visits")


def main() -> None:
    terraform = Terraform()
    try:
        account.connect(terraform)
        require(terraform)
    except DeployError as error:
        sys.exit(f"\n{error}")
    print("\nPreflight: everything that a deployment needs is there.")


def require(terraform: Terraform) -> None:
    """Run all checks.

    Args:
        terraform: connected with its state.

    Raises:
        DeployError: with all findings.
    """
    target = find_target(terraform)
    print("\nPreflight: checking the account ...", flush=True)
    found = list(check(target))
    print("Preflight: importing into a scratch API, for up to a minute ...", flush=True)
    found += import_findings(target)
    if found:
        raise DeployError("\n\n".join(["Preflight found:", *found]))


def find_target(terraform: Terraform) -> Target:
    """Read what is going to be deployed from the files of the configuration and from the state."""
    settings, _ = account.backend(terraform)
    variables = account.settings(terraform)
    own = [f"{name}.tfvars"] if (name := account.deployment()) else []
    files = {name: account.read_hcl(terraform.folder / name) for name in [*FILES, *own]}
    named = {name: values["region"] for name, values in files.items() if "region" in values}
    named.setdefault("the state's backend", settings["region"])
    return Target(
        boto3.Session(region_name=variables.get("region", settings["region"])),
        variables,
        {f"terraform/{name}" if "." in name else name: region for name, region in named.items()},
        terraform.managed(),
    )


def import_findings(target: Target) -> list[str]:
    """Import the contract into a scratch API, and return the differences from our expectation."""
    account_id = target.session.client("sts").get_caller_identity()["Account"]
    partition = target.session.get_partition_for_region(target.region)
    function = f"arn:{partition}:lambda:{target.region}:{account_id}:function:{target.name}"
    path = f"arn:{partition}:apigateway:{target.region}:lambda:path/2015-03-31/functions"
    document = generation.read()
    try:
        trial = trial_import.run(
            target.session.client("apigateway"),
            document,
            f"{path}/{function}/invocations",
            lambda api: STAGE_URL.format(api=api, region=target.region, stage=trial_import.STAGE),
        )
    except ClientError as error:
        return [REFUSED_IMPORT.format(error=error)]
    RECORDING.parent.mkdir(exist_ok=True)
    RECORDING.write_text(trial.recording().replace(account_id, "123456789012"))
    differences = list(trial.differences(document))
    return [DIFFERENCES.format(lines="\n".join(differences))] if differences else []


def check(target: Target) -> Iterator[str]:
    """Yield what would fail later, each with what to do."""
    yield from different_regions(target)
    yield from missing_logging_role(target)
    yield from too_few_executions(target)
    yield from snapstart_on_the_first_deployment(target)
    yield from foreign_resources(target)
    yield from inaccessible_budgets(target)


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


def snapstart_on_the_first_deployment(target: Target) -> Iterator[str]:
    """https://github.com/hashicorp/terraform-provider-aws/issues/42693."""
    if target.variables.get("snapstart") and "aws_lambda_function.visits" not in target.managed:
        yield SNAPSTART


def foreign_resources(target: Target) -> Iterator[str]:
    """Yield what has a name of this deployment, unless an interrupted apply created it."""
    names: dict[str, tuple[str, Callable[..., adopt.Found | None], str, str]] = {
        "aws_dynamodb_table.visits": (
            "table",
            adopt.table,
            "name",
            target.variables.get("table_name") or target.name,
        ),
        "aws_dynamodb_table.secrets": ("table", adopt.table, "name", f"{target.name}-secrets"),
        "aws_lambda_function.visits": ("function", adopt.function, "function_name", target.name),
    }
    ours = {"project": target.name, "region": target.region, "managed-by": "terraform"}
    for address, (kind, find, key, name) in names.items():
        if address in target.managed:
            continue
        found = adopt.exists(find, target.session, {key: name})
        if found and not ours.items() <= found[1].items():
            yield FOREIGN.format(kind=kind, name=name, region=target.region, address=address)


def inaccessible_budgets(target: Target) -> Iterator[str]:
    if target.variables.get("monthly_budget") is None:
        return
    account = target.session.client("sts").get_caller_identity()["Account"]
    try:
        target.session.client("budgets").describe_budgets(AccountId=account, MaxResults=1)
    except ClientError as error:
        yield NO_BUDGETS.format(error=error)


if __name__ == "__main__":
    main()
