"""`make preflight`: find what would make a deployment fail, before anything is deployed.

Each check yields its findings in words, with what to do. The last one imports the contract into a
scratch API, since no document says all that AWS refuses. What AWS makes of it is compared with the
contract; differences are printed and recorded, and stop nothing.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from contract import generation
from contract.command import CommandError
from release import account, drift, repair, settings, terminal
from release.account import Deployment
from release.terraform import State, Terraform

RECORDING = Path("build", "preflight.json")
UNRESERVED_MINIMUM = 100  # Lambda keeps so many executions for functions without a reservation
STAGE = "trial"

NO_LOGGING_ROLE = (
    "API Gateway has no role for writing logs in {region}, so AWS would refuse the stage's access "
    "log. Create it: make bootstrap, with this region in terraform/bootstrap/terraform.tfvars"
)
TOO_FEW_EXECUTIONS = (
    "reserved_concurrency is {reserved}, but this account has {unreserved} unreserved concurrent "
    "executions in {region}, and Lambda requires {minimum} to remain. Remove "
    "reserved_concurrency from terraform/terraform.tfvars, or ask AWS for a higher limit (Service "
    "Quotas, Lambda, Concurrent executions)."
)
FOREIGN = (
    "{address} cannot be created: {id} exists without the tags of this deployment ({tags}). "
    "Choose another name in the settings (name = ...). If it belongs to this deployment, "
    "give it these tags, and the next plan imports it."
)
REFUSED_IMPORT = (
    "AWS does not import the contract: {error}. If you changed openapi.yaml, fix what AWS names. "
    "Otherwise please report it."
)
DIFFERENCES = f"""\
What AWS has imported differs from the contract in a way that this project does not expect. The \
deployment goes on. If you did not change openapi.yaml, please report these lines, with {RECORDING}:
{{lines}}"""
UNKNOWN = "This could not be checked, because AWS did not answer: {check} ({error})"
NO_BUDGETS = (
    "monthly_budget is set, but these credentials may not read AWS Budgets: {error}. Give IAM "
    "access to billing (as the root user, in the account settings), or remove monthly_budget."
)


@dataclass(frozen=True)
class Target:
    """What is going to be deployed, and where.

    Attributes:
        managed: addresses of the resources in the Terraform state.
        account: the ID of the AWS account.
    """

    deployment: Deployment
    managed: Collection[str]
    account: str


def main() -> None:
    terraform = Terraform()
    settings.check(terraform)
    target = account.connect(terraform)
    require(terraform, terraform.state(), target)
    print("\nPreflight: everything that a deployment needs is there.")


def require(terraform: Terraform, state: State, account_id: str) -> None:
    """Run all checks."""
    target = Target(account.read(terraform), state.managed, account_id)
    print("Preflight: checking the account, and importing into a scratch API ...", flush=True)
    if found := list(check(target)):
        raise CommandError("\n\n".join(["Preflight found:", *found]))


def check(target: Target) -> Iterator[str]:
    """Yield what would fail later, each with what to do."""
    for finding in (
        missing_logging_role,
        too_few_executions,
        foreign_resources,
        inaccessible_budgets,
        refused_import,
    ):
        try:
            yield from finding(target)
        except (BotoCoreError, ClientError) as error:
            print(UNKNOWN.format(check=finding.__name__.replace("_", " "), error=error))


def missing_logging_role(target: Target) -> Iterator[str]:
    if not target.deployment.client("apigateway").get_account().get("cloudwatchRoleArn"):
        yield NO_LOGGING_ROLE.format(region=target.deployment.region)


def too_few_executions(target: Target) -> Iterator[str]:
    reserved = int(target.deployment.settings.get("reserved_concurrency", -1))
    if reserved <= 0 or repair.FUNCTION in target.managed:
        return
    limits = target.deployment.client("lambda").get_account_settings()["AccountLimit"]
    unreserved = limits["UnreservedConcurrentExecutions"]
    if unreserved - reserved < UNRESERVED_MINIMUM:
        yield TOO_FEW_EXECUTIONS.format(
            reserved=reserved,
            unreserved=unreserved,
            region=target.deployment.region,
            minimum=UNRESERVED_MINIMUM,
        )


def foreign_resources(target: Target) -> Iterator[str]:
    """Yield what has a name of this deployment, unless an interrupted apply created it."""
    deployment = target.deployment
    tags = ", ".join(f"{key} = {value}" for key, value in deployment.tags.items())
    for address, found in repair.existing(deployment, target.managed):
        if not repair.is_own(deployment, found):
            yield FOREIGN.format(address=address, id=found.id, tags=tags)


def inaccessible_budgets(target: Target) -> Iterator[str]:
    if "monthly_budget" not in target.deployment.settings:
        return
    try:
        target.deployment.client("budgets").describe_budgets(AccountId=target.account, MaxResults=1)
    except ClientError as error:
        yield NO_BUDGETS.format(error=error)


def refused_import(target: Target) -> Iterator[str]:
    """Import the contract into a scratch API, export it, and print the differences."""
    document = generation.read()
    body = json.dumps(document).replace(generation.LAMBDA, invoke_arn(target))
    client = target.deployment.client("apigateway")
    with scratch_api(client) as api:
        try:
            client.put_rest_api(restApiId=api, mode="overwrite", failOnWarnings=True, body=body)
            client.create_deployment(restApiId=api, stageName=STAGE)
        except client.exceptions.BadRequestException as error:
            yield REFUSED_IMPORT.format(error=error)
            return
        export = drift.export(client, api, STAGE)
    RECORDING.parent.mkdir(exist_ok=True)
    RECORDING.write_text(json.dumps(export, indent=1).replace(target.account, "123456789012"))
    if lines := list(drift.differences(document, export)):
        print(DIFFERENCES.format(lines="\n".join(lines)))


def invoke_arn(target: Target) -> str:
    """Return the ARN for invoking the function, which need not exist yet."""
    region, name = target.deployment.region, target.deployment.name
    partition = boto3.Session().get_partition_for_region(region)
    function = f"arn:{partition}:lambda:{region}:{target.account}:function:{name}"
    path = f"arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions"
    return f"{path}/{function}/invocations"


@contextmanager
def scratch_api(client: Any) -> Iterator[str]:
    """Create an empty API, yield its ID, and delete it."""
    description = "Scratch API of `make preflight`; delete it if it is still here."
    api = client.create_rest_api(
        name="visits-preflight",
        description=description,
        endpointConfiguration={"types": ["REGIONAL"]},
    )["id"]
    try:
        yield str(api)
    finally:
        client.delete_rest_api(restApiId=api)


if __name__ == "__main__":
    terminal.run(main)
