"""`make preflight`: find what would make a deployment fail, before anything is deployed.

Each check yields its findings in words, with what to do. The last one imports the contract into a
scratch API, since no document says all that AWS refuses. What AWS makes of it is compared with the
contract; differences are printed and recorded, and stop nothing.
"""

import json
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from contract import generation
from contract.command import CommandError
from release import account, drift, repair, settings, terminal
from release.terraform import State, Terraform

RECORDING = Path("build", "preflight.json")
FILES = ("backend.hcl", "terraform.tfvars", "bootstrap/terraform.tfvars")
UNRESERVED_MINIMUM = 100  # Lambda keeps so many executions for functions without a reservation
STAGE = "trial"

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
FOREIGN = (
    "{address} cannot be created: {id} exists in {region}, without the tags of this deployment "
    "({tags}). Choose another name in the settings (name = ...). If it is the one of this "
    "deployment, import it:\n  {terraform} import {address} {id}"
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
        regions: the region by the file that names it.
        managed: addresses of the resources in the Terraform state.
        terraform: the beginning of a command line by hand.
    """

    names: repair.Names
    variables: Mapping[str, Any]
    regions: Mapping[str, str]
    managed: Collection[str]
    terraform: str = "terraform"

    @property
    def region(self) -> str:
        return str(self.names.session.region_name)

    def client(self, service: str) -> Any:
        return self.names.session.client(service)


def main() -> None:
    terraform = Terraform()
    try:
        settings.check(terraform)
        account.connect(terraform)
        require(terraform, terraform.state())
    except CommandError as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        terminal.stopped()
    print("\nPreflight: everything that a deployment needs is there.")


def require(terraform: Terraform, state: State) -> None:
    """Run all checks."""
    target = find_target(terraform, state)
    print("Preflight: checking the account, and importing into a scratch API ...", flush=True)
    if found := list(check(target)):
        raise CommandError("\n\n".join(["Preflight found:", *found]))


def find_target(terraform: Terraform, state: State) -> Target:
    """Read what is going to be deployed from the files of the configuration and from the state."""
    backend, _ = account.backend(terraform)
    variables = account.settings(terraform)
    own = [f"{name}.tfvars"] if (name := account.deployment()) else []
    files = {name: account.read_hcl(terraform.folder / name) for name in [*FILES, *own]}
    named = {name: values["region"] for name, values in files.items() if "region" in values}
    named.setdefault("the state's backend", backend["region"])
    return Target(
        repair.names(variables),
        variables,
        {f"terraform/{name}" if "." in name else name: region for name, region in named.items()},
        state.managed,
        terraform.by_hand,
    )


def check(target: Target) -> Iterator[str]:
    """Yield what would fail later, each with what to do."""
    for finding in (
        different_regions,
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


def different_regions(target: Target) -> Iterator[str]:
    if len(set(target.regions.values())) > 1:
        regions = ", ".join(f"{region} in {file}" for file, region in target.regions.items())
        yield REGIONS.format(regions=regions)


def missing_logging_role(target: Target) -> Iterator[str]:
    if not target.client("apigateway").get_account().get("cloudwatchRoleArn"):
        yield NO_LOGGING_ROLE.format(region=target.region)


def too_few_executions(target: Target) -> Iterator[str]:
    reserved = int(target.variables.get("reserved_concurrency", -1))
    if reserved <= 0 or "aws_lambda_function.visits" in target.managed:
        return
    limits = target.client("lambda").get_account_settings()["AccountLimit"]
    unreserved = limits["UnreservedConcurrentExecutions"]
    if unreserved - reserved < UNRESERVED_MINIMUM:
        yield TOO_FEW_EXECUTIONS.format(
            reserved=reserved,
            unreserved=unreserved,
            region=target.region,
            minimum=UNRESERVED_MINIMUM,
        )


def foreign_resources(target: Target) -> Iterator[str]:
    """Yield what has a name of this deployment, unless an interrupted apply created it."""
    tags = target.names.tags
    for address, found in target.names.existing(target.managed):
        if found.tags is not None and not tags.items() <= found.tags.items():
            yield FOREIGN.format(
                address=address,
                id=found.id,
                region=target.region,
                tags=", ".join(f"{key} = {value}" for key, value in tags.items()),
                terraform=target.terraform,
            )


def inaccessible_budgets(target: Target) -> Iterator[str]:
    if target.variables.get("monthly_budget") is None:
        return
    account = target.client("sts").get_caller_identity()["Account"]
    try:
        target.client("budgets").describe_budgets(AccountId=account, MaxResults=1)
    except ClientError as error:
        yield NO_BUDGETS.format(error=error)


def refused_import(target: Target) -> Iterator[str]:
    """Import the contract into a scratch API, export it, and print the differences."""
    account_id = target.client("sts").get_caller_identity()["Account"]
    document = generation.read()
    body = json.dumps(document).replace(generation.LAMBDA, invoke_arn(target, account_id))
    client = target.client("apigateway")
    with scratch_api(client) as api:
        try:
            client.put_rest_api(restApiId=api, mode="overwrite", failOnWarnings=True, body=body)
            client.create_deployment(restApiId=api, stageName=STAGE)
        except client.exceptions.BadRequestException as error:
            yield REFUSED_IMPORT.format(error=error)
            return
        export = drift.export(client, api, STAGE)
    RECORDING.parent.mkdir(exist_ok=True)
    RECORDING.write_text(json.dumps(export, indent=1).replace(account_id, "123456789012"))
    if lines := list(drift.differences(document, export)):
        print(DIFFERENCES.format(lines="\n".join(lines)))


def invoke_arn(target: Target, account_id: str) -> str:
    """Return the ARN for invoking the function, which need not exist yet."""
    partition = target.names.session.get_partition_for_region(target.region)
    function = f"arn:{partition}:lambda:{target.region}:{account_id}:function:{target.names.name}"
    path = f"arn:{partition}:apigateway:{target.region}:lambda:path/2015-03-31/functions"
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
    main()
