"""Broken HTTP gets an error of the contract, or the connection is closed."""

import json
import socket
from contextlib import closing, suppress
from urllib.parse import urlsplit

import pytest
import urllib3

from contract import repository
from local.gateway.app import Gateway
from tests.serving import serving

POST = b"POST /counters/resume/visits?visitId=x HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LONG = b"x" * 70_000
CLOSED = None

# Each client sends these bytes and nothing after them. The gateway answers with this status.
CASES: dict[str, tuple[bytes, int | None]] = {
    "chunk size that is no number": (CHUNKED + b"xyz\r\n", 400),
    "chunk longer than its size": (CHUNKED + b"1\r\nabc\r\n0\r\n\r\n", 400),
    "chunk of nearly 16 EiB": (CHUNKED + b"f" * 15 + b"\r\nabc", 400),
    "body shorter than Content-Length": (POST + b"Content-Length: 9\r\n\r\nabc", 400),
    "URL that is too long": (b"GET /" + LONG + b" HTTP/1.1\r\n\r\n", CLOSED),
    "header that is too long": (POST + b"X: " + LONG + b"\r\n\r\n", CLOSED),
    "too many headers": (POST + b"X: x\r\n" * 200 + b"\r\n", CLOSED),
    "header without a colon": (POST + b"nothing\r\n\r\n", CLOSED),
    "NUL in the URL": (b"GET /a\0b HTTP/1.1\r\n\r\n", CLOSED),
    "HTTP/0.9": (b"GET /health\r\n\r\n", CLOSED),
    "preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", CLOSED),
    "NUL in a header": (POST + b"X: a\0b\r\n\r\n", CLOSED),
    "encoded NUL in the URL": (b"GET /a%00b HTTP/1.1\r\n\r\n", 404),
    "URL with half an IPv6 address": (b"GET http://[/ HTTP/1.1\r\n\r\n", CLOSED),
    "port that is no number": (b"GET http://a:b/ HTTP/1.1\r\n\r\n", 404),
    "TLS": (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n", CLOSED),
    "nothing": (b"", CLOSED),
}


@pytest.fixture(scope="module")
def url():
    def ok(_event, _context):
        return {"statusCode": 200, "body": "{}"}

    with serving(Gateway(repository.load().document, ok)) as served:
        yield served


@pytest.mark.parametrize("name", CASES)
def test_broken_http(url, name, capfd):
    """The answer is an error of the contract or none, and the next request succeeds."""
    sent, status = CASES[name]
    answer = send(url, sent)
    if status is CLOSED:
        assert answer == b""
    else:
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 %d" % status)
        assert b"Content-Type: application/problem+json" in head
        assert json.loads(body)["type"].startswith("urn:problem-type:visits:")
    assert capfd.readouterr().err == ""
    assert urllib3.request("GET", f"{url}/health", timeout=60).status == 200


def send(url, data):
    """Send bytes, then end the sending side of the connection, and return the answer."""
    answer = b""
    address = urlsplit(url)
    with closing(socket.create_connection((address.hostname, address.port), timeout=60)) as client:
        with suppress(OSError):  # the server has closed it already
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while part := client.recv(65536):
                answer += part
    return answer
