"""A local AWS that Terraform can deploy to: MiniStack behind a proxy.

The proxy adds PutRestApi, and the limit for the body of a request to a stage. As on AWS, an
imported document takes effect only with the next deployment of the API.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import urllib3
from werkzeug.wrappers import Request, Response

from local import ministack
from local.gateway.app import METHODS, check_size
from local.gateway.responses import GatewayError, GatewayResponses
from tests.emulator import import_api
from tests.serving import serving

ACCOUNT, REGION = "123456789012", "eu-west-1"
ROOT_USER = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}
REFUSED = Response(
    '{"message": "Invalid OpenAPI input: attribute paths is missing"}',
    400,
    {"x-amzn-ErrorType": "BadRequestException"},
)


@dataclass(frozen=True)
class LocalAws:
    """The URLs of a running local AWS.

    Attributes:
        endpoint: URL of the proxy, for AWS_ENDPOINT_URL. It serves the APIs of all services.
        emulator_url: URL of MiniStack, which runs behind the proxy.
    """

    endpoint: str
    emulator_url: str

    def client(self, service: str) -> Any:
        """Return a boto3 client of a service, with the permissions of the root user."""
        session = boto3.Session("test", "test", region_name=REGION)
        return session.client(service, endpoint_url=self.endpoint)

    def reset(self) -> None:
        """Delete all resources."""
        urllib3.request("POST", f"{self.emulator_url}/_ministack/reset", timeout=60)

    def create_bucket(self, name: str) -> None:
        where = {"LocationConstraint": REGION}
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=where)

    def stage_url(self, api: str, stage: str) -> str:
        """Return the URL at which clients call a stage of a REST API."""
        return f"{self.endpoint}/_aws/execute-api/{api}/{stage}"


class Proxy:
    """A WSGI application that forwards requests to MiniStack, and adds what MiniStack lacks."""

    def __init__(self, emulator_url: str) -> None:
        self._emulator_url = emulator_url
        self._pool = urllib3.PoolManager()
        self._documents: dict[str, Any] = {}  # imported and not yet deployed, by API
        self._apigateway = LocalAws(emulator_url, emulator_url).client("apigateway")

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        match request.method, request.path.strip("/").split("/"):
            case "PUT", ["restapis", api]:
                document = json.loads(request.get_data())
                if "paths" in document:
                    self._documents[api] = document
                    environ |= {"REQUEST_METHOD": "GET", "QUERY_STRING": ""}
                    response = self._forward(Request(environ), b"")
                else:
                    response = REFUSED
            case "POST", ["restapis", api, "deployments"] if api in self._documents:
                import_api.put_rest_api(self._apigateway, api, self._documents.pop(api))
                response = self._forward(request, request.get_data())
            case "GET", ["restapis", _, "stages", _]:
                response = self._forward(request, b"")
                response.data = with_escaped_keys(response.data)
            case _, ["_aws", "execute-api", *_]:
                response = self._call_stage(request)
            case _:
                response = self._forward(request, request.get_data())
        return response(environ, start_response)

    def _call_stage(self, request: Request) -> Response:
        try:
            check_size(request)
        except GatewayError as error:
            return GatewayResponses({}).make(error)
        if request.method not in METHODS:  # MiniStack's ANY is every method; AWS's ANY is not
            stage = request.environ["REQUEST_URI"].split("/")[:5]
            environ = {"REQUEST_METHOD": "GET", "REQUEST_URI": "/".join([*stage, "unknown-route"])}
            return self._forward(Request({**request.environ, **environ}), b"")
        return self._forward(request, request.get_data())

    def _forward(self, request: Request, body: bytes) -> Response:
        return forward(self._pool, self._emulator_url, request, body)


def forward(pool: urllib3.PoolManager, endpoint: str, request: Request, body: bytes) -> Response:
    """Send a request to another server, and return its response."""
    framing = {"content-length", "transfer-encoding", "connection"}
    target = urlsplit(request.environ["REQUEST_URI"]).path
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    response = pool.urlopen(
        request.environ["REQUEST_METHOD"],
        f"{endpoint}{target}{query}",
        body=body,
        headers={name: value for name, value in request.headers if name.lower() not in framing},
        redirect=False,
    )
    headers = [pair for pair in response.headers.items() if pair[0].lower() not in framing]
    return Response(response.data, response.status, headers)


def with_escaped_keys(body: bytes) -> bytes:
    """Return a stage with the keys of its method settings as AWS writes them: `~1path/GET`."""
    stage = json.loads(body)
    stage["methodSettings"] = {
        "/".join([path.replace("/", "~1"), method]): settings
        for key, settings in stage.get("methodSettings", {}).items()
        for path, _, method in [key.rpartition("/")]
    }
    return json.dumps(stage).encode()


@contextmanager
def importing(emulator_url: str) -> Iterator[LocalAws]:
    """Serve the proxy in front of an emulator."""
    with serving(Proxy(emulator_url)) as endpoint:
        yield LocalAws(endpoint, emulator_url)


@contextmanager
def running(folder: Path) -> Iterator[LocalAws]:
    """Run a local AWS that enforces IAM policies, with its log in a folder."""
    settings = {
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",  # "1" would open another port
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
    }
    environment = {**os.environ, **ROOT_USER}
    with (
        ministack.running(folder, environment, settings) as emulator,
        importing(emulator.url) as aws,
    ):
        yield aws
