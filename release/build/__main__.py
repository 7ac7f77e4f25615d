"""Builds the zip, and its software bill of materials, in build/."""

import argparse
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from release.build import CannotBuild, archive, bytecode, dependencies, interpreter, sbom
from visits import contract

MB = 1_000_000
BUDGET, BUDGET_WITHOUT_SDK = 5.0 * MB, 3.6 * MB
# boto3, and what no other package needs.
SDK = {"boto3", "botocore", "dateutil", "jmespath", "python_dateutil", "s3transfer", "urllib3"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m release.build", description=__doc__)
    parser.add_argument(
        "--platform",
        choices=["lambda", "host"],
        default="lambda",
        help="host: build/visits-host.zip, for this machine and this Python",
    )
    try:
        build(host=parser.parse_args().platform == "host")
    except CannotBuild as error:
        sys.exit(f"Cannot build: {error}")


def build(host: bool) -> None:
    target = Path("build", "visits-host.zip" if host else "visits.zip")
    bill = target.with_suffix(".cdx.json")
    target.parent.mkdir(exist_ok=True)
    for path in (target, bill):
        path.unlink(missing_ok=True)  # a build that fails leaves none
    python = sys.executable if host else interpreter.find()
    with TemporaryDirectory() as name:
        folder = Path(name)
        wheels = dependencies.install(folder, [] if host else dependencies.FOR_LAMBDA)
        dependencies.trim(folder)
        version = add_function(folder / "visits")
        compiler = compile_by(python, folder)
        content = archive.pack(folder)
        digest = hashlib.sha256(content).hexdigest()
        materials = sbom.describe(version, digest, distributions(path=[name]), wheels)
    size = f"{len(content) / MB:.2f} MB" if host else within_budget(content)
    target.write_bytes(content)
    bill.write_text(json.dumps(materials, indent=2) + "\n")
    print(f"{target}: {size}\nSHA-256 {digest}, compiled by Python {compiler}")


def add_function(folder: Path) -> str:
    """Put the function and its contract into a folder; returns their version."""
    folder.mkdir()
    for source in contract.HERE.glob("*.py"):
        shutil.copy(source, folder)
    document, sha256 = contract.read()
    packed = {"sha256": sha256, "document": document}
    (folder / contract.PACKED.name).write_text(json.dumps(packed, separators=(",", ":")))
    return str(document["info"]["version"])


def compile_by(python: str, folder: Path) -> str:
    """Compile the sources in a folder; returns the version of the Python that did it."""
    command = [python, "-I", "-S", "-W", "ignore", bytecode.__file__, str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    return done.stdout.strip()


def within_budget(content: bytes) -> str:
    """The size of a zip, in words.

    Raises:
        CannotBuild: it is over its budget. The message names the biggest parts.

    """
    parts: Counter[str] = Counter()
    for member in ZipFile(io.BytesIO(content)).infolist():
        parts[re.split(r"\W", member.filename)[0]] += member.compress_size
    total = len(content)
    without = total - sum(parts[part] for part in SDK)
    size = f"{megabytes(total, BUDGET)}, without boto3 {megabytes(without, BUDGET_WITHOUT_SDK)}"
    if total > BUDGET or without > BUDGET_WITHOUT_SDK:
        biggest = ", ".join(f"{part} {taken / MB:.2f}" for part, taken in parts.most_common(8))
        raise CannotBuild(f"the zip is over its budget: {size}. Its biggest parts: {biggest}")
    return size


def megabytes(size: int, budget: float) -> str:
    return f"{size / MB:.2f} MB (budget {budget / MB:.1f})"


if __name__ == "__main__":
    main()
