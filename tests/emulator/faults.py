"""Find the faults of a deployment, and describe them."""

import hashlib
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

from tests import emulator
from tests.emulator.import_api import ANY
from tests.emulator.stack import IMPORTED, Rehearsal


def find(rehearsal: Rehearsal) -> list[str]:
    """Return the faults of a deployment, one line each.

    Requests are sent only if its configuration has no fault, which would explain their failure.
    """
    document = json.loads((rehearsal.folder / IMPORTED).read_text("utf-8"))
    sha256 = hashlib.sha256((rehearsal.folder / "openapi.yaml").read_bytes()).hexdigest()
    found = [*missing_routes(rehearsal, document), *missing_permission(rehearsal)]
    found += missing_module(rehearsal)
    return found or [*wrong_health(rehearsal, sha256)] or [*uncounted_visit(rehearsal)]


def missing_routes(rehearsal: Rehearsal, document: Mapping[str, Any]) -> Iterator[str]:
    resources = rehearsal.aws.client("apigateway").get_resources(
        restApiId=rehearsal.outputs["rest_api_id"], embed=["methods"], limit=500
    )["items"]
    deployed = {
        (each["path"], verb) for each in resources for verb in each.get("resourceMethods", {})
    }
    for path, item in document["paths"].items():
        for method in item:
            verb = "ANY" if method == ANY else method.upper()
            if (path, verb) not in deployed:
                yield f"{verb} {path} is missing: the body was not redeployed"


def missing_permission(rehearsal: Rehearsal) -> Iterator[str]:
    policy = rehearsal.aws.client("lambda").get_policy(
        FunctionName=rehearsal.outputs["function_name"], Qualifier=rehearsal.outputs["alias"]
    )["Policy"]
    api, stage = rehearsal.outputs["rest_api_id"], rehearsal.outputs["stage"]
    caller = f"arn:aws:execute-api:{emulator.REGION}:{emulator.ACCOUNT}:{api}/{stage}/GET/health"
    allowed = [
        statement["Condition"]["ArnLike"]["AWS:SourceArn"]
        for statement in json.loads(policy)["Statement"]
        if statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
    ]
    if not any(fnmatchcase(caller, pattern) for pattern in allowed):
        yield f"API Gateway may not invoke the function: {allowed} does not include {api}"


def missing_module(rehearsal: Rehearsal) -> Iterator[str]:
    """Import the handler from the uploaded zip alone. MiniStack would add its own packages."""
    function = rehearsal.aws.client("lambda").get_function(
        FunctionName=rehearsal.outputs["function_name"]
    )
    code = urllib3.request("GET", function["Code"]["Location"]).data
    with TemporaryDirectory() as folder:
        ZipFile(BytesIO(code)).extractall(folder)
        script = f"import sys; sys.path.insert(0, {folder!r}); import visits.handler"
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", script],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        yield f"the handler cannot be imported: {done.stderr.splitlines()[-1]}"


def wrong_health(rehearsal: Rehearsal, sha256: str) -> Iterator[str]:
    response = rehearsal.call("GET", "/health")
    if response.status != HTTPStatus.OK:
        yield f"/health returns {response.status}: {cause(rehearsal)}"
    elif response.json()["contract"] != sha256:
        yield "the function and API Gateway have different contracts: the zip is out of date"


def uncounted_visit(rehearsal: Rehearsal) -> Iterator[str]:
    response = rehearsal.call("POST", f"/counters/smoke/visits?visitId={uuid4()}")
    if response.status != HTTPStatus.CREATED:
        yield f"a visit is not counted, status {response.status}: {cause(rehearsal)}"


def cause(rehearsal: Rehearsal) -> str:
    """Return the error that the function fails with on import, or the last error in its log."""
    name = rehearsal.outputs["function_name"]
    response = rehearsal.aws.client("lambda").invoke(
        FunctionName=name, Qualifier=rehearsal.outputs["alias"], Payload=b"{}"
    )
    error = json.loads(response["Payload"].read())
    if "Not a REST proxy event" not in str(error):
        return f"{error.get('errorType')}: {error.get('errorMessage')}"
    events = rehearsal.aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")
    errors = [event["message"] for event in events["events"] if '"ERROR"' in event["message"]]
    return errors[-1] if errors else "the function's log contains no error"
