"""Imports the contract into a scratch API, and compares what AWS makes of it with what we expect.

Emulators accept more than AWS does, and no document says all that AWS does. So this asks AWS
itself: import, deployment, export and a few requests that need no Lambda function. It costs nothing
and takes about half a minute. The scratch API is deleted afterwards, whatever happens.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from time import monotonic, sleep
from typing import Any

import urllib3
from werkzeug.test import Client

from local.gateway.app import MAX_BODY, Gateway
from release import drift

STAGE = "trial"
READY_SECONDS = 60.0  # a new API answers 403 or not at all until it has spread
PLACEHOLDER = "${lambda_invoke_arn}"

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """A request that API Gateway answers without a function.

    Attributes:
        claim: what the request is about, for people.
        body_bytes: length of the body.
    """

    claim: str
    method: str
    path: str
    body_bytes: int = 0


@dataclass(frozen=True)
class Answer:
    """Status, compared headers (lower case) and body of a response; a problem is parsed."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Trial:
    """What was imported and what came back: a recording that can become a test fixture."""

    export: Document
    exchanges: list[tuple[Request, Answer, Answer]]

    def differences(self, document: Document) -> Iterator[str]:
        """Yield each difference between AWS and our expectation."""
        yield from drift.differences(document, self.export)
        for request, expected, actual in self.exchanges:
            for name, value in asdict(expected).items():
                if value != getattr(actual, name):
                    yield (
                        f"{request.claim} ({request.method} {request.path}): {name} is "
                        f"{getattr(actual, name)!r}, expected {value!r}"
                    )

    def recording(self) -> str:
        """The trial as JSON."""
        exchanges = [
            {"request": asdict(request), "expected": asdict(expected), "actual": asdict(actual)}
            for request, expected, actual in self.exchanges
        ]
        return json.dumps({"export": self.export, "exchanges": exchanges}, indent=1)


REQUESTS = (
    Request("preflight", "OPTIONS", "/counters/trial"),
    Request("method not allowed", "DELETE", "/counters/trial"),
    Request("HEAD", "HEAD", "/counters/trial"),
    Request("TRACE", "TRACE", "/counters/trial"),
    Request("unknown route", "GET", "/nowhere"),
    Request("trailing slash", "DELETE", "/counters/trial/"),
    Request("percent-encoded parameter", "DELETE", "/counters/tri%61l"),
    Request("missing parameter", "POST", "/counters/trial/visits"),
    Request("body over 10 MB", "DELETE", "/counters/trial", MAX_BODY + 1),
)


def run(client: Any, document: Document, invoke_arn: str, stage_url: Callable[[str], str]) -> Trial:
    """Import a document into a scratch API, export it and send the requests.

    Args:
        client: a boto3 client of API Gateway.
        document: the contract, with references resolved.
        invoke_arn: of any Lambda function; it need not exist.
        stage_url: returns the base URL of the stage of an API's id.

    Raises:
        ClientError: AWS refused the import. Its message says why.
    """
    body = json.dumps(document).replace(PLACEHOLDER, invoke_arn)
    with scratch_api(client) as api:
        client.put_rest_api(restApiId=api, mode="overwrite", failOnWarnings=True, body=body)
        client.create_deployment(restApiId=api, stageName=STAGE)
        export = drift.export(client, api, STAGE)
        url = stage_url(api)
        wait_until_ready(url)
        expect = local_gateway(document)
        return Trial(export, [(each, expect(each), send(url, each)) for each in REQUESTS])


@contextmanager
def scratch_api(client: Any) -> Iterator[str]:
    """Create an empty API, yield its id, and delete it."""
    description = "Scratch API of `make preflight`; delete it if it is still here."
    api = client.create_rest_api(
        name="visits-preflight",
        description=description,
        endpointConfiguration={"types": ["REGIONAL"]},
    )["id"]
    try:
        yield str(api)
    finally:
        client.delete_rest_api(restApiId=api)


def wait_until_ready(url: str) -> None:
    """Wait until the stage answers its first request as it should, or the time is up."""
    deadline = monotonic() + READY_SECONDS
    while monotonic() < deadline:
        with suppress(urllib3.exceptions.HTTPError):
            if send(url, REQUESTS[0]).status < 300:  # noqa: PLR2004 - successful
                return
        sleep(1)


def send(url: str, request: Request) -> Answer:
    response = urllib3.request(
        request.method,
        f"{url}{request.path}",
        body=b"x" * request.body_bytes or None,
        headers={"Origin": "https://preflight.example"},
        retries=False,
        timeout=60,
    )
    return answer(response.status, response.headers, response.data)


def local_gateway(document: Document) -> Callable[[Request], Answer]:
    """Return a function that answers requests as the local gateway does: our expectation."""

    def function(*_: Any) -> None:
        raise AssertionError("These requests need no function.")

    client = Client(Gateway(document, function))

    def expect(request: Request) -> Answer:
        response = client.open(
            request.path, method=request.method, data=b"x" * request.body_bytes or None
        )
        return answer(response.status_code, response.headers, response.data)

    return expect


def answer(status: int, headers: Any, body: bytes) -> Answer:
    compared = {
        name.lower(): value
        for name, value in headers.items()
        if name.lower() in {"allow", "content-type", "x-content-type-options"}
        or name.lower().startswith("access-control-")
    }
    try:
        content = json.loads(body)
    except ValueError:
        content = body.decode(errors="replace")
    return Answer(status, compared, content)
