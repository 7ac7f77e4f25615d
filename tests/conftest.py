"""Shared fixtures: the API behind the local gateway, on the local DynamoDB."""

import json
import os
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from openapi_core.templating.paths.exceptions import PathError
from openapi_schema_validator import OAS30ReadValidator
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, EnvironBuilder, TestResponse

from contract import generation, repository
from local import dynamodb, function
from local.gateway.app import Gateway
from openapi_handler.validators import MEDIA_TYPES, SchemaValidators
from tests.release.package.builds import Builds

SITE = "https://resume.example"
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"
ENVIRONMENT = {
    "TABLE_NAME": "visits",
    "SECRETS_TABLE_NAME": "visits-secrets",
    "COUNTERS": json.dumps({"resume": {}, "smoke": {}, "moved": {"visits": 1000, "visitors": 700}}),
    "ALLOWED_ORIGINS": SITE,
    "SHARDS": "4",
    "VISIT_CAP": "0",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a skipped test in CI: CI must install everything that the tests need."""
    report = yield
    skipped = call.excinfo and call.excinfo.errisinstance(pytest.skip.Exception)
    if os.environ.get("CI") and skipped:
        report.outcome = "failed"
        report.longrepr = f"This test was skipped in CI: {call.excinfo.value}"
    return report


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test the same environment, and a function without cached state."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    start_new_copy()


def start_new_copy() -> None:
    """Let a new copy of the function, without memory, handle the next request."""
    function.function.cache_clear()


@pytest.fixture(scope="session")
def exact_dynamodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the local DynamoDB. Unlike moto, it is exact under concurrency, and faster."""
    if "RUNNING_DYNAMODB" in os.environ:  # set by `make mutants`, which runs pytest many times
        yield os.environ["RUNNING_DYNAMODB"]
        return
    with dynamodb.running(tmp_path_factory.mktemp("dynamodb"), os.environ) as url:
        yield url


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Builds:
    """Zips that `make build` makes. All workers share them; each is built on first use."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "builds"
    folder.mkdir(exist_ok=True)
    return Builds(folder)


@pytest.fixture
def table(exact_dynamodb: str, monkeypatch: pytest.MonkeyPatch) -> "TableReader":
    """A new, empty table that the function uses, beside one for its secrets."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", exact_dynamodb)
    monkeypatch.setenv("TABLE_NAME", f"visits-{uuid4()}")
    monkeypatch.setenv("SECRETS_TABLE_NAME", f"{os.environ['TABLE_NAME']}-secrets")
    dynamodb.create_tables(os.environ)
    return TableReader(connect(exact_dynamodb), os.environ["TABLE_NAME"])


@cache
def connect(url: str) -> Any:
    """Return the one client of the tests, because creating one takes time."""
    return boto3.client("dynamodb", endpoint_url=url)


@dataclass
class TableReader:
    """Reads a table without the code of the function."""

    client: Any
    name: str

    def items(self, prefix: str = "") -> list[dict[str, Any]]:
        """Return the items whose partition key starts with a prefix."""
        items = self.client.scan(TableName=self.name)["Items"]
        return [item for item in items if item["pk"]["S"].startswith(prefix)]

    def secrets(self) -> dict[str, dict[str, Any]]:
        """Return the items of the table of the secrets by day."""
        items = self.client.scan(TableName=os.environ["SECRETS_TABLE_NAME"])["Items"]
        return {item["day"]["S"]: item for item in items}


@dataclass
class ApiClient:
    """A client of the API behind the local gateway.

    It validates every response against the contract with openapi-core's defaults, without the
    function's own validators.
    """

    at: datetime | None = None
    ip: str = "203.0.113.7"
    user_agent: str = PERSON

    def __post_init__(self) -> None:
        gateway = Gateway(generated(), self.function)
        self.client = Client(DispatcherMiddleware(NotFound(), {"/live": gateway}))

    def function(self, event: dict[str, Any], context: object) -> Any:
        if self.at:
            event["requestContext"]["requestTimeEpoch"] = int(self.at.timestamp() * 1000)
        return function.handle(event, context)

    def request(self, method: str, path: str, **options: Any) -> TestResponse:
        options["headers"] = {"User-Agent": self.user_agent, **options.get("headers", {})}
        options["environ_base"] = {"REMOTE_ADDR": self.ip}
        builder = EnvironBuilder(path=f"/live{path}", method=method, **options)
        response = self.client.open(builder)
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        self.check(builder, response)
        return response

    def check(self, builder: EnvironBuilder, response: TestResponse) -> None:
        request = WerkzeugOpenAPIRequest(builder.get_request())
        try:
            stock_openapi().validate_response(request, WerkzeugOpenAPIResponse(response))
        except PathError:  # the gateway answers for paths and methods outside the contract
            assert response.status_code in {404, 405, 415}

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.request("GET", path, **options)

    def visit(self, visit_id: str | None = None, counter: str = "resume", **options: Any) -> Any:
        query = {"visitId": visit_id or str(uuid4())}
        path = f"/counters/{counter}/visits"
        return self.request("POST", path, query_string=query, **options)

    def visits(self, counter: str = "resume") -> int:
        return int(self.get(f"/counters/{counter}").json["visits"])


@cache
def generated() -> dict[str, Any]:
    """Return the document for the gateway."""
    return generation.generate(repository.load().document)


@cache
def stock_openapi() -> OpenAPI:
    """Return openapi-core with its defaults, and the contract under the path of the stage."""
    expanded = generation.expand(repository.load().document)
    document = {**expanded, "servers": [{"url": "/live"}]}
    config = Config(
        spec_validator_cls=None,  # `make lint` validates it
        extra_media_type_deserializers=MEDIA_TYPES,
        schema_validators_factory=SchemaValidators(OAS30ReadValidator),  # the same, but faster
        # The schemas are open, but the function sends only documented fields.
        additional_properties_default_policy="forbid",
    )
    return OpenAPI.from_dict(document, config)


@pytest.fixture
def api(table: TableReader) -> ApiClient:
    return ApiClient()


def problem(response: TestResponse, status: int, name: str) -> Mapping[str, Any]:
    """Check that a response is this problem, and return its body."""
    assert response.content_type == "application/problem+json"
    assert (response.status_code, response.json["type"]) == (
        status,
        f"urn:problem-type:visits:{name}",
    )
    assert response.json["status"] == status
    return dict(response.json)


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """openapi.yaml, parsed."""
    return repository.read()[0]


@pytest.fixture(scope="session")
def zip_file(builds: Builds) -> Path:
    """The function's zip for this machine's platform."""
    return builds.host()
