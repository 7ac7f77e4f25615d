"""The owner's commands while calls to DynamoDB fail, and while they are killed and doubled."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from random import Random
from time import sleep
from unittest import mock
from uuid import uuid4

import boto3

from local import dynamodb
from owner import __main__ as commands
from owner.ledger import Ledger
from release import totals
from tests.trust import proxy
from tests.trust.faults import ENVIRONMENT, FAULTY
from tests.trust.findings import Findings
from tests.trust.function import CONTEXT
from tests.trust.traffic import STARTING_VALUES
from visits.counting.counter import Counter
from visits.counting.memory import Memory
from visits.counting.table import Table
from visits.counting.visitor import Visitor
from visits.settings import DeclaredCounter

COUNTER = "resume"
START = DeclaredCounter(**STARTING_VALUES[COUNTER])
AT_ONCE = 4  # commands
KILLED = 0.5  # of the commands, within so many seconds
KILL_WITHIN = 1.0
MOST_ATTEMPTS = 30  # of one command
DAYS = 250  # of a file: three transactions
FIRST_DAY = date(2020, 1, 1)
ZERO = ("total wrong", "days wrong", "corrections lost", "corrections double", "never ended")


def command(name, variables, log):
    """Run a command of the owner's in this process. The question is answered with yes."""
    os.environ.update(variables)
    sys.stdin = StringIO("y\n")
    with Path(log).open("a", buffering=1) as file, redirect_stdout(file):
        try:
            commands.main(name)
        except SystemExit as error:
            print(error)
            sys.exit(1)


class Owner:
    """Repeats commands until they end without an error; a share of them is killed."""

    def __init__(self, folder, seed, url, ledger, findings):
        self._folder = folder
        self._seed = seed
        self._url = url
        self._ledger = ledger  # reads without faults
        self._findings = findings

    def import_file(self, number, twin=""):
        """Import a file, whose days overlap with those of the other files."""
        path = self._folder / f"{number}.csv"
        rows = [f"{day},{visits},0" for day, visits in days_of(number).items()]
        path.write_text("\n".join(["date,visits,visitors", *rows]))
        self._findings.add("imports")
        for attempt in range(MOST_ATTEMPTS):
            if self._run("import", f"import-{number}{twin}#{attempt}", FILE=str(path)):
                return
        self._findings.blame("never ended", path)

    def correct(self, number):
        """Correct the total. After an error the owner looks at the list before repeating it."""
        why = f"correction {number}"
        self._findings.add("corrections")
        for attempt in range(MOST_ATTEMPTS):
            if self._run("correct", f"correct-{number}#{attempt}", VISITS=str(-number), WHY=why):
                return
            sleep(proxy.LATEST + 0.5)  # a call of the command may be late
            if why in whys(self._ledger):
                return
        self._findings.blame("never ended", why)

    def _run(self, name, trace, **variables):
        random = Random(f"{self._seed} {trace}")
        variables |= {"AWS_ENDPOINT_URL_DYNAMODB": self._url, "COUNTER": COUNTER}
        # botocore sends it as on Lambda; see proxy.py
        variables |= {"AWS_LAMBDA_FUNCTION_NAME": "visits", "_X_AMZN_TRACE_ID": trace}
        arguments = (name, ENVIRONMENT | variables, self._folder / "owner.log")
        process = CONTEXT.Process(target=command, args=arguments, daemon=True)
        process.start()
        self._findings.add("commands started")
        kill = random.random() < KILLED
        process.join(random.uniform(0, KILL_WITHIN) if kill else None)
        if process.exitcode is None:
            process.kill()
            process.join()
            self._findings.add("commands killed")
        return process.exitcode == 0


def run(folder, seed, rounds):
    """Import and correct many times at once while visits are counted; return the findings."""
    findings, visits = Findings(), 20 * rounds
    with dynamodb.running(folder, os.environ) as url:
        with mock.patch.dict(os.environ, ENVIRONMENT):
            dynamodb.create_tables(ENVIRONMENT, url)
            client = boto3.client("dynamodb", endpoint_url=url)
        ledger = Ledger(client, ENVIRONMENT["TABLE_NAME"], {COUNTER: START})
        with (
            proxy.running(url, seed, FAULTY, findings) as faulty_url,
            ThreadPoolExecutor(AT_ONCE + 1) as threads,
        ):
            owner = Owner(folder, seed, faulty_url, ledger, findings)
            tasks = [threads.submit(visit, client, visits)]
            for number in range(1, rounds + 1):
                tasks += [
                    threads.submit(owner.import_file, number),
                    threads.submit(owner.import_file, number, "-twin"),
                    threads.submit(owner.correct, number),
                ]
            for task in tasks:
                task.result()
        compare(ledger, findings, rounds, visits)
    return findings


def compare(ledger, findings, rounds, visits):
    """Compare the table with what was imported, corrected and counted."""
    reading, files = ledger.read(COUNTER), range(1, rounds + 1)
    for day in {day for number in files for day in days_of(number)}:
        imported = reading.imported.get(day, {}).get("visits")
        if imported not in {days_of(number).get(day) for number in files} - {None}:
            findings.blame("days wrong", f"{day}: {imported}")
    found = whys(ledger)
    for number in files:
        times = found.count(f"correction {number}")
        if times != 1:
            findings.blame("corrections double" if times else "corrections lost", number)
    total = START.visits + visits - sum(files)
    total += sum(imported["visits"] for imported in reading.imported.values())
    if reading.total()["visits"] != total or any(totals.excess(reading.sums).values()):
        findings.blame("total wrong", f"{reading.total()} instead of {total}")


def whys(ledger):
    return [correction["why"] for correction in ledger.read(COUNTER).corrections.values()]


def days_of(number):
    """Return the visits by day of a file."""
    first = FIRST_DAY + timedelta(days=100 * number)
    return {(first + timedelta(days=n)).isoformat(): 1000 * number + n for n in range(DAYS)}


def visit(client, times):
    """Count visits, as the function does."""
    for number in range(times):
        table = Table(client, ENVIRONMENT["TABLE_NAME"], budget=60)
        counter = Counter(COUNTER, START, 4, 0, table, Memory(), datetime.now(UTC))
        assert counter.record(str(uuid4()), Visitor(f"network {number}", b"browser")) is None
        sleep(0.05)
