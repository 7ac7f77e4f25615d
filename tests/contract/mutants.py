"""`make contract-mutants`: which changes of openapi.yaml does no check detect?

A mutant is the contract with one edit. It is caught if the linter finds it or one of TESTS fails.
`make contract-diff` does not count: it lists every change, but not which ones are mistakes.

LIMIT is the longest time in seconds. SEED chooses the order of the mutants, which is random.
"""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from math import inf
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic

import pytest

from contract import lint, repository
from local import dynamodb
from tests.contract.edits import Edit, edits

# The tests whose claims are about this contract. Those of the linter, the comparison and the
# validators only use it as material.
TESTS = [
    "tests/visits/test_contract.py",
    "tests/openapi_handler/test_slow_path.py",
    "tests/visits/test_promises.py",
    "tests/openapi_handler/test_fast_path.py::test_valid_messages_are_accepted",
    "tests/local/gateway/test_gateway.py",
    "tests/visits/test_operations.py",
]
OPTIONS = ["-qq", "--capture=no", "--no-summary", "--tb=no", "-p", "no:cacheprovider"]
OPTIONS += ["--override-ini=filterwarnings="]  # a fork of a process with threads is a warning
SECONDS_PER_MUTANT = 300  # an edit may make a test wait for ever
FORK, PROCESSES = get_context("fork"), os.cpu_count() or 1


@dataclass(frozen=True)
class Verdict:
    """What caught an edit: a rule of the linter or a test; None if nothing did."""

    edit: Edit
    caught_by: str | None


class MutationRun:
    """A pytest plugin that runs the collected tests with each edit, each time in a new fork.

    A fork has everything imported and collected, so an edit costs no more than the tests up to the
    first that fails.
    """

    def __init__(self, limit: float, seed: int) -> None:
        document, self.sha256 = repository.read()
        # The references are resolved, so of the components only the schemas are still used.
        self.document = document | {"components": {"schemas": document["components"]["schemas"]}}
        random = Random(seed)
        self.edits = list(edits(self.document, random))
        random.shuffle(self.edits)
        self.no_edit = Edit((), "no edit", self.document, everywhere=False)
        self.limit = limit
        self.control: Verdict | None = None
        self.verdicts: list[Verdict] = []
        self.failed: list[str] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge the contract without an edit and then, for the limit, with each edit."""
        [self.control] = self.judge_all([self.no_edit], session.items, inf)
        if not self.control.caught_by:
            end = monotonic() + self.limit
            self.verdicts = list(self.judge_all(self.edits, session.items, end))
        return True

    def judge_all(
        self, chosen: list[Edit], tests: list[pytest.Item], end: float
    ) -> Iterator[Verdict]:
        """Judge the edits in parallel. Begin none after the end."""
        waiting, running = iter(chosen), {}
        while True:
            for edit in islice(waiting, PROCESSES - len(running) if monotonic() < end else 0):
                receiver, sender = FORK.Pipe(duplex=False)
                FORK.Process(target=self.judge, args=(edit, tests, sender), daemon=True).start()
                sender.close()
                running[receiver] = edit
            if not running:
                return
            for receiver in connection.wait([*running]):
                yield Verdict(running.pop(receiver), received(receiver))

    def judge(self, edit: Edit, tests: list[pytest.Item], sender: Connection) -> None:
        """Lint the edited contract, then run the tests until one fails. Send what failed."""
        signal.alarm(SECONDS_PER_MUTANT)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.dup2(null, sys.stderr.fileno())
        mutant = edit.apply(self.document)
        for finding in lint.check(mutant):
            return sender.send(f"contract.lint: {finding.rule}")
        repository.read = lambda: (mutant, self.sha256)
        for test, following in pairwise([*tests, None]):
            test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
            if self.failed:
                return sender.send(self.failed[0])
        return sender.send(None)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember a test that fails."""
        if report.failed:
            self.failed.append(report.nodeid)


def received(receiver: Connection) -> str | None:
    """Return what a process sent before it ended."""
    try:
        return receiver.recv()
    except EOFError:
        return "its process ended with an exception, or took too long"


def verdicts(limit: float = inf, seed: int = 1) -> list[Verdict]:
    """Judge the mutants in a random order, and begin none after so many seconds.

    Raises:
        RuntimeError: a check fails without any edit.
    """
    run = MutationRun(limit, seed)
    with (
        TemporaryDirectory() as folder,
        dynamodb.running(Path(folder), os.environ) as os.environ["RUNNING_DYNAMODB"],
    ):
        pytest.main([*OPTIONS, *TESTS], [run])
    del os.environ["RUNNING_DYNAMODB"]
    if run.control is None or run.control.caught_by:
        raise RuntimeError(f"This fails without any edit: {run.control}")
    return run.verdicts


def main() -> None:
    """Print the mutants that nothing caught, and the score."""
    limit, seed = os.environ.get("LIMIT") or inf, os.environ.get("SEED") or 1
    judged = verdicts(float(limit), int(seed))
    survivors = [verdict for verdict in judged if not verdict.caught_by]
    for verdict in survivors:
        print(verdict.edit)
    caught = len(judged) - len(survivors)
    print(f"{caught} of {len(judged)} mutants of the contract caught ({caught / len(judged):.1%})")


if __name__ == "__main__":
    main()
