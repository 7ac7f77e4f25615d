"""Lets the next plan complete what an interrupted apply left behind.

Terraform compares the settings with what it reads from AWS, and continues by itself nearly always.
It does not notice:

- a function that was changed, but not published: the provider publishes a version only in the
  apply that changes the function, so the alias would stay on the old version for ever;
- a zip that was not uploaded, and a body that was not imported: the provider never reads them back,
  and the state has the new ones even if the call failed or was never made;
- what was created although the answer did not arrive, because the apply was stopped or killed. The
  next apply would create it again, which AWS refuses, or which leaves a second API behind;
- that a table which was not ready yet must not be replaced: it is tainted, and has prevent_destroy.

So the state forgets what may not be true, and what exists is imported.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from release.account import Deployment
from release.terraform import State, Terraform

FUNCTION = "aws_lambda_function.visits"
ALIAS = "aws_lambda_alias.current"
API = "aws_api_gateway_rest_api.visits"
API_DEPLOYMENT = "aws_api_gateway_deployment.visits"
TABLE = "aws_dynamodb_table.visits"
# Without these values in the state, the next plan uploads and publishes, or imports the body.
FORGOTTEN: dict[str, Mapping[str, Any]] = {
    FUNCTION: {"source_code_hash": None, "publish": False},
    API: {"body": None},
}
# What this configuration sets of a function, in AWS's names.
COMPARED = (
    "CodeSha256",
    "Environment",
    "Handler",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
)
BLOCK = """\
import {{
  to = {address}
  id = "{found.id}"
}}
"""


def unfinished(state: State, client: Any) -> set[str]:
    """Return the addresses of what an interrupted update may have left undone."""
    undone = set()
    if {FUNCTION, ALIAS} <= state.managed and not published(state, client):
        undone.add(FUNCTION)
    if API in state.managed and not imported(state):
        undone.add(API)
    return undone


def prepare(terraform: Terraform, state: State, addresses: Collection[str]) -> None:
    """Change the state, so that the next plan completes these resources, and the table."""
    if addresses:
        terraform.push(state.changed({address: FORGOTTEN[address] for address in addresses}))
    if TABLE in state.tainted:
        terraform.run("untaint", TABLE)


def published(state: State, client: Any) -> bool:
    """Return whether the function in AWS has the code of the state, and is published."""
    code, alias = state.attributes(FUNCTION).get("source_code_hash"), state.attributes(ALIAS)
    name = alias["function_name"]
    try:
        newest = client.get_function_configuration(FunctionName=name)
        return newest["CodeSha256"] == code and not unpublished(client, name, alias["name"])
    except ClientError as error:
        if is_missing(error):
            return True  # Terraform creates it again
        raise


def is_missing(error: Exception) -> bool:
    """Return whether AWS says that something does not exist."""
    return isinstance(error, ClientError) and bool(
        re.search("404|NotFound|NoSuch", error.response["Error"]["Code"])
    )


def unpublished(client: Any, function: str, alias: str) -> list[str]:
    """Return the settings of a function that are not in the version behind its alias."""
    newest = client.get_function_configuration(FunctionName=function)
    live = client.get_function_configuration(FunctionName=function, Qualifier=alias)
    return [key for key in COMPARED if newest.get(key) != live.get(key)]


def imported(state: State) -> bool:
    """Return whether the body in the state is that of the deployment, which is made after it."""
    body = state.attributes(API).get("body") or ""
    trigger = state.attributes(API_DEPLOYMENT).get("triggers") or {}
    return bool(trigger.get("body") == hashlib.sha256(body.encode()).hexdigest())


@dataclass(frozen=True)
class Found:
    """What exists in AWS.

    Attributes:
        id: the ID for Terraform's import.
        tags: None for a part of something else, which has none of its own.
    """

    id: str
    tags: Mapping[str, str] | None


def existing(deployment: Deployment, managed: Collection[str]) -> Iterator[tuple[str, Found]]:
    """Yield the address of each resource that exists, and that Terraform does not manage."""
    for address, find in FINDERS.items():
        if address in managed:
            continue
        try:
            found = find(deployment)
        except ClientError as error:
            if not is_missing(error):
                raise
            continue
        if found:
            yield address, found


def is_own(deployment: Deployment, found: Found) -> bool:
    """Return whether a resource has the tags of this deployment, or is a part of one."""
    return found.tags is None or deployment.tags.items() <= found.tags.items()


def log_group(deployment: Deployment, service: str) -> Found | None:
    client, name = deployment.client("logs"), f"/aws/{service}/{deployment.name}"
    for found in client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]:
        if found["logGroupName"] == name:
            arn = found["arn"].removesuffix(":*")
            return Found(name, client.list_tags_for_resource(resourceArn=arn)["tags"])
    return None


def dynamodb_table(deployment: Deployment, name: str) -> Found:
    client = deployment.client("dynamodb")
    arn = client.describe_table(TableName=name)["Table"]["TableArn"]
    return Found(name, pairs(client.list_tags_of_resource(ResourceArn=arn)["Tags"]))


def role(deployment: Deployment) -> Found:
    name = f"{deployment.name}-function"
    found = deployment.client("iam").get_role(RoleName=name)["Role"]
    return Found(name, pairs(found.get("Tags", [])))


def function(deployment: Deployment) -> Found:
    found = deployment.client("lambda").get_function(FunctionName=deployment.name)
    return Found(deployment.name, found.get("Tags", {}))


def alias(deployment: Deployment) -> Found:
    deployment.client("lambda").get_alias(FunctionName=deployment.name, Name="current")
    return Found(f"{deployment.name}/current", None)


def permission(deployment: Deployment) -> Found:
    deployment.client("lambda").get_policy(FunctionName=deployment.name, Qualifier="current")
    return Found(f"{deployment.name}:current/api-gateway", None)


def rest_api(deployment: Deployment) -> Found | None:
    pages = deployment.client("apigateway").get_paginator("get_rest_apis").paginate()
    for api in (api for page in pages for api in page["items"]):
        found = Found(api["id"], api.get("tags", {}))
        # Another API can have the same name.
        if api["name"] == deployment.name and is_own(deployment, found):
            return found
    return None


def stage(deployment: Deployment) -> Found | None:
    if not (api := rest_api(deployment)):
        return None
    deployment.client("apigateway").get_stage(restApiId=api.id, stageName="live")
    return Found(f"{api.id}/live", None)


def pairs(tags: list[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


# What cannot exist twice, without what options add (domain, web ACL, budget). AWS overwrites the
# others: role policies, alarms, the dashboard.
FINDERS: dict[str, Callable[[Deployment], Found | None]] = {
    TABLE: lambda deployment: dynamodb_table(deployment, deployment.table),
    "aws_dynamodb_table.secrets": lambda deployment: dynamodb_table(
        deployment, f"{deployment.name}-secrets"
    ),
    "aws_cloudwatch_log_group.function": lambda deployment: log_group(deployment, "lambda"),
    "aws_cloudwatch_log_group.access": lambda deployment: log_group(deployment, "apigateway"),
    "aws_iam_role.function": role,
    FUNCTION: function,
    ALIAS: alias,
    "aws_lambda_permission.api": permission,
    API: rest_api,
    "aws_api_gateway_stage.live": stage,
}


def import_blocks(deployment: Deployment, managed: Collection[str]) -> dict[str, str]:
    """Return an import block for each resource of this deployment that the state has lost.

    Terraform reads the blocks from a file beside the configuration:
    https://developer.hashicorp.com/terraform/language/import
    """
    return {
        address: BLOCK.format(address=address, found=found)
        for address, found in existing(deployment, managed)
        if is_own(deployment, found)
    }
