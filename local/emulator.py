"""A local AWS that Terraform can deploy to: MiniStack, and the one call it lacks.

What PutRestApi brings is served from the next deployment on, as on AWS: a body that was
not redeployed does not show.
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

from local import import_api, ministack
from local.serving import serving

ACCOUNT, REGION = "123456789012", "eu-west-1"
ROOT_USER = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}


@dataclass(frozen=True)
class LocalAws:
    """Where the local AWS is.

    Attributes:
        endpoint: the control plane of all services, for AWS_ENDPOINT_URL.
        emulator_url: the URL of MiniStack, which runs behind the endpoint.
    """

    endpoint: str
    emulator_url: str

    def client(self, service: str) -> Any:
        """A boto3 client of a service, with all permissions."""
        session = boto3.Session("test", "test", region_name=REGION)
        return session.client(service, endpoint_url=self.endpoint)

    def stage_url(self, api: str, stage: str) -> str:
        """The data plane of a stage: what people would call."""
        return f"{self.emulator_url}/_aws/execute-api/{api}/{stage}"


class Proxy:
    """A WSGI application that passes requests on to MiniStack, and does PutRestApi itself."""

    def __init__(self, emulator: str) -> None:
        self._emulator = emulator
        self._pool = urllib3.PoolManager()
        self._bodies: dict[str, Any] = {}
        self._apigateway = LocalAws(emulator, emulator).client("apigateway")

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        match request.method, request.path.strip("/").split("/"):
            case "PUT", ["restapis", api]:
                self._bodies[api] = json.loads(request.get_data())
                environ |= {"REQUEST_METHOD": "GET", "QUERY_STRING": ""}
                response = self._pass_on(Request(environ), b"")
            case "POST", ["restapis", api, "deployments"] if api in self._bodies:
                import_api.put_rest_api(self._apigateway, api, self._bodies.pop(api))
                response = self._pass_on(request, request.get_data())
            case _:
                response = self._pass_on(request, request.get_data())
        return response(environ, start_response)

    def _pass_on(self, request: Request, body: bytes) -> Response:
        target = urlsplit(request.environ["REQUEST_URI"]).path
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        headers = {name: value for name, value in request.headers if name != "Content-Length"}
        answer = self._pool.request(
            request.method, f"{self._emulator}{target}{query}", body=body, headers=headers
        )
        skip = {"content-length", "transfer-encoding", "connection"}
        passed = [
            (name, value) for name, value in answer.headers.items() if name.lower() not in skip
        ]
        return Response(answer.data, answer.status, passed)


@contextmanager
def importing(emulator: str) -> Iterator[LocalAws]:
    """Give an emulator its import."""
    with serving(Proxy(emulator)) as endpoint:
        yield LocalAws(endpoint, emulator)


@contextmanager
def running(folder: Path) -> Iterator[LocalAws]:
    """Run a local AWS that enforces IAM, with its log in a folder."""
    settings = {
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",  # would open a port of its own
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
    }
    environment = {**os.environ, **ROOT_USER}
    with ministack.running(folder, environment, **settings) as emulator, importing(emulator) as aws:
        yield aws
