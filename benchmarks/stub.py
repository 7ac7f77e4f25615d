"""A DynamoDB stub on 127.0.0.1 that answers at once with answers recorded earlier.

While `upstream` is set, the stub passes each request on to a real DynamoDB and records the
answer. After that, it answers a request that it has seen with the same answer, and any other
request with the last successful answer to the same operation on the same table.
"""

import asyncio
import re
import zlib
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from threading import Event, Thread

TARGET = re.compile(rb"(?i)x-amz-target: *DynamoDB_20120810\.(\w+)")
TABLE = re.compile(rb'"TableName": *"([^"]+)"')
LENGTH = re.compile(rb"(?i)content-length: *(\d+)")
HEADER = re.compile(r"(?m)^([\w-]+): *(.*?)\r?$")
REASONS = {status.value: text for status, (text, _) in BaseHTTPRequestHandler.responses.items()}

Answer = tuple[int, bytes]  # HTTP status and JSON


class Stub:
    """A running stub.

    Attributes:
        url: for AWS_ENDPOINT_URL_DYNAMODB.
        upstream: host and port of the DynamoDB from which answers are recorded, or None.
        requests: operation and JSON of every recorded request.
    """

    def __init__(self) -> None:
        self.upstream: str | None = None
        self.requests: list[tuple[str, bytes]] = []
        self.answers: dict[object, Answer] = {
            ("UpdateItem", b"visits"): (200, b'{"Attributes": {"visits": {"N": "41"}}}')
        }
        self._started = Event()
        Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._started.wait()

    async def _serve(self) -> None:
        server = await asyncio.get_running_loop().create_server(
            lambda: Connection(self), "127.0.0.1", 0
        )
        port = server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._started.set()
        await server.serve_forever()

    def answer(self, operation: str, body: bytes, headers: dict[str, str]) -> Answer:
        if self.upstream:
            answer = self._record(operation, body, headers)
            self.requests.append((operation, body))
            return answer
        missing = 400, b'{"__type": "ValidationException", "message": "This was not recorded."}'
        seen, similar = self.answers.get((operation, body)), self.answers.get(kind(operation, body))
        return seen or similar or missing

    def _record(self, operation: str, body: bytes, headers: dict[str, str]) -> Answer:
        connection = HTTPConnection(self.upstream or "")
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        self.answers[operation, body] = answer
        if response.status == 200:  # noqa: PLR2004
            self.answers[kind(operation, body)] = answer
        return answer


def kind(operation: str, body: bytes) -> tuple[str, bytes]:
    """Return the operation of a request and the first table that it names."""
    table = TABLE.search(body)
    return operation, table[1] if table else b""


class Connection(asyncio.Protocol):
    """A connection that a client keeps open."""

    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        target, length = TARGET.search(head), LENGTH.search(head)
        if not (end and target and length) or len(rest) < int(length[1]):
            return
        self._received = b""  # clients do not send the next request before the answer
        status, content = self._stub.answer(
            target[1].decode(), rest, dict(HEADER.findall(head.decode()))
        )
        self._transport.write(
            f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: application/x-amz-json-1.0\r\n"
            f"Content-Length: {len(content)}\r\nx-amz-crc32: {zlib.crc32(content)}\r\n"
            "x-amzn-RequestId: STUB\r\n\r\n".encode()
            + content
        )
