"""A DynamoDB stub on 127.0.0.1 that answers at once with answers recorded earlier.

While `upstream` is set, the stub passes each request on to a real DynamoDB and records the
answer. After that, it answers a request that it has seen with the same answer, and any other
request with the last successful answer to the same operation on the same table.
"""

import re
import zlib
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

TABLE = re.compile(rb'"TableName": *"([^"]+)"')

Answer = tuple[int, bytes]  # HTTP status and JSON


class Stub(ThreadingHTTPServer):
    """A running stub.

    Attributes:
        url: for AWS_ENDPOINT_URL_DYNAMODB.
        upstream: host and port of the DynamoDB from which answers are recorded, or None.
        requests: operation and JSON of every recorded request.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.upstream: str | None = None
        self.requests: list[tuple[str, bytes]] = []
        self.answers: dict[object, Answer] = {
            ("UpdateItem", b"visits"): (200, b'{"Attributes": {"visits": {"N": "41"}}}')
        }
        Thread(target=self.serve_forever, daemon=True).start()

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
        if response.status == HTTPStatus.OK:
            self.answers[kind(operation, body)] = answer
        return answer


def kind(operation: str, body: bytes) -> tuple[str, bytes]:
    """Return the operation of a request and the first table that it names."""
    table = TABLE.search(body)
    return operation, table[1] if table else b""


class Connection(BaseHTTPRequestHandler):
    """A connection that a client keeps open."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for each answer
    server: Stub

    def do_POST(self) -> None:
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, content = self.server.answer(operation, body, dict(self.headers))
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("x-amz-crc32", str(zlib.crc32(content)))
        self.send_header("x-amzn-RequestId", "STUB")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None: ...
