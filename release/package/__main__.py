"""Build the zip in build/."""

import argparse
import hashlib
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from contract import repository
from contract.command import CommandError
from contract.repository import ROOT
from openapi_handler import contract
from release.package import archive, dependencies, interpreter
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
    inputs = hash_of_inputs(host)
    if is_built(target, inputs):
        print(f"{target} is up to date.", flush=True)
        return
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)  # a failed build must not leave an older zip
    python = sys.executable if host else interpreter.find()

    with TemporaryDirectory() as name:
        folder = Path(name)
        print(f"Installing the packages of {dependencies.REQUIREMENTS} ...", flush=True)
        dependencies.install(folder, [] if host else dependencies.FOR_LAMBDA)
        dependencies.trim(folder)
        copy_function(folder)
        print("Compiling and compressing ...", flush=True)
        python_version = interpreter.compile_sources(python, folder)
        content = archive.pack(folder)

    target.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    target.with_suffix(".inputs").write_text(f"{inputs} {sha256}\n")
    size = len(content) / 1_000_000
    print(f"{target}: {size:.2f} MB\nSHA-256 {sha256}, compiled by Python {python_version}")


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


def copy_function(folder: Path) -> None:
    """Copy the sources and the elements, and add the parsed contract."""
    for source in (ROOT / "lambda").rglob("*.py"):
        target = folder / source.relative_to(ROOT / "lambda")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    elements = folder / "visits" / ELEMENTS
    elements.mkdir()
    for script in repository.ELEMENTS.glob("visitor-*.js"):
        shutil.copy(script, elements)
    contract.pack(*repository.read(), folder / "visits")


if __name__ == "__main__":
    main()
