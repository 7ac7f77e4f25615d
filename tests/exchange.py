"""A server between the function and DynamoDB, for tests that make its calls fail."""

import json
from contextlib import suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit
from zlib import crc32


class Exchange(BaseHTTPRequestHandler):
    """A call that is passed on to the DynamoDB at the server's `upstream`, unless it meets a fault.

    A fault is a function that gets the exchange.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self):
        with suppress(OSError):  # the function has closed the connection
            super().handle()

    def do_POST(self):
        self.operation = self.headers["X-Amz-Target"].partition(".")[2]
        length = int(self.headers["Content-Length"])
        self.body = self.rfile.read(length)
        if len(self.body) < length:  # the function was killed
            self.close_connection = True
            return
        self.server.fault_of(self)(self)

    def forward(self):
        """Return status, headers and body of DynamoDB's answer, with the checksum of AWS."""
        connection = HTTPConnection(urlsplit(self.server.upstream).netloc)
        connection.request("POST", "/", self.body, dict(self.headers))
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, {"x-amz-crc32": crc32(body)}, body

    def answer(self):
        self.send(*self.forward())

    def refuse(self, status, code, **fields):
        body = {
            "__type": f"com.amazonaws.dynamodb.v20120810#{code}",
            "message": "Refused.",
            **fields,
        }
        content = json.dumps(body).encode()
        self.send(status, {"x-amz-crc32": crc32(content)}, content)

    def send(self, status, headers, body):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_): ...
