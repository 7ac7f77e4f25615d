"""What the function spends on requests that are made to be expensive."""

import base64
from time import thread_time

import pytest

from local import function
from tests.conftest import PERSON, SITE
from tests.visits.test_fuzz_events import valid_event
from visits.counting import visitor
from visits.counting.table import Table

MOST = 40  # times the CPU of a usual visit; the most expensive request needs about 8
LONG = 10_000  # characters; API Gateway limits all headers together to 10,240 bytes
DAYS = "GET /counters/{counterId}/history"
VISIT = "POST /counters/{counterId}/visits"
EXPENSIVE = {
    "user agent": (VISIT, "headers", {"User-Agent": "Spider" * (LONG // 6)}),
    "slashes as user agent": (VISIT, "headers", {"User-Agent": "/" * LONG}),
    "origin": (VISIT, "headers", {"Origin": f"{SITE}/" * (LONG // 22)}),
    "purpose": (VISIT, "headers", {"Sec-Purpose": "P" * LONG}),
    "headers": (VISIT, "headers", {f"x-{n}": "" for n in range(LONG // 5)}),
    "visitId": (VISIT, "queryStringParameters", {"visitId": "9f0c1f7e-" * (LONG // 9)}),
    "parameters": (VISIT, "queryStringParameters", {f"x{n}": "1" for n in range(LONG // 5)}),
    "days": (DAYS, "queryStringParameters", {"days": "9" * 4_300}),  # Python's longest integer
    "counterId": (VISIT, "pathParameters", {"counterId": "a-" * (LONG // 2)}),
}
BODIES = {
    "deep body": ("[" * 2_000_000, False),
    "base64 body": (base64.b64encode(bytes(4_000_000)).decode(), True),
}


@pytest.fixture
def usual(monkeypatch):
    """The CPU seconds of a usual visit. DynamoDB answers at once."""
    answer = {"Items": [], "Attributes": {"secret": {"B": bytes(32)}}}
    monkeypatch.setattr(Table, "_call", lambda *_, **__: answer)
    event = valid_event(VISIT)
    event["headers"]["User-Agent"] = PERSON
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


@pytest.mark.parametrize(("operation", "place", "values"), EXPENSIVE.values(), ids=EXPENSIVE)
def test_no_header_or_parameter_is_expensive(usual, operation, place, values):
    """The longest header or parameter costs at most a few milliseconds of CPU."""
    event = valid_event(operation)
    event[place] = {**(event[place] or {}), **values}
    assert spent(event) < MOST * usual


@pytest.mark.parametrize(("body", "encoded"), BODIES.values(), ids=BODIES)
def test_no_body_is_expensive(usual, body, encoded):
    """A body of megabytes costs nothing, because no operation has one."""
    event = valid_event(VISIT)
    event["headers"]["Content-Type"] = "application/json"
    event["body"], event["isBase64Encoded"] = body, encoded
    assert spent(event) < MOST * usual
