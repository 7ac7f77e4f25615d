"""Compare the function with other ways to write the same handler: `make bench`.

Each candidate in benchmarks/peers/ records a visit with the same DynamoDB calls, in a process and
with packages of its own. All run on the same Python, and all call the same stub on 127.0.0.1.
Ratios are medians of pairs that ran one after the other, in CPU time of the candidate's process.
"""

import os
import platform
import re
import sys
from collections import defaultdict
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID
from zipfile import ZipFile

from deflate import deflate_compress

from benchmarks import plot
from benchmarks.rig import FUNCTION, ZIP, Candidate, Rig, Worker, event, site_packages
from contract.repository import ROOT
from release.build import archive, budget

COLD_ROUNDS, WARM_ROUNDS = 9, 25
RESULTS = ROOT / "benchmarks" / "results"
TEMPLATE = ROOT / "benchmarks" / "bench.md.in"
README = ROOT / "README.md"
QUOTED = re.compile(r"(?s)(?<=<!-- written by make bench -->\n).*?(?=<!-- end -->)")

ONE = Candidate("boto3 alone, one UpdateItem", "raw", "raw", "one")
SAME = Candidate("boto3 alone", "raw", "raw")
PEERS = [
    Candidate("chalice", "chalice", "chalice"),
    Candidate("Powertools, pydantic", "powertools", "powertools"),
    Candidate("FastAPI, Mangum", "fastapi", "fastapi"),
    Candidate("connexion, Mangum", "connexion", "connexion"),
    Candidate("openapi-core", "openapi_core", "openapi-core"),
    Candidate("Flask, openapi-core", "flask", "flask"),
]
CANDIDATES = [ONE, SAME, FUNCTION, *PEERS]

# The highest ratio of the function in each column.
GOALS = {
    "same": (1.10, "CPU of a warm visit, against boto3 alone with the same calls"),
    "one": (1.90, "CPU of a warm visit, against boto3 alone with one UpdateItem"),
    "cold": (1.35, "CPU up to the first answer, against boto3 alone with one UpdateItem"),
    "first_same": (2.00, "CPU of the first request, against boto3 alone with the same calls"),
}

GOOD_ID = {"visitId": str(UUID(int=1, version=4))}
# Query parameters and counterId that the contract does not allow.
BAD_REQUESTS: dict[str, tuple[dict[str, str], str]] = {
    "no visitId": ({}, "resume"),
    "a visitId that is no UUID": ({"visitId": "550e8400-e29b-41d4-a716"}, "resume"),
    "a counterId with a capital": (GOOD_ID, "Resume"),
    "a counterId of 65 letters": (GOOD_ID, "a" * 65),
}
NOTHING, PART, ALL = "nothing", "a part", "request and response"

Numbers = dict[Candidate, dict[str, Any]]


def main() -> None:
    with TemporaryDirectory() as folder:
        rig = Rig(Path(folder))
        rig.record()
        numbers: Numbers = defaultdict(dict)
        measure_cold(rig, numbers)
        with ExitStack() as stack:
            workers = {each: stack.enter_context(rig.worker(each)) for each in CANDIDATES}
            measure_warm(rig, workers, numbers)
            for candidate in CANDIDATES:
                numbers[candidate] |= validates(rig, workers[candidate])
    for candidate in CANDIDATES:
        numbers[candidate]["zip"] = size(candidate)
    # Even boto3 alone needs more than twice the CPU when its first request makes these calls.
    numbers[FUNCTION]["first_same"] = numbers[FUNCTION]["first"] / numbers[SAME]["first"]
    missed = report(numbers)
    sys.exit("\n".join(missed) or None)


def measure_cold(rig: Rig, numbers: Numbers) -> None:
    """Start each candidate after boto3 alone with one UpdateItem, again and again."""

    def start(candidate: Candidate) -> dict[str, Any]:
        with rig.worker(candidate) as worker:
            return worker.visit(rig.events(1))

    for candidate in CANDIDATES:
        start(candidate)  # compiles benchmarks/peers/
    for candidate in CANDIDATES:
        print(f"cold: {candidate.title}", file=sys.stderr)
        pairs = [(start(ONE), start(candidate)) for _ in range(COLD_ROUNDS)]
        for column, measure in (("cold", "process"), ("first", "cpu")):
            numbers[candidate][column] = median(b[measure] / a[measure] for a, b in pairs)


def measure_warm(rig: Rig, workers: dict[Candidate, Worker], numbers: Numbers) -> None:
    """Send blocks of visits in turn to boto3 alone and to each candidate."""
    for worker in workers.values():
        worker.visit(rig.events())
    ratios: dict[Candidate, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    seconds: dict[Candidate, list[float]] = defaultdict(list)
    print("warm", file=sys.stderr)
    for _ in range(WARM_ROUNDS):
        for candidate in CANDIDATES:
            for base in (ONE, SAME):
                # boto3 alone and the function have one set of calls; the others have both.
                store = base.store if candidate in PEERS else candidate.store
                first = workers[base].visit(rig.events())
                second = workers[candidate].visit(rig.events(), STORE=store)
                ratios[candidate][base.store].append(second["cpu"] / first["cpu"])
                if store == candidate.store:
                    seconds[candidate] += second["seconds"]
    for candidate in CANDIDATES:
        percentiles = quantiles(seconds[candidate], n=100)
        numbers[candidate] |= {
            "same": median(ratios[candidate]["same"]),
            "one": median(ratios[candidate]["one"]),
            "p50": percentiles[49] * 1e6,
            "p99": percentiles[98] * 1e6,
        }


def validates(rig: Rig, worker: Worker) -> dict[str, str]:
    """Return what a candidate refuses: bad requests (4xx), and its own bad responses (any error).

    First the store answers with negative numbers, then a field of the response is missing.
    """
    replies = {
        name: worker.send([event(query, counter)])["answers"][0]["statusCode"]
        for name, (query, counter) in BAD_REQUESTS.items()
    }
    requests = {name: 400 <= status < 500 for name, status in replies.items()}  # noqa: PLR2004
    rig.stub.negative = True
    negative = worker.send(rig.events(1))["answers"][0]["statusCode"]
    rig.stub.negative = False
    missing = worker.send(rig.events(1), STORE_FORGETS="1")["answers"][0]["statusCode"]
    statuses = {"a negative count": negative, "a missing field": missing}
    responses = {name: status >= 400 for name, status in statuses.items()}  # noqa: PLR2004
    refused = [*requests.values(), *responses.values()]
    return {
        "request": described(requests, replies),
        "response": described(responses, statuses),
        "kind": ALL if all(refused) else PART if any(refused) else NOTHING,
    }


def described(refused: dict[str, bool], statuses: dict[str, int]) -> str:
    codes = ", ".join(map(str, sorted({statuses[name] for name in refused if refused[name]})))
    if all(refused.values()):
        return f"yes: {codes}"
    if not any(refused.values()):
        return "no"
    return f"{codes}, but not {' and '.join(name for name in refused if not refused[name])}"


def size(candidate: Candidate) -> float:
    """Return the MB of a deployed zip without boto3: sources and bytecode, as ours has them."""
    if not candidate.packages:
        parts = {info.filename: info.compress_size for info in ZipFile(ZIP).infolist()}
    else:
        folder = site_packages(candidate.packages)
        files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
        parts = {
            name: len(deflate_compress(path.read_bytes(), archive.LEVEL))
            for name, path in files.items()
            if path.is_file()
        }
    # pip makes the environment. six belongs to boto3 here and to a validator in the zip.
    left_out = budget.SDK | {"pip", "six"}
    return (
        sum(taken for name, taken in parts.items() if re.split(r"\W", name)[0] not in left_out)
        / budget.MB
    )


def report(numbers: Numbers) -> list[str]:
    """Write the table, the plot and the README's sentence; return which goals are missed."""
    machine = f"{os.cpu_count()} {platform.machine().replace('_', '-')} cores"
    note = f"{datetime.now(UTC):%Y-%m-%d}, {machine}, Python {platform.python_version()}"
    ours = numbers[FUNCTION]
    goals = [
        f"| {what} | {ours[column]:.2f} | {limit:.2f} |" for column, (limit, what) in GOALS.items()
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "bench.md").write_text(
        TEMPLATE.read_text().format(
            note=note, rows="\n".join(map(row, numbers.items())), goals="\n".join(goals)
        )
    )
    kinds = [ALL, PART, NOTHING]
    panels = ["CPU of a warm visit", "CPU of the start and first answer"]
    rows = [
        (
            each.title,
            kinds.index(numbers[each]["kind"]),
            (numbers[each]["same"], numbers[each]["cold"]),
        )
        for each in CANDIDATES[1:]
    ]
    rows.sort(key=lambda each: each[2][0])
    (RESULTS / "bench.svg").write_text(
        plot.bars(
            panels,
            rows,
            [f"validates {kind}" for kind in kinds],
            f"1 is boto3 alone; at the start, with one UpdateItem. {note}",
            FUNCTION.title,
        )
    )
    sentence = QUOTE.format(note=note, **ours, stock=numbers[PEERS[4]]["same"])
    README.write_text(QUOTED.sub(lambda _: sentence, README.read_text()))
    print((RESULTS / "bench.md").read_text())
    return [
        f"Goal missed: {what} is {ours[column]:.2f}, and may be {limit:.2f}."
        for column, (limit, what) in GOALS.items()
        if ours[column] > limit
    ]


def row(item: tuple[Candidate, dict[str, Any]]) -> str:
    candidate, number = item
    ratios = " | ".join(f"{number[column]:.2f}" for column in ("same", "one", "cold", "first"))
    times = f"{number['p50']:,.0f} | {number['p99']:,.0f} | {number['zip']:.2f}"
    return (
        f"| {candidate.title} | {ratios} | {times} | {number['request']} | {number['response']} |"
    )


QUOTE = """\
Measured on {note}: a warm visit takes {same:.2f} times the CPU of boto3 alone
with the same calls. With openapi-core's defaults it takes {stock:.2f} times.
"""

if __name__ == "__main__":
    main()
