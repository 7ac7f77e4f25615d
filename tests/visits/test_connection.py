"""The function on a slow or broken connection to DynamoDB."""

import json
import os
import ssl
from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from http.server import ThreadingHTTPServer
from itertools import chain, repeat
from socket import socketpair
from threading import Event
from time import monotonic
from zlib import crc32

import pytest
from werkzeug.serving import make_ssl_devcert

from local import function
from tests import serving
from tests.conftest import problem, start_new_copy
from tests.exchange import Exchange
from visits import handler
from visits.counting import connection as dynamodb_connection
from visits.counting.connection import TimelyResponse

LONG = 60.0  # seconds that an answer takes; this machine may be slow
SOON = 15.0  # seconds; far below


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """The files of a certificate for `localhost` and of its key."""
    return make_ssl_devcert(str(tmp_path_factory.mktemp("tls") / "server"), host="localhost")


@pytest.fixture
def connection(api, monkeypatch, certificate):
    """The connection between the function and DynamoDB, encrypted as on AWS.

    `faults` contains what happens to the next requests of an operation. `calls` contains their
    parameters.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), Exchange)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.upstream = os.environ["AWS_ENDPOINT_URL_DYNAMODB"]
    server.faults = defaultdict(lambda: iter(()))
    server.calls = defaultdict(list)
    server.ended = Event()

    def fault_of(exchange):
        server.calls[exchange.operation].append(json.loads(exchange.body))
        return next(server.faults[exchange.operation], Exchange.answer)

    server.fault_of = fault_of
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"https://localhost:{server.server_port}")
    monkeypatch.setenv("AWS_CA_BUNDLE", certificate[0])
    limit(monkeypatch, answer=LONG, budget=LONG)
    with serving.running(server):
        yield server
        server.ended.set()


def limit(monkeypatch, *, answer, budget):
    """Set the seconds for an answer and for all calls of a request. The function, which gets a new
    connection, keeps its memory."""
    before = function.function().shared
    monkeypatch.setitem(dynamodb_connection.TIMEOUTS, "read_timeout", answer)
    monkeypatch.setattr(handler, "BUDGET", budget)
    start_new_copy()
    after = function.function()
    after.shared = replace(after.shared, memory=before.memory)


def silent(exchange):
    exchange.server.ended.wait(LONG)
    exchange.close_connection = True


def dripping_header(exchange):
    drip(exchange, b"HTTP/1.1 200 OK\r\nX-Drip: ")


def dripping_body(exchange):
    drip(exchange, b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{")


def drip(exchange, start):
    exchange.wfile.write(start)
    began = monotonic()
    while monotonic() < began + LONG and not exchange.server.ended.wait(0.1):
        exchange.wfile.write(b"x")


def throttled(exchange):
    exchange.refuse(400, "ThrottlingException")


@pytest.mark.parametrize(
    "faults",
    {
        "silent": repeat(silent),
        "dripping header": repeat(dripping_header),
        "dripping body": repeat(dripping_body),
        "throttled, then silent": chain(repeat(throttled, 3), repeat(silent)),
    }.items(),
    ids=lambda item: item[0],
)
def test_no_answer_takes_longer_than_the_deadline(api, connection, monkeypatch, faults):
    """An answer that takes a minute is abandoned, and the client gets 503 with Retry-After."""
    limit(monkeypatch, answer=0.3, budget=0.5)
    connection.faults["TransactWriteItems"] = iter(faults[1])
    began = monotonic()
    response = api.visit()
    assert monotonic() - began < SOON
    problem(response, 503, "store-unavailable")
    assert response.headers["Retry-After"] == "1"


def test_no_call_begins_after_the_deadline(api, connection, monkeypatch):
    """If a call takes until the deadline, the request makes no other one."""
    api.visit()
    connection.calls.clear()
    limit(monkeypatch, answer=LONG, budget=0.2)

    def slow(exchange):
        exchange.server.ended.wait(0.4)
        exchange.answer()

    connection.faults["TransactWriteItems"] = repeat(slow)
    problem(api.visit(), 503, "store-unavailable")
    assert sum(map(len, connection.calls.values())) <= 1


def test_an_abandoned_attempt_counts_once(api, connection, monkeypatch):
    """An attempt that reaches DynamoDB after its repetition changes nothing."""
    api.visit()
    arrive, arrived = Event(), Event()

    def late(exchange):
        arrive.wait(LONG)
        exchange.forward()
        arrived.set()

    connection.calls.clear()
    connection.faults["TransactWriteItems"] = iter([late])
    limit(monkeypatch, answer=0.3, budget=LONG)
    assert api.visit().json["visits"] == 2
    arrive.set()
    assert arrived.wait(LONG)
    assert len({call["ClientRequestToken"] for call in connection.calls["TransactWriteItems"]}) == 1
    assert api.visits() == 2


BROKEN = {
    "wrong checksum": lambda status, _, body: (status, {"x-amz-crc32": 1}, body),
    "no checksum": lambda status, _, body: (status, {"x-amz-crc32": "none"}, body),
    "changed": lambda status, headers, body: (status, headers, body.replace(b"{", b'{"N":"1",', 1)),
    "cut off": lambda status, _, body: (status, {}, body[:-1]),
    "empty": lambda status, _, body: (status, {}, b""),
    "not UTF-8": lambda status, _, body: (status, {}, b'{"message": "\xff"}'),
    "not an object": lambda status, _, body: (status, {}, b"[]"),
    "deep": lambda status, _, body: (status, {}, b"[" * 100_000),
    "not JSON": lambda status, _, body: (status, {}, b"<html>"),
    "an error's status alone": lambda status, _, body: (429, {}, b'{"message": "Wait."}'),
    "an error's body alone": lambda status, _, body: (200, {}, b'{"__type": "Internal"}'),
    "another status": lambda status, _, body: (204, {}, b""),
}


def broken(change, *, error=False):
    """Return a fault that changes DynamoDB's answer, or an error that would not be retried."""

    def fault(exchange):
        answer = exchange.forward()
        if error:
            body = b'{"__type": "ResourceNotFoundException"}'
            answer = 400, {"x-amz-crc32": crc32(body)}, body
        exchange.send(*change(*answer))

    return fault


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_an_answer_that_arrives_broken_is_repeated(api, connection, monkeypatch, change):
    """A call is repeated under the same token if its answer cannot be read, success or error."""
    api.visit()
    connection.calls.clear()
    for operation in ("TransactWriteItems", "Query"):
        connection.faults[operation] = iter([broken(change), broken(change, error=True)])
    response = api.visit()
    assert (response.status_code, response.json["visits"]) == (201, 2)
    assert [len(calls) for calls in connection.calls.values()] == [3, 3]
    assert len({call["ClientRequestToken"] for call in connection.calls["TransactWriteItems"]}) == 1


def test_each_read_waits_only_for_the_time_that_is_left():
    """An answer that stops half-way does not get the whole time-out again."""
    ours, theirs = socketpair()
    with ours, theirs:
        ours.settimeout(LONG)
        with closing(TimelyResponse(ours)) as response:
            theirs.send(b"HTTP/1.1 200 OK\r\n\r\n")
            response.begin()
            assert ours.gettimeout() < LONG
