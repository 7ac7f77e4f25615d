"""A proxy in front of DynamoDB that makes a share of the calls fail, each in one of many ways.

It runs in a process of its own. The seed, the trace ID of the request, the operation and the number
of the call decide whether a call fails and how, so that the order in which calls arrive does not.
"""

import asyncio
import json
import re
import socket
import struct
import zlib
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from random import Random
from urllib.parse import urlsplit

from tests.trust.processes import CONTEXT

OUTAGES = 0.005  # of the requests, of which all calls fail
LATEST = 2.0  # seconds, of which a late call lands up to that many after its client gave up

NO_LINGER = struct.pack("ii", 1, 0)  # closing the socket then sends RST
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
# botocore sends the ID of the request that Lambda passes to the function.
TRACE = re.compile(rb"x-amzn-trace-id: *(.*?)\r\n", re.IGNORECASE)
OPERATION = re.compile(rb"x-amz-target: *DynamoDB_20120810\.(\w+)", re.IGNORECASE)


@dataclass
class Message:
    """An HTTP request or response."""

    head: bytes
    body: bytes

    @classmethod
    async def read(cls, reader: asyncio.StreamReader) -> "Message":
        head = await reader.readuntil(b"\r\n\r\n")
        return cls(head, await reader.readexactly(int(LENGTH.search(head)[1])))

    def __bytes__(self):
        return self.head + self.body

    @classmethod
    def response(cls, status, body, checksum=None):
        """Build a response of DynamoDB, with the CRC-32 of its body or another one."""
        lines = (
            f"HTTP/1.1 {status} -",
            "content-type: application/x-amz-json-1.0",
            f"content-length: {len(body)}",
            f"x-amz-crc32: {checksum or zlib.crc32(body)}",
        )
        return cls("\r\n".join([*lines, "", ""]).encode(), body)

    @property
    def status(self):
        return int(self.head.split(b" ", 2)[1])


class Call:
    """A call to DynamoDB, while its client waits."""

    def __init__(self, request, reader, writer, database):
        self.request = request
        self.random = Random()  # decides the details of a fault
        self._reader = reader
        self._writer = writer
        self._database = database

    async def apply(self):
        """Forward the call, and return DynamoDB's answer with the checksum that AWS sends."""
        answer = await self._database.call(self.request)
        return Message.response(answer.status, answer.body)

    async def answer(self, message):
        self._writer.write(bytes(message))
        await self._writer.drain()

    async def client_gives_up(self):
        """Return when the client has closed the connection."""
        await self._reader.read(1)

    def reset(self):
        self._writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER
        )
        self._writer.transport.abort()


def refusal(status, code, **fields):
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "Refused.", **fields}
    return Message.response(status, json.dumps(body).encode())


async def lost_answer(call):
    await call.apply()
    await call.client_gives_up()


async def late_request(call):
    await call.client_gives_up()
    await asyncio.sleep(call.random.uniform(0, LATEST))
    await call.apply()


async def reset_before(call):
    call.reset()


async def reset_after(call):
    """Send a part of the answer, or nothing, before the connection is reset."""
    answer = bytes(await call.apply())
    await call.answer(answer[: call.random.randrange(len(answer))])
    call.reset()


async def error_before(call):
    errors = (
        (400, "ThrottlingException"),
        (400, "ProvisionedThroughputExceededException"),
        (500, "InternalServerError"),
        (503, "ServiceUnavailable"),
    )
    await call.answer(refusal(*call.random.choice(errors)))


async def error_after(call):
    await call.apply()
    await call.answer(refusal(500, "InternalServerError"))


async def conflict(call):
    writes = len(json.loads(call.request.body)["TransactItems"])
    reasons = [{"Code": "None"} for _ in range(writes)]
    for position in call.random.sample(range(writes), call.random.randint(1, writes)):
        reasons[position] = {"Code": "TransactionConflict", "Message": "Refused."}
    await call.answer(
        refusal(400, "TransactionCanceledException", CancellationReasons=reasons)
        if call.random.random() < 0.8
        else refusal(400, "TransactionInProgressException")
    )


async def broken(call):
    """Change a byte of the body, or leave out its end. The checksum shows it."""
    answer = await call.apply()
    body, position = bytearray(answer.body), call.random.randrange(len(answer.body))
    body[position] ^= 1
    if call.random.random() < 0.5:
        del body[position:]
    await call.answer(Message.response(answer.status, bytes(body), zlib.crc32(answer.body)))


FAULTS = {
    "applied, and its answer lost": lost_answer,
    "applied after the client gave up": late_request,
    "connection reset before": reset_before,
    "applied, then connection reset": reset_after,
    "throttled, or answer 500 or 503": error_before,
    "applied, then answer 500": error_after,
    "transaction conflict": conflict,
    "answer broken": broken,
}
OUTAGE = "outage"


class Database:
    """The real DynamoDB, over connections that are kept open."""

    def __init__(self, url):
        address = urlsplit(url)
        self._address = address.hostname, address.port
        self._idle = []

    async def call(self, request):
        self._idle = [each for each in self._idle if not each[0].at_eof()]
        reader, writer = (
            self._idle.pop() if self._idle else await asyncio.open_connection(*self._address)
        )
        writer.write(bytes(request))
        answer = await Message.read(reader)
        self._idle.append((reader, writer))
        return answer


class Proxy:
    """Counts the calls, and the faults by kind."""

    def __init__(self, url, seed, share):
        self.figures = Counter()
        self._database = Database(url)
        self._seed = seed
        self._share = share
        self._numbers = Counter()  # of the calls so far, by request and operation
        self._running = set()

    async def serve(self, reader, writer):
        """Answer the calls of one connection."""
        self._running.add(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while not writer.is_closing():
                request = await Message.read(reader)
                await self._meet(Call(request, reader, writer, self._database))
        writer.close()
        self._running.discard(asyncio.current_task())

    async def _meet(self, call):
        self.figures["calls"] += 1
        kind, call.random = self.choose(call.request.head)
        if kind:
            self.figures[kind] += 1
            await (error_before if kind == OUTAGE else FAULTS[kind])(call)
        else:
            await call.answer(await call.apply())

    def choose(self, head):
        """Return the kind of fault that a call meets, or None, and what decides its details."""
        traced, operation = TRACE.search(head), OPERATION.search(head)[1].decode()
        trace = traced[1].decode() if traced else ""
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

    async def drained(self):
        """Return when all late calls have landed. All clients must have ended."""
        await asyncio.gather(*self._running)


def main(pipe: Connection, url, seed, share):
    async def run():
        proxy = Proxy(url, seed, share)
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
        pipe.send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await asyncio.to_thread(pipe.poll, None)  # until the parent ends it, or itself
        server.close()
        await proxy.drained()
        pipe.send(proxy.figures)

    with suppress(KeyboardInterrupt, BrokenPipeError):
        asyncio.run(run())


class Running:
    """A running proxy."""

    def __init__(self, pipe):
        self._pipe = pipe
        self.url = pipe.recv()

    def finish(self):
        """Wait until all late calls have landed; return the numbers of calls and of each fault.

        All clients must have ended.
        """
        self._pipe.send("finish")
        return self._pipe.recv()


@contextmanager
def running(url, seed, share):
    """Run a proxy in front of the DynamoDB at a URL, in which a share of the calls fails."""
    pipe, far_end = CONTEXT.Pipe()
    process = CONTEXT.Process(target=main, args=(far_end, url, seed, share), daemon=True)
    process.start()
    far_end.close()
    try:
        yield Running(pipe)
    finally:
        pipe.close()
        process.join()
