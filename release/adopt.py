"""Repairs what an interrupted apply leaves behind, so that the next plan continues it.

Terraform writes the state after several resources, so an apply that is killed loses some of them.
The next apply would create them again, which AWS refuses, or which leaves a second API behind.

An apply that is asked to stop while a resource becomes ready records it as tainted, and the next
plan replaces it. Terraform refuses to replace what has prevent_destroy.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from release.terraform import Terraform

BLOCK = """\
import {{
  to = {to}
  id = "{id}"
}}
"""
# What has prevent_destroy and takes time to create, in this configuration and in bootstrap/.
PROTECTED = {"aws_dynamodb_table.visits", "aws_s3_bucket.state"}
MISSING = {
    "ResourceNotFoundException",
    "NoSuchEntity",
    "NotFoundException",
    "ResourceNotFound",
}

Values = Mapping[str, Any]  # the attributes of a resource in a plan
Found = tuple[str, Mapping[str, str]]  # the ID in an import block, and the tags


def untaint_protected(terraform: Terraform) -> None:
    """Let the next plan complete a protected resource that is tainted, instead of replacing it."""
    for address, tainted in terraform.managed().items():
        if tainted and address in PROTECTED:
            terraform.run("untaint", address)


def import_blocks(plan: Mapping[str, Any], region: str) -> dict[str, str]:
    """Return an import block for each resource that a plan would create and that exists already.

    It must have the tags of this deployment. Terraform reads the blocks from a file beside the
    configuration: https://developer.hashicorp.com/terraform/language/import

    Args:
        plan: the output of `terraform show -json`, parsed.

    Returns:
        The blocks by the address of the resource.
    """
    session, blocks = boto3.Session(region_name=region), {}
    for each in plan.get("resource_changes", []):
        find = FINDERS.get(each["type"])
        if find and each["change"]["actions"] == ["create"]:
            found = exists(find, session, each["change"]["after"])
            if found and found[1].items() >= tags(plan).items():
                blocks[each["address"]] = BLOCK.format(to=each["address"], id=found[0])
    return blocks


def tags(plan: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the tags that every resource of this deployment has."""
    changes = plan["resource_changes"]
    [found] = [each for each in changes if each["type"] == "aws_lambda_function"]
    return dict(found["change"]["after"]["tags_all"])


def exists(find: Callable[..., Found | None], session: Any, values: Values) -> Found | None:
    try:
        return find(session, values)
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return None
        raise


def log_group(session: Any, values: Values) -> Found | None:
    client, name = session.client("logs"), values["name"]
    for group in client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]:
        if group["logGroupName"] == name:
            arn = group["arn"].removesuffix(":*")
            return name, client.list_tags_for_resource(resourceArn=arn)["tags"]
    return None


def role(session: Any, values: Values) -> Found:
    found = session.client("iam").get_role(RoleName=values["name"])["Role"]
    return values["name"], {each["Key"]: each["Value"] for each in found.get("Tags", [])}


def table(session: Any, values: Values) -> Found:
    client, name = session.client("dynamodb"), values["name"]
    arn = client.describe_table(TableName=name)["Table"]["TableArn"]
    listed = client.list_tags_of_resource(ResourceArn=arn)["Tags"]
    return name, {each["Key"]: each["Value"] for each in listed}


def function(session: Any, values: Values) -> Found:
    name = values["function_name"]
    return name, session.client("lambda").get_function(FunctionName=name).get("Tags", {})


def alias(session: Any, values: Values) -> Found:
    name, function_name = values["name"], values["function_name"]
    session.client("lambda").get_alias(FunctionName=function_name, Name=name)
    return f"{function_name}/{name}", function(session, values)[1]


def permission(session: Any, values: Values) -> Found | None:
    name, qualifier, sid = (values[key] for key in ("function_name", "qualifier", "statement_id"))
    policy = session.client("lambda").get_policy(FunctionName=name, Qualifier=qualifier)["Policy"]
    if sid not in [statement["Sid"] for statement in json.loads(policy)["Statement"]]:
        return None
    return f"{name}:{qualifier}/{sid}", function(session, values)[1]


def rest_api(session: Any, values: Values) -> Found | None:
    ours = values["tags_all"]  # another API can have the same name
    pages = session.client("apigateway").get_paginator("get_rest_apis").paginate()
    for api in (api for page in pages for api in page["items"] if api["name"] == values["name"]):
        if api.get("tags", {}).items() >= ours.items():
            return api["id"], ours
    return None


def stage(session: Any, values: Values) -> Found | None:
    ours = values["tags_all"]
    api = rest_api(session, {"name": ours["project"], "tags_all": ours})
    if not api:
        return None
    client = session.client("apigateway")
    found = client.get_stage(restApiId=api[0], stageName=values["stage_name"])
    return f"{api[0]}/{values['stage_name']}", found.get("tags", {})


# What cannot exist twice, without what options add (domain, web ACL, budget). AWS overwrites the
# others: role policies, alarms, the dashboard.
FINDERS: dict[str, Callable[[Any, Values], Found | None]] = {
    "aws_cloudwatch_log_group": log_group,
    "aws_iam_role": role,
    "aws_dynamodb_table": table,
    "aws_lambda_function": function,
    "aws_lambda_alias": alias,
    "aws_lambda_permission": permission,
    "aws_api_gateway_rest_api": rest_api,
    "aws_api_gateway_stage": stage,
}
