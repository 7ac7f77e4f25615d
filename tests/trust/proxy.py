"""A proxy in front of DynamoDB that makes a share of the calls fail, each in one of many ways.

The seed, the trace ID of the request, the operation and the number of the call decide whether a
call fails and how, so that the order in which calls arrive does not.
"""

import json
import socket
import struct
from collections import Counter
from contextlib import contextmanager, suppress
from http.server import ThreadingHTTPServer
from random import Random
from time import sleep

from tests import serving
from tests.exchange import Exchange

OUTAGES = 0.005  # of the requests, of which all calls fail
LATEST = 2.0  # seconds, of which a late call lands up to that many after its client gave up
NO_LINGER = struct.pack("ii", 1, 0)  # closing the socket then sends RST


def wait_until_the_client_gives_up(exchange):
    with suppress(OSError):
        exchange.rfile.read(1)


def reset(exchange):
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    socket.close(exchange.connection.detach())
    exchange.close_connection = True


def lost_answer(exchange):
    exchange.forward()
    wait_until_the_client_gives_up(exchange)


def late_request(exchange):
    wait_until_the_client_gives_up(exchange)
    sleep(exchange.random.uniform(0, LATEST))
    exchange.forward()


def reset_after(exchange):
    """Send a part of the answer before the connection is reset."""
    status, headers, body = exchange.forward()
    part = body[: exchange.random.randrange(len(body))]
    exchange.send(status, {**headers, "Content-Length": len(body)}, part)
    reset(exchange)


def error_before(exchange):
    errors = (
        (400, "ThrottlingException"),
        (400, "ProvisionedThroughputExceededException"),
        (500, "InternalServerError"),
        (503, "ServiceUnavailable"),
    )
    exchange.refuse(*exchange.random.choice(errors))


def error_after(exchange):
    exchange.forward()
    exchange.refuse(500, "InternalServerError")


def conflict(exchange):
    writes = len(json.loads(exchange.body)["TransactItems"])
    reasons = [{"Code": "None"} for _ in range(writes)]
    for position in exchange.random.sample(range(writes), exchange.random.randint(1, writes)):
        reasons[position] = {"Code": "TransactionConflict", "Message": "Refused."}
    if exchange.random.random() < 0.8:
        exchange.refuse(400, "TransactionCanceledException", CancellationReasons=reasons)
    else:
        exchange.refuse(400, "TransactionInProgressException")


def broken(exchange):
    """Change a byte of the body, or leave out its end. The checksum shows it."""
    status, headers, body = exchange.forward()
    changed, position = bytearray(body), exchange.random.randrange(len(body))
    changed[position] ^= 1
    if exchange.random.random() < 0.5:
        del changed[position:]
    exchange.send(status, headers, bytes(changed))


FAULTS = {
    "applied, and its answer lost": lost_answer,
    "applied after the client gave up": late_request,
    "connection reset before": reset,
    "applied, then connection reset": reset_after,
    "throttled, or answer 500 or 503": error_before,
    "applied, then answer 500": error_after,
    "transaction conflict": conflict,
    "answer broken": broken,
}
OUTAGE = "outage"


class Proxy(ThreadingHTTPServer):
    """Makes calls fail, and counts them and the faults by kind."""

    daemon_threads = False  # closing the server waits until all late calls have landed
    request_queue_size = 128

    def __init__(self, upstream, seed, share, findings):
        super().__init__(("127.0.0.1", 0), Exchange)
        self.upstream = upstream
        self._seed = seed
        self._share = share
        self._findings = findings
        self._numbers = Counter()  # of the calls so far, by request and operation

    def fault_of(self, exchange):
        # botocore sends the ID of the request that Lambda passes to the function.
        trace = exchange.headers.get("X-Amzn-Trace-Id", "")
        kind, exchange.random = self.choose(trace, exchange.operation)
        self._findings.add("calls")
        if not kind:
            return Exchange.answer
        self._findings.add(kind)
        return error_before if kind == OUTAGE else FAULTS[kind]

    def choose(self, trace, operation):
        """Return the kind of fault that a call meets, or None, and what decides its details."""
        self._numbers[trace, operation] += 1
        random = Random(f"{self._seed} {trace} {operation} {self._numbers[trace, operation]}")
        if trace and Random(f"{self._seed} {trace}").random() < OUTAGES:
            return OUTAGE, random
        if random.random() >= self._share:
            return None, random
        kinds = [
            kind for kind in FAULTS if FAULTS[kind] != conflict or operation == "TransactWriteItems"
        ]
        return random.choice(kinds), random


@contextmanager
def running(upstream, seed, share, findings):
    """Run a proxy in front of a DynamoDB, in which a share of the calls fails, and yield its URL.

    All clients must have ended when the context ends.
    """
    with serving.running(Proxy(upstream, seed, share, findings)) as url:
        yield url
