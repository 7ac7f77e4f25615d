"""Compares the function with openapi-core's defaults and with handlers that only call boto3.

`make benchmark` alternates between the candidates and prints medians of the ratios of their CPU
time, which depend less on the machine than the times do:

- the validation of a POST and its response, against openapi-core's defaults;
- a whole POST, against a handler that makes the same DynamoDB calls and one that makes a single
  UpdateItem, both without any validation;
- a new process up to its first response, from the zip, against the second of these handlers.
"""

import contextlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from random import getrandbits
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import boto3
from botocore import xform_name
from openapi_core import Config, OpenAPI
from werkzeug.test import EnvironBuilder

from local import dynamodb
from local.gateway.event import proxy_event
from release.build.__main__ import build
from visits import contract, handler
from visits.message import Request, Response
from visits.validators import MEDIA_TYPES

BLOCKS, CALLS, PROCESSES = 25, 40, 15
PATH = "/counters/{counterId}/visits"
RECEIPT = {
    "counterId": "resume",
    "visits": 1235,
    "visitors": 902,
    "today": {"date": "2026-11-22", "visits": 13, "visitors": 10},
    "counted": True,
}
ENVIRONMENT = {
    "TABLE_NAME": "visits",
    "COUNTERS": '{"resume": {}}',
    "ALLOWED_ORIGINS": "https://a.example",
    "SHARDS": "1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
}
UPDATE = {
    "TableName": "visits",
    "Key": {"pk": {"S": "raw"}, "sk": {"S": "0"}},
    "UpdateExpression": "ADD visits :one",
    "ExpressionAttributeValues": {":one": {"N": "1"}},
    "ReturnValues": "UPDATED_NEW",
}
OURS = """
from visits.handler import handle
"""
RAW = f"""
import json
import boto3
client = boto3.client("dynamodb")
def handle(event, context):
    answer = client.update_item(**{UPDATE!r})
    visits = int(answer["Attributes"]["visits"]["N"])
    return {{"statusCode": 201, "body": json.dumps({{"visits": visits}})}}
"""
PROCESS = """
import sys
sys.path[:0] = sys.argv[1:2]
{code}
import json, time
event = json.loads(sys.argv[2])
began = time.process_time()
assert handle(event, None)["statusCode"] == 201
print("FIRST", time.process_time() - began)
"""


def main() -> None:
    validation()
    with TemporaryDirectory() as name, dynamodb.running(Path(name), os.environ) as url:
        os.environ.update(ENVIRONMENT, AWS_ENDPOINT_URL_DYNAMODB=url)
        dynamodb.create_table("visits")
        warm()
        with contextlib.redirect_stdout(sys.stderr):
            build(host=True)
        ZipFile("build/visits-host.zip").extractall(Path(name, "task"))
        cold(Path(name, "task"))


def event() -> dict[str, Any]:
    """Return the event of a new visit by a new person."""
    builder = EnvironBuilder(
        method="POST",
        query_string={"visitId": str(uuid4())},
        headers={"Origin": "https://a.example", "User-Agent": "Mozilla/5.0 (X11) Firefox/140.0"},
        environ_base={"REMOTE_ADDR": str(IPv4Address(getrandbits(32)))},
    )
    return proxy_event(builder.get_request(), PATH, {"counterId": "resume"})


def validation() -> None:
    document, _ = contract.read()
    stock = OpenAPI.from_dict(document, Config(extra_media_type_deserializers=MEDIA_TYPES))
    loaded = contract.load()
    request, response = Request(event()), Response.json(201, RECEIPT)

    def default() -> None:
        stock.validate_request(request)
        stock.validate_response(request, response)

    def ours() -> None:
        loaded.check(request)
        assert not loaded.violations(request, response)

    compare("validation", {"openapi-core's defaults": default, "the function": ours}, CALLS)


def warm() -> None:
    """Compare whole requests. The database runs in another process."""
    client, calls = boto3.client("dynamodb"), []
    events = (each for _ in iter(int, 1) for each in [event()])

    def record(params: dict[str, Any], model: Any, **_: Any) -> None:
        calls.append((xform_name(model.name), without_conditions(params)))

    ours = handler.dependencies().dynamodb.meta.events
    handler.handle(next(events), None)  # the first visit of a day also makes the day's secret
    ours.register("provide-client-params.dynamodb", record)
    handler.handle(next(events), None)
    ours.unregister("provide-client-params.dynamodb", record)

    def same_calls() -> Any:
        json.dumps(RECEIPT)
        for name, params in calls:
            getattr(client, name)(**params)

    def one_call() -> Any:
        json.dumps(RECEIPT)
        client.update_item(**UPDATE)

    prepared = [event() for _ in range((BLOCKS + 1) * CALLS)]

    def function() -> None:
        with contextlib.redirect_stdout(None):
            handler.handle(prepared.pop(), None)

    names = " and ".join(name for name, _ in calls)
    compare(
        "a whole POST",
        {"the function": function, f"raw: {names}": same_calls, "raw: one update_item": one_call},
        CALLS,
    )


def without_conditions(value: Any) -> Any:
    """Return parameters whose Puts always succeed, and that no token makes a repetition."""
    if isinstance(value, list):
        return [without_conditions(each) for each in value]
    if not isinstance(value, dict):
        return value
    left_out = {"ClientRequestToken"}
    if "ConditionExpression" in value:
        left_out |= {"ConditionExpression"}
        if "Item" in value:
            left_out |= {"ExpressionAttributeNames", "ExpressionAttributeValues"}
    return {key: without_conditions(each) for key, each in value.items() if key not in left_out}


def cold(task: Path) -> None:
    """Compare new processes, which find only the packages of the zip."""
    environment = {
        **ENVIRONMENT,
        "AWS_ENDPOINT_URL_DYNAMODB": os.environ["AWS_ENDPOINT_URL_DYNAMODB"],
    }
    environment["AWS_LAMBDA_FUNCTION_NAME"] = "visits"  # initialise when imported
    first: dict[str, list[float]] = {"the function": [], "raw: one update_item": []}

    def run(name: str, code: str) -> None:
        done = subprocess.run(  # noqa: S603 - this Python
            [
                sys.executable,
                "-I",
                "-S",
                "-c",
                PROCESS.format(code=code),
                task,
                json.dumps(event()),
            ],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        first[name].append(float(done.stdout.split()[-1]))

    compare(
        "a new process",
        {
            "the function": lambda: run("the function", OURS),
            "raw: one update_item": lambda: run("raw: one update_item", RAW),
        },
        1,
        PROCESSES,
        resource.RUSAGE_CHILDREN,
    )
    ours, raw = first.values()
    print("its first request, after initialisation")
    report(list(zip(ours, raw, strict=True)), list(first))


def compare(
    title: str,
    candidates: dict[str, Callable[[], Any]],
    calls: int,
    blocks: int = BLOCKS,
    whose: int = resource.RUSAGE_SELF,
) -> None:
    """Print the CPU time of each candidate, and the ratio of the first one to each other."""
    print(title)
    for call in candidates.values():
        call()
    rows = [
        tuple(seconds(call, calls, whose) for call in candidates.values()) for _ in range(blocks)
    ]
    report(rows, list(candidates))


def report(rows: list[tuple[float, ...]], names: list[str]) -> None:
    columns = list(zip(*rows, strict=True))
    for name, column in zip(names, columns, strict=True):
        ratio = median(first / other for first, other in zip(columns[0], column, strict=True))
        print(f"  {name:45} {median(column) * 1e6:9.0f} us   first/this {ratio:7.2f}")


def seconds(call: Callable[[], Any], calls: int, whose: int) -> float:
    """Return the CPU time of one call in seconds, averaged over some."""
    began = resource.getrusage(whose)
    for _ in range(calls):
        call()
    ended = resource.getrusage(whose)
    return (ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime) / calls


if __name__ == "__main__":
    main()
