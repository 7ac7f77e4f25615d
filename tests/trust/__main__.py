"""`make trust`: fresh examples and faults, and exit code 1 if anything is wrong.

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

from tests.trust import faults

VISITS, DAYS = 10_500, 5


def main():
    seed, began = chosen_seed(os.environ.get("SEED") or "1"), monotonic()
    folder = Path(mkdtemp(prefix="trust-"))
    print(f"SEED={seed}. Logs: {folder}", flush=True)
    wrong = [*of_properties(seed), *under_faults(folder, seed)]
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


def of_properties(seed):
    """Run the property-based tests with examples of this seed, and return what is wrong."""
    print("\nProperty-based tests, with other examples than those of make test")
    tests = ["tests", "--ignore=tests/rehearsal", "-m=hypothesis", "--quiet"]
    examples = ["--hypothesis-profile=fresh", f"--hypothesis-seed={seed}"]
    done = subprocess.run([sys.executable, "-m", "pytest", *tests, *examples], check=False)
    return ["a property-based test failed; see its report above"] if done.returncode else []


def under_faults(folder, seed):
    """Print the figures of visits under faults and kills, and return what is wrong."""
    print("\nVisits while DynamoDB fails and processes of the function are killed", flush=True)
    findings = faults.run(folder, seed, VISITS, DAYS)
    for name in sorted(findings.figures.keys() - {*faults.ZERO}):
        print(f"  {name:<40}{findings.figures[name]:>8,}")
    for name in faults.ZERO:
        number = findings.figures[name]
        print(f"  {name:<40}{number:>8,}  {'WRONG' if number else 'ok'}", flush=True)
    return findings.wrong


if __name__ == "__main__":
    main()
