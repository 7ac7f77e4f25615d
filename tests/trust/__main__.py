"""`make trust`: fresh examples, faults and load, and exit code 1 if anything is wrong.

SEED chooses the visits, which calls fail and how, and which processes are killed.
"""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic

from contract.command import CommandError
from release.terraform import Terraform
from tests import emulator
from tests.emulator import stack as rehearsal
from tests.local import stack
from tests.release.package.builds import Builds
from tests.trust import faults, load, owner
from tests.trust.traffic import ORIGIN

VISITS, DAYS = 10_500, 5
ROUNDS = 8  # of the owner's commands


def main():
    try:
        Terraform().check()
    except CommandError as error:
        sys.exit(str(error))
    seed, began = chosen_seed(os.environ.get("SEED") or "1"), monotonic()
    folder = Path(mkdtemp(prefix="trust-"))
    print(f"SEED={seed}. Logs: {folder}", flush=True)
    wrong = [
        finding
        for part in (of_properties, under_faults, of_owner, on_local_stack, on_rehearsal)
        for finding in part(new(folder / part.__name__), seed)
    ]
    seconds = round(monotonic() - began)
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    print(f"\nSEED={seed}, {now}, {seconds // 60} min {seconds % 60} s")
    for finding in wrong[:50]:
        print(f"wrong: {finding}")
    if wrong:
        sys.exit(f"{len(wrong)} findings. Logs: {folder}. The same again: make trust SEED={seed}")
    shutil.rmtree(folder)


def chosen_seed(text):
    if not text.isdecimal():
        sys.exit(f"SEED must be a whole number, not {text!r}.")
    return int(text)


def new(folder):
    folder.mkdir()
    return folder


def of_properties(_folder, seed):
    """Run the property-based tests with examples of this seed, and return what is wrong."""
    heading("Property-based tests, with other examples than those of make test")
    tests = ["tests", "--ignore=tests/rehearsal", "-m=hypothesis", "--quiet"]
    examples = ["--hypothesis-profile=fresh", f"--hypothesis-seed={seed}"]
    done = subprocess.run([sys.executable, "-m", "pytest", *tests, *examples], check=False)
    return ["a property-based test failed; see its report above"] if done.returncode else []


def under_faults(folder, seed):
    """Print the figures of visits under faults and kills, and return what is wrong."""
    heading("Visits while DynamoDB fails and processes of the function are killed")
    findings = faults.run(folder, seed, VISITS, DAYS)
    show(findings, faults.ZERO)
    return findings.wrong


def of_owner(folder, seed):
    """Print the figures of the owner's commands under faults, and return what is wrong."""
    heading("The owner's commands while DynamoDB fails and they are killed")
    findings = owner.run(folder, seed, ROUNDS)
    show(findings, owner.ZERO)
    return findings.wrong


def on_local_stack(folder, _seed):
    """Print the figures of the load on the local stack, and return what is wrong."""
    heading("Load on the local stack (make run)")
    with stack.running(stack.checkout(folder)) as running:
        return under_load(f"{running.url}/live", clients=64, visits=2560)


def on_rehearsal(folder, _seed):
    """Print the figures of the load on a deployment to a local AWS, and return what is wrong.

    The deployment has the default `rate_limits`, which the emulator enforces.
    """
    heading("Load on the rehearsal: the real Terraform and the real zip (make rehearse)")
    zip_file = Builds(new(folder / "builds")).host()
    with (
        emulator.running(folder) as aws,
        rehearsal.running(aws, new(folder / "rehearsal"), zip_file, ORIGIN) as deployed,
    ):
        return under_load(deployed.url, clients=24, visits=480)


def under_load(url, clients, visits):
    under = load.Load(url, clients)
    under.run(visits)
    row("clients", clients)
    row("visits a second", round(visits / under.seconds))
    for name, milliseconds in zip(("p50", "p95", "p99"), under.latencies(), strict=True):
        row(f"milliseconds, {name}", milliseconds)
    show(under.findings, load.ZERO)
    return under.findings.wrong


def show(findings, must_be_zero):
    """Print the figures of a part. The names of numbers are statuses."""
    for name, number in findings.figures.items():
        if name not in must_be_zero:
            row(name if isinstance(name, str) else f"answers with status {name}", number)
    for name in must_be_zero:
        number = findings.figures[name]
        row(name, number, "WRONG" if number else "ok")


def heading(text):
    print(f"\n{text}")


def row(name, number, remark=""):
    print(f"  {name:<40}{number:>8,}  {remark}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
