"""What is wrong with a deployment, as a visitor and AWS would notice it, in words."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from http import HTTPStatus
from io import BytesIO
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import urllib3

from local import emulator
from local.import_api import ANY
from release.rehearsal.stack import Rehearsal
from visits import contract


def find(rehearsal: Rehearsal) -> list[str]:
    """What is wrong with what was deployed; empty when nothing is."""
    document, sha256 = contract.read(rehearsal.terraform.folder / "openapi.yaml")
    found = [*missing_routes(rehearsal, document), *missing_permission(rehearsal)]
    found += missing_module(rehearsal)
    return found or [*wrong_health(rehearsal, sha256)] or [*uncounted_visit(rehearsal)]


def missing_routes(rehearsal: Rehearsal, document: Mapping[str, Any]) -> Iterator[str]:
    resources = rehearsal.aws.client("apigateway").get_resources(
        restApiId=rehearsal.outputs["rest_api_id"], embed=["methods"], limit=500
    )["items"]
    served = {
        (each["path"], verb) for each in resources for verb in each.get("resourceMethods", {})
    }
    for path, item in document["paths"].items():
        for method in item:
            verb = "ANY" if method == ANY else method.upper()
            if (path, verb) not in served:
                yield f"{verb} {path} is not served: the body was not redeployed"


def missing_permission(rehearsal: Rehearsal) -> Iterator[str]:
    policy = rehearsal.aws.client("lambda").get_policy(
        FunctionName=rehearsal.outputs["function_name"], Qualifier=rehearsal.outputs["alias"]
    )["Policy"]
    api, stage = rehearsal.outputs["rest_api_id"], rehearsal.outputs["stage"]
    call = f"arn:aws:execute-api:{emulator.REGION}:{emulator.ACCOUNT}:{api}/{stage}/GET/health"
    allowed = [
        statement["Condition"]["ArnLike"]["AWS:SourceArn"]
        for statement in json.loads(policy)["Statement"]
        if statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
    ]
    if not any(fnmatchcase(call, pattern) for pattern in allowed):
        yield f"API Gateway may not call the function: {allowed} does not include {api}"


def missing_module(rehearsal: Rehearsal) -> Iterator[str]:
    """Start what was uploaded with nothing else to import from: MiniStack lends its own."""
    function = rehearsal.aws.client("lambda").get_function(
        FunctionName=rehearsal.outputs["function_name"]
    )
    code = urllib3.request("GET", function["Code"]["Location"]).data
    with TemporaryDirectory() as folder:
        ZipFile(BytesIO(code)).extractall(folder)
        start = f"import sys; sys.path.insert(0, {folder!r}); import visits.handler"
        done = subprocess.run(  # noqa: S603 - the words are ours
            [sys.executable, "-I", "-S", "-c", start],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        yield f"the zip does not start: {done.stderr.splitlines()[-1]}"


def wrong_health(rehearsal: Rehearsal, sha256: str) -> Iterator[str]:
    answer = rehearsal.call("GET", "/health")
    if answer.status != HTTPStatus.OK:
        yield f"/health answers {answer.status}: {why(rehearsal)}"
    elif answer.json()["contract"] != sha256:
        yield "the function runs another contract than the gateway: the zip is stale"


def uncounted_visit(rehearsal: Rehearsal) -> Iterator[str]:
    answer = rehearsal.call("POST", f"/counters/smoke/visits?visitId={uuid4()}")
    if answer.status != HTTPStatus.CREATED:
        yield f"a visit is not counted, the answer is {answer.status}: {why(rehearsal)}"


def why(rehearsal: Rehearsal) -> str:
    """The function's own words: how its start failed, or the last error in its log."""
    name = rehearsal.outputs["function_name"]
    called = rehearsal.aws.client("lambda").invoke(
        FunctionName=name, Qualifier=rehearsal.outputs["alias"], Payload=b"{}"
    )
    told = json.loads(called["Payload"].read())
    if "Not a REST proxy event" not in str(told):
        return f"{told.get('errorType')}: {told.get('errorMessage')}"
    events = rehearsal.aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")
    errors = [event["message"] for event in events["events"] if '"ERROR"' in event["message"]]
    return errors[-1] if errors else "the function's log has no error"
