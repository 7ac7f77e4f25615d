"""Compare the function with boto3 alone and with openapi-core's defaults: `make bench`.

Each candidate records a visit in a process of its own, with the same Python and the same versions
of packages, and calls a stub of DynamoDB on 127.0.0.1 that answers at once. A ratio is a median of
pairs that ran one after the other, in CPU time of the candidate's process.
"""

import json
import os
import platform
import resource
import subprocess
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch
from uuid import UUID
from zipfile import ZipFile

from botocore import xform_name
from openapi_core import Config, OpenAPI
from werkzeug.test import EnvironBuilder

from benchmarks.stub import Stub
from contract import repository
from contract.repository import ROOT
from local import dynamodb
from local.__main__ import function_environment
from local.gateway.event import proxy_event
from openapi_handler.messages import Request, Response
from openapi_handler.validators import MEDIA_TYPES

ZIP = ROOT / "build" / "visits-host.zip"
PORT = 8000
ROUTE = "/counters/{counterId}/visits"
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
COLD_ROUNDS, WARM_ROUNDS, CALLS = 9, 25, 20
RECORDED = 60  # visits; with fewer, shards may be missing
RECEIPT = {
    "counterId": "resume",
    "visits": 1235,
    "visitors": 902,
    "today": {"date": "2026-11-22", "visits": 13, "visitors": 10},
    "counted": True,
}

Event = dict[str, Any]


class Candidate(NamedTuple):
    """A way to write the handler.

    Attributes:
        module: has the function `handle`.
        store: which calls it makes; see benchmarks/peers/store.py.
    """

    title: str
    module: str
    store: str = ""


ONE = Candidate("boto3 alone, one UpdateItem", "benchmarks.peers.raw", "one")
SAME = Candidate("boto3 alone, the function's calls", "benchmarks.peers.raw", "same")
FUNCTION = Candidate("this function", "visits.handler")
STOCK = Candidate("openapi-core's defaults", "benchmarks.peers.openapi_core", "same")
WARM_GOAL, COLD_GOAL, VALIDATION_GOAL = 1.05, 1.00, 40


class Rig:
    """The stub, the environment of all candidates, and the visits that they get.

    Args:
        folder: an empty folder for the unpacked zip and what is recorded.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._visits, self._stub = folder, visits(), Stub()
        document, recording = folder / "contract.json", folder / "recording.json"
        paths = repository.read()[0]["paths"]
        visit_only = {**repository.read()[0], "paths": {ROUTE: {"post": paths[ROUTE]["post"]}}}
        document.write_text(json.dumps(visit_only))
        with ZipFile(ZIP) as archive:
            archive.extractall(folder / "zip")
        self._environment = {
            **function_environment(PORT),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL_DYNAMODB": self._stub.url,
            "AWS_LAMBDA_FUNCTION_NAME": "visits",  # the function builds all before the first event
            "no_proxy": "127.0.0.1",
            "CONTRACT": str(document),
            "RECORDING": str(recording),
        }
        recording.write_text(json.dumps(self._record()))

    def _record(self) -> dict[str, list[tuple[str, Any]]]:
        """Return the calls of the function on MiniStack, for the candidates that repeat them."""
        calls, data = {}, self._folder / "dynamodb"
        data.mkdir()
        with dynamodb.running(data, os.environ) as url:
            with patch.dict(os.environ, self._environment):
                dynamodb.create_tables(self._environment, url)
            self._stub.upstream = url.removeprefix("http://")
            with self.worker(FUNCTION) as send:
                for name, number in (("first", 1), ("unused", RECORDED), ("later", 1)):
                    self._stub.requests.clear()
                    send(number)
                    calls[name] = [
                        (xform_name(operation), json.loads(body))
                        for operation, body in self._stub.requests
                    ]
            self._stub.upstream = None
        return calls

    @contextmanager
    def worker(self, candidate: Candidate) -> Iterator[Callable[[int], dict[str, float]]]:
        """Start a process and yield a function that sends it visits. See benchmarks/worker.py."""
        packages = self._folder / "zip"
        if candidate is not FUNCTION:
            packages = Path(sysconfig.get_path("purelib"))
        log = self._folder / "worker.log"
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-S", "-P", ROOT / "benchmarks" / "worker.py", candidate.module],
            env={
                **self._environment,
                "STORE": candidate.store,
                "PYTHONPATH": f"{packages}{os.pathsep}{ROOT}",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("w"),
            text=True,
        )
        assert process.stdin
        assert process.stdout
        commands, replies = process.stdin, process.stdout

        def send(number: int) -> dict[str, float]:
            commands.write(json.dumps([next(self._visits) for _ in range(number)]) + "\n")
            commands.flush()
            reply: dict[str, Any] = json.loads(replies.readline() or "{}")
            if set(reply.get("statuses", [0])) != {201}:
                raise RuntimeError(f"{candidate.title}: {reply}\n{log.read_text()}")
            return reply

        try:
            yield send
        finally:
            process.communicate()


def event(query: dict[str, str], address: str = "203.0.113.7") -> Event:
    """Return the proxy event of a visit at noon."""
    builder = EnvironBuilder(
        path=ROUTE.replace("{counterId}", "resume"),
        method="POST",
        query_string=query,
        headers={"Origin": f"http://127.0.0.1:{PORT}", "User-Agent": PERSON, "Accept": "*/*"},
        environ_base={"REMOTE_ADDR": address},
    )
    made = proxy_event(builder.get_request(), ROUTE, {"counterId": "resume"})
    made["requestContext"]["requestTimeEpoch"] = int(NOON.timestamp() * 1000)
    return made


def visits() -> Iterator[Event]:
    """Yield visits of different people."""
    for n in count(1):
        address = f"198.{18 + n // 65536}.{n // 256 % 256}.{n % 256}"
        yield event({"visitId": str(UUID(int=n, version=4))}, address)


def cold_ratio(rig: Rig, candidate: Candidate) -> float:
    """Return the CPU from the start of Python to the first answer, against boto3 alone."""

    def start(candidate: Candidate) -> float:
        with rig.worker(candidate) as send:
            return send(1)["process"]

    start(candidate)  # compiles the modules
    pairs = [(start(ONE), start(candidate)) for _ in range(COLD_ROUNDS)]
    return median(own / base for base, own in pairs)


def warm_ratios(rig: Rig, candidates: list[Candidate]) -> dict[Candidate, float]:
    """Return the CPU of a warm visit, against boto3 alone with the same calls."""
    ratios: dict[Candidate, list[float]] = defaultdict(list)
    with ExitStack() as stack:
        send = {each: stack.enter_context(rig.worker(each)) for each in (SAME, *candidates)}
        for warm_up in send.values():
            warm_up(CALLS)
        for _ in range(WARM_ROUNDS):
            for candidate in candidates:
                base = send[SAME](CALLS)["cpu"]
                ratios[candidate].append(send[candidate](CALLS)["cpu"] / base)
    return {candidate: median(found) for candidate, found in ratios.items()}


def validation_ratio() -> float:
    """Return how much faster a visit and its answer are validated than by openapi-core alone."""
    document, _ = repository.read()
    stock = OpenAPI.from_dict(document, Config(extra_media_type_deserializers=MEDIA_TYPES))
    loaded = repository.load()
    request = Request(event({"visitId": "550e8400-e29b-41d4-a716-446655440000"}))
    response = Response.json(201, RECEIPT)

    def defaults() -> None:
        stock.validate_request(request)
        stock.validate_response(request, response)

    def ours() -> None:
        loaded.check(request)
        assert not loaded.violations(request, response)

    for warm_up in (defaults, ours):
        warm_up()
    pairs = [(seconds(defaults), seconds(ours)) for _ in range(WARM_ROUNDS)]
    return median(theirs / own for theirs, own in pairs)


def seconds(call: Callable[[], None]) -> float:
    """Return the CPU time of some calls in seconds."""
    began = resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(CALLS):
        call()
    ended = resource.getrusage(resource.RUSAGE_SELF)
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime


def main() -> None:
    """Print the ratios; exit with 1 if one misses its goal."""
    now, machine = f"{datetime.now(UTC):%Y-%m-%d}", platform.machine()
    print(f"{now}, {os.cpu_count()} cores ({machine}), Python {platform.python_version()}\n")
    print("| handler | warm visit | start and first answer |\n| --- | ---: | ---: |")
    with TemporaryDirectory() as folder:
        rig = Rig(Path(folder))
        warm = warm_ratios(rig, [FUNCTION, STOCK]) | {SAME: 1}
        cold = {each: cold_ratio(rig, each) for each in (SAME, FUNCTION, STOCK)}
    for candidate in (SAME, FUNCTION, STOCK):
        print(f"| {candidate.title} | {warm[candidate]:.2f} | {cold[candidate]:.2f} |")
    faster = validation_ratio()
    print(f"\nValidation is {faster:.0f} times faster than with openapi-core's defaults.")
    goals = [
        (warm[FUNCTION] <= WARM_GOAL, f"a warm visit takes more than {WARM_GOAL}"),
        (cold[FUNCTION] <= COLD_GOAL, f"the start takes more than {COLD_GOAL}"),
        (faster >= VALIDATION_GOAL, f"validation is less than {VALIDATION_GOAL} times faster"),
    ]
    sys.exit("\n".join(f"Goal missed: {text}." for reached, text in goals if not reached) or None)


if __name__ == "__main__":
    main()
