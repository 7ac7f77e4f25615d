"""The connection to DynamoDB: each answer must arrive in time as a whole, and unchanged."""

import json
from http import HTTPStatus
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from time import monotonic
from typing import Any, cast
from zlib import crc32

import boto3
from botocore.awsrequest import AWSHTTPConnection, AWSHTTPSConnection
from botocore.config import Config

# In seconds; DynamoDB takes milliseconds. The first one limits each of connecting, the TLS
# handshake and sending; the other one the whole answer, see
# TimelyResponse. Nothing limits the look-up
# of the host name, which the first call makes and later calls only for a new connection.
TIMEOUTS = {"connect_timeout": 0.5, "read_timeout": 1.0}
LONGEST_ATTEMPT = 3 * TIMEOUTS["connect_timeout"] + TIMEOUTS["read_timeout"]


class Unreadable(Exception):
    """An answer did not arrive as DynamoDB sent it. The call may have succeeded."""


def connect() -> Any:
    """Return a boto3 client. Creating it takes longer than a request."""
    retries = {"mode": "standard", "total_max_attempts": 1}
    # botocore would build a user agent twice per call, and check what this package builds.
    fast = {"user_agent": "visits", "parameter_validation": False}
    client = boto3.client("dynamodb", config=Config(**TIMEOUTS, **fast, retries=retries))
    limit_answers(client)
    # This is work that botocore would otherwise do in the first request.
    client.generate_presigned_url("query")
    client.meta.service_model.shape_for_error_code("")
    client.exceptions.from_code("")
    "".encode("idna")  # imports the codec of host names
    return client


class Stream(RawIOBase):
    """What arrives on a socket. The socket's time-out is for all of it, not for each read."""

    def __init__(self, sock: socket, raw: RawIOBase) -> None:
        self._sock = sock
        self._raw = raw
        self._deadline = monotonic() + cast("float", sock.gettimeout())

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        seconds = self._deadline - monotonic()
        if seconds <= 0:
            raise TimeoutError
        self._sock.settimeout(seconds)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class TimelyResponse(HTTPResponse):
    """An HTTP response whose header and body share one time-out."""

    def __init__(self, sock: socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = BufferedReader(Stream(sock, self.fp.detach()))


def limit_answers(client: Any) -> None:
    """Make botocore's read time-out the limit for a whole answer, and check() each answer.

    By default that time-out is for each read, so an answer that arrives byte by byte takes any
    time; and botocore reads an answer that is cut off as one without content.
    """
    for connection in (AWSHTTPConnection, AWSHTTPSConnection):
        connection.response_class = TimelyResponse
    client.meta.events.register("before-parse.dynamodb", check)


def check(response_dict: dict[str, Any], **_: Any) -> None:
    """Raise Unreadable for an answer that arrived otherwise than DynamoDB sent it.

    DynamoDB sends the CRC-32 of the body. Emulators may not, so the form is checked as well:
    a JSON object, which has a `__type` if it is an error.
    """
    body, status = response_dict["body"], response_dict["status_code"]
    checksum = response_dict["headers"].get("x-amz-crc32")
    if checksum not in {None, str(crc32(body))}:
        raise Unreadable
    try:
        content = json.loads(body.decode())
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise Unreadable
    is_error = isinstance(content.get("__type"), str)
    if not (status >= HTTPStatus.BAD_REQUEST if is_error else status == HTTPStatus.OK):
        raise Unreadable
