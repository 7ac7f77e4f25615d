"""Build the zip in build/, with its bill of materials (SBOM)."""

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from contract import repository
from contract.command import CommandError
from contract.repository import ROOT
from openapi_handler import contract
from release.package import archive, budget, dependencies, interpreter, sbom
from visits.handler import ELEMENTS

# What the bytes of the zip depend on. requirements/run.txt pins the compressor.
SOURCES = (
    "openapi.yaml",
    "requirements/lambda.txt",
    "requirements/run.txt",
    "client/dist/visitor-*.js",
    "lambda/**/*.py",
    "release/package/*.py",
)


def main(options: Sequence[str] | None = None) -> None:
    """Build, unless nothing that the zip depends on has changed since the last build."""
    parser = argparse.ArgumentParser(prog="python -m release.package", description=__doc__)
    parser.add_argument(
        "--platform",
        choices=["lambda", "host"],
        default="lambda",
        help="host: build/visits-host.zip, for this machine and this Python",
    )
    try:
        build(host=parser.parse_args(options).platform == "host")
    except CommandError as error:
        sys.exit(f"Cannot build: {error}")


def build(host: bool) -> None:
    target = Path("build", "visits-host.zip" if host else "visits.zip")
    sbom_file = target.with_suffix(".cdx.json")
    target.parent.mkdir(exist_ok=True)
    inputs_file, inputs = target.with_suffix(".inputs"), hash_of_inputs(host)
    if sbom_file.exists() and is_built(target, inputs):
        print(f"{target} is up to date.", flush=True)
        return
    for path in (inputs_file, target, sbom_file):
        path.unlink(missing_ok=True)  # a failed build must not leave an older zip
    python = sys.executable if host else interpreter.find()

    with TemporaryDirectory() as name:
        folder = Path(name)
        print(f"Installing the packages of {dependencies.REQUIREMENTS} ...", flush=True)
        wheels = dependencies.install(folder, [] if host else dependencies.FOR_LAMBDA)
        dependencies.trim(folder)
        version = copy_function(folder)
        print("Compiling and compressing ...", flush=True)
        python_version = interpreter.compile_sources(python, folder)
        content = archive.pack(folder)
        sha256 = hashlib.sha256(content).hexdigest()
        materials = sbom.describe(version, sha256, distributions(path=[name]), wheels)

    # The budget is for Lambda's platform; wheels for another platform have other sizes.
    size = f"{len(content) / budget.MB:.2f} MB" if host else budget.check(content)
    target.write_bytes(content)
    sbom_file.write_text(json.dumps(materials, indent=2) + "\n")
    inputs_file.write_text(f"{inputs} {sha256}\n")
    print(f"{target}: {size}\nSHA-256 {sha256}, compiled by Python {python_version}")


def hash_of_inputs(host: bool) -> str:
    """Return the SHA-256 of all that a build reads, with the names of the files."""
    found = hashlib.sha256(sys.version.encode() if host else b"")
    for path in sorted(path for pattern in SOURCES for path in Path().glob(pattern)):
        found.update(f"{path.as_posix()} {path.stat().st_size}\n".encode() + path.read_bytes())
    return found.hexdigest()


def is_built(target: Path, inputs: str) -> bool:
    """Return whether a zip is the one that a build has made from these inputs."""
    record = target.with_suffix(".inputs")
    if not (target.exists() and record.exists()):
        return False
    sha256 = hashlib.sha256(target.read_bytes()).hexdigest()
    return record.read_text() == f"{inputs} {sha256}\n"


def copy_function(folder: Path) -> str:
    """Copy the sources and the elements, add the parsed contract, and return its version."""
    for source in (ROOT / "lambda").rglob("*.py"):
        target = folder / source.relative_to(ROOT / "lambda")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    elements = folder / "visits" / ELEMENTS
    elements.mkdir()
    for script in repository.ELEMENTS.glob("visitor-*.js"):
        shutil.copy(script, elements)
    document, sha256 = repository.read()
    contract.pack(document, sha256, folder / "visits")
    return str(document["info"]["version"])


if __name__ == "__main__":
    main()
