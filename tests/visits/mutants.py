"""`make mutants`: lets mutmut change lambda/ in small ways, and prints the changes that no test
detects, with the score.

All mutants would take an hour, so it is a random sample. mutmut runs in a process that has imported
nothing of this repository: it imports the mutated copy.
"""

import os
import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from mutmut import __main__ as mutmut
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils import format_utils

SAMPLE = 300
# mutmut reports a pytest that cannot import the mutated code, or find its tests, as a time-out.
DETECTED = {"killed", "timeout"}

strip_prefix = format_utils.strip_prefix
collect = mutmut.collect_source_file_mutation_data


def strip_import_root(name, *, prefix, strict=False):
    """mutmut knows only src/ as an import root. Here it is lambda/."""
    return strip_prefix(strip_prefix(name, prefix="lambda."), prefix=prefix, strict=strict)


def main():
    from local import dynamodb  # noqa: PLC0415 - mutate() may not import it

    with (
        TemporaryDirectory() as folder,
        dynamodb.running(Path(folder), os.environ) as os.environ["RUNNING_DYNAMODB"],
    ):
        sys.exit(subprocess.run([sys.executable, "-P", __file__], check=False).returncode)


def mutate():
    sample = []

    def draw(**options):
        mutants, files = collect(**options)
        sample[:] = random.sample(mutants, SAMPLE)
        return sample, files

    format_utils.strip_prefix = strip_import_root
    mutmut.collect_source_file_mutation_data = draw
    mutmut.cli(["run"], standalone_mode=False)
    statuses = {name: status_by_exit_code[file.exit_code_by_key[name]] for file, name, _ in sample}
    missed = [name for name, status in statuses.items() if status not in DETECTED]
    for name in sorted(missed):
        print(f"\n{statuses[name]}: {name}\n{get_diff_for_mutant(name)}")
    killed = SAMPLE - len(missed)
    print(f"\nMutation score: {killed} of {SAMPLE} mutants killed ({killed / SAMPLE:.1%})")


if __name__ == "__main__":
    mutate() if "RUNNING_DYNAMODB" in os.environ else main()
