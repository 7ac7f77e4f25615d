"""What the function spends on requests that are made to be expensive."""

import json
import subprocess
import sys
from time import thread_time

import pytest

from local import function
from release.package.__main__ import copy_function
from tests.conftest import SITE
from tests.visits.events import valid_event
from visits.counting import visitor
from visits.counting.table import Table

MOST = 40  # times the CPU of a usual visit; the most expensive request needs about 8
LONG = 10_000  # characters; API Gateway limits all headers together to 10,240 bytes
DAYS, VISIT = "readHistory", "recordVisit"
HEADERS, QUERY = "multiValueHeaders", "multiValueQueryStringParameters"
EXPENSIVE = {
    "user agent": (VISIT, {HEADERS: {"User-Agent": ["Spider" * (LONG // 6)]}}),
    "slashes as user agent": (VISIT, {HEADERS: {"User-Agent": ["/" * LONG]}}),
    "origin": (VISIT, {HEADERS: {"Origin": [f"{SITE}/" * (LONG // 22)]}}),
    "purpose": (VISIT, {HEADERS: {"Sec-Purpose": ["P" * LONG]}}),
    "headers": (VISIT, {HEADERS: {f"x-{n}": [""] for n in range(LONG // 5)}}),
    "visitId": (VISIT, {QUERY: {"visitId": ["9f0c1f7e-" * (LONG // 9)]}}),
    "parameters": (VISIT, {QUERY: {f"x{n}": ["1"] for n in range(LONG // 5)}}),
    "days": (DAYS, {QUERY: {"days": ["9" * 4_300]}}),  # Python's longest integer
    "counterId": (VISIT, {"pathParameters": {"counterId": "a-" * (LONG // 2)}}),
    # No operation has a body.
    "deep body": (VISIT, {"body": "[" * 2_000_000}),
    "base64 body": (VISIT, {"body": "A" * 5_000_000, "isBase64Encoded": True}),
}


@pytest.fixture
def usual(monkeypatch):
    """The CPU seconds of a usual visit. DynamoDB answers at once."""
    answer = {"Items": [], "Attributes": {"secret": {"B": bytes(32)}}}
    monkeypatch.setattr(Table, "_call", lambda *_, **__: answer)
    event = valid_event(VISIT)
    spent(event)  # imports and caches
    return spent(event)


def spent(event):
    """Return the CPU seconds of a request; the lowest of several, since machines are busy."""
    lowest = 60.0
    for _ in range(5):
        visitor.is_bot.cache_clear()
        began = thread_time()
        assert function.handle(event, None)["statusCode"] in {200, 201, 400, 403}
        lowest = min(lowest, thread_time() - began)
    return lowest


@pytest.mark.parametrize(("operation", "changes"), EXPENSIVE.values(), ids=EXPENSIVE)
def test_no_request_is_expensive(usual, operation, changes):
    """The longest header, parameter or body costs at most a few milliseconds of CPU."""
    event = valid_event(operation)
    for name, value in changes.items():
        event[name] = {**(event[name] or {}), **value} if isinstance(value, dict) else value
    assert spent(event) < MOST * usual


LOADED = """
import json, sys
sys.path.insert(0, sys.argv[1])
from visits.handler import handle
answers = [handle(json.loads(line), None) for line in sys.stdin]
print([answer["statusCode"] for answer in answers], *sys.modules)
"""


def test_a_valid_message_needs_no_openapi_core(tmp_path):
    """With the packed contract neither openapi-core nor a compiler or YAML is imported, which
    would double a cold start."""
    copy_function(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", LOADED, tmp_path],
        input=json.dumps(valid_event("readHealth")),
        capture_output=True,
        text=True,
        check=True,
    )
    status, modules = done.stdout.splitlines()[-1].split("]")
    assert status == "[200"
    assert not {"openapi_core", "jsonschema", "fastjsonschema", "yaml"} & set(modules.split())
