"""Runs handlers in processes of their own, which all call one stub of DynamoDB."""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch
from uuid import UUID
from zipfile import ZipFile

from botocore import xform_name
from werkzeug.test import EnvironBuilder

from benchmarks.stub import Stub
from contract.repository import ROOT
from local import dynamodb
from local.__main__ import function_environment
from local.gateway.event import proxy_event

ZIP = ROOT / "build" / "visits-host.zip"
PORT = 8000
ROUTE = "/counters/{counterId}/visits"
ORIGIN = f"http://127.0.0.1:{PORT}"
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALLS = 20  # in one block
RECORDED = 60  # visits; with fewer, shards may be missing

Event = dict[str, Any]


class Candidate(NamedTuple):
    """A way to write the handler.

    Attributes:
        module: in benchmarks/peers/.
        packages: folder in .venv/peers/; empty for the function, whose zip contains all.
        store: which calls it makes, see benchmarks/peers/store.py.
    """

    title: str
    module: str
    packages: str = ""
    store: str = "same"


FUNCTION = Candidate("this function", "function")


def event(query: dict[str, str], counter: str = "resume", address: str = "203.0.113.7") -> Event:
    """Return the proxy event of a visit at noon."""
    builder = EnvironBuilder(
        path=f"/counters/{counter}/visits",
        method="POST",
        query_string=query,
        headers={"Origin": ORIGIN, "User-Agent": PERSON, "Accept": "*/*"},
        environ_base={"REMOTE_ADDR": address},
    )
    made = proxy_event(builder.get_request(), ROUTE, {"counterId": counter})
    made["requestContext"]["requestTimeEpoch"] = int(NOON.timestamp() * 1000)
    return made


def visits() -> Iterator[Event]:
    """Yield visits of different people."""
    for n in count(1):
        address = f"198.{18 + n // 65536}.{n // 256 % 256}.{n % 256}"
        yield event({"visitId": str(UUID(int=n, version=4))}, address=address)


class Worker:
    """A process that runs a candidate. See benchmarks/worker.py."""

    def __init__(self, candidate: Candidate, environment: dict[str, str], unpacked: Path) -> None:
        folders = [site_packages(name) for name in (candidate.packages, "raw") if name]
        path = [*folders, ROOT] if candidate.packages else [unpacked, ROOT]
        environment = {**environment, "STORE": candidate.store}
        self._log = unpacked.with_name(f"{candidate.module}.log")
        self._process = subprocess.Popen(  # noqa: S603
            [
                sys.executable,
                "-S",
                "-P",
                ROOT / "benchmarks" / "worker.py",
                f"benchmarks.peers.{candidate.module}",
            ],
            env={**environment, "PYTHONPATH": os.pathsep.join(map(str, path))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log.open("w"),
            text=True,
        )

    def send(self, events: list[Event], **environment: str) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        command = {"events": events, "environment": environment}
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(self._log.read_text())
        reply: dict[str, Any] = json.loads(line)
        return reply

    def visit(self, events: list[Event], **environment: str) -> dict[str, Any]:
        """Send visits, all of which must be counted."""
        reply = self.send(events, **environment)
        for answer in reply["answers"]:
            if answer["statusCode"] != 201:  # noqa: PLR2004
                raise RuntimeError(f"{self._log.read_text()}{self._log.stem}: {answer}")
        return reply

    def end(self) -> None:
        self._process.communicate()


class Rig:
    """The stub, the environment of all candidates, and the visits that they get.

    Args:
        folder: an empty folder for the unpacked zip and what is recorded.
    """

    def __init__(self, folder: Path) -> None:
        self._unpacked, self._data = folder / "zip", folder / "dynamodb"
        self._data.mkdir()
        self._visits = visits()
        self.stub = Stub()
        contract, self._recording = folder / "contract.json", folder / "recording.json"
        contract.write_text(json.dumps(visit_only()))
        with ZipFile(ZIP) as archive:
            archive.extractall(self._unpacked)
        self._environment = {
            **function_environment(PORT),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL_DYNAMODB": self.stub.url,
            "AWS_LAMBDA_FUNCTION_NAME": "visits",  # the function builds all before the first event
            "no_proxy": "127.0.0.1",
            "CONTRACT": str(contract),
            "RECORDING": str(self._recording),
        }

    def events(self, number: int = CALLS) -> list[Event]:
        return [next(self._visits) for _ in range(number)]

    @contextmanager
    def worker(self, candidate: Candidate) -> Iterator[Worker]:
        worker = Worker(candidate, self._environment, self._unpacked)
        try:
            yield worker
        finally:
            worker.end()

    @contextmanager
    def dynamodb(self) -> Iterator[None]:
        """Let the stub pass requests on to MiniStack's DynamoDB, and record its answers."""
        with dynamodb.running(self._data, os.environ) as url:
            with patch.dict(os.environ, self._environment):
                dynamodb.create_tables(self._environment, url)
            self.stub.upstream = url.removeprefix("http://")
            yield
            self.stub.upstream = None

    def record(self) -> None:
        """Record the calls of the function, for the candidates that repeat them."""
        calls = {}
        with self.dynamodb(), self.worker(FUNCTION) as worker:
            for name, number in (("first", 1), ("unused", RECORDED), ("later", 1)):
                self.stub.requests.clear()
                worker.visit(self.events(number))
                calls[name] = [
                    (xform_name(operation), json.loads(body))
                    for operation, body, _ in self.stub.requests
                ]
        self._recording.write_text(json.dumps(calls))


def visit_only() -> dict[str, Any]:
    """Return the contract that `make build` resolved, with the operation recordVisit alone."""
    contract: dict[str, Any] = json.loads(ZIP.with_suffix(".openapi.json").read_bytes())
    contract["paths"] = {ROUTE: {"post": contract["paths"][ROUTE]["post"]}}
    return contract


def site_packages(name: str) -> Path:
    """Return the folder with the packages of a peer."""
    prefix = str(ROOT / ".venv" / "peers" / name)
    return Path(sysconfig.get_path("purelib", vars={"base": prefix}))
