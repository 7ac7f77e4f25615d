"""The committed client matches the contract, and its npm package works in another project."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from contract import repository
from contract.repository import ROOT

CLIENT = ROOT / "client"
CONSUMER = Path(__file__).with_name("consumer")
GENERATED = ("client/dist", "client/src/generated", "site")
SKIPPED = shutil.ignore_patterns("node_modules", "dist", "generated")
SCRIPTS = Path(sys.executable).parent
TSC = CLIENT / "node_modules/typescript/bin/tsc"
ESBUILD = CLIENT / "node_modules/esbuild/bin/esbuild"
TYPES = "--noEmit --strict --jsx react-jsx --module nodenext --lib es2022,dom"
BUNDLE = "--bundle --format=esm --jsx=automatic --external:react"
IMPORT = 'import "visitor-counter/visitor-counter"; import "visitor-counter/visitor-history";'


def run(*command: str | Path, cwd: Path, fails: bool = False) -> str:
    """Run a command of Node, which is installed beside Python, and return its output."""
    path = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.run(
        [SCRIPTS / command[0], *command[1:]],
        cwd=cwd,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert bool(process.returncode) == fails, process.stdout + process.stderr
    return process.stdout


def build(folder: Path, contract: str, *, fails: bool = False) -> str:
    """Build the client of a contract in another folder."""
    shutil.copytree(CLIENT, folder / "client", ignore=SKIPPED)
    (folder / "client" / "node_modules").symlink_to(CLIENT / "node_modules")
    (folder / "site").mkdir()
    (folder / "openapi.yaml").write_text(contract)
    return run("npm", "run", "build", cwd=folder / "client", fails=fails)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for part in GENERATED
        for path in sorted((folder / part).rglob("*"))
        if path.is_file() and (part != "site" or path.name.startswith("visitor-"))
    }


@pytest.mark.slow
def test_the_committed_client_matches_the_contract(tmp_path):
    """A build reproduces the generated functions, dist/ and the copies in site/. It fails if the
    script of the counter is larger than its budget."""
    build(tmp_path, repository.SOURCE.read_text())
    made, committed = files(tmp_path), files(ROOT)
    stale = [name for name in made.keys() | committed if made.get(name) != committed.get(name)]
    assert not stale, f"Out of date: {sorted(stale)}. Run: make generate"


@pytest.mark.slow
def test_a_new_name_in_the_contract_breaks_the_type_check(tmp_path):
    """A renamed field, parameter or operation is a type error in the client."""
    contract = repository.SOURCE.read_text().replace("visitors, today]", "visitors]")
    renamed = {
        "visitors": ("visitors: *visitors", "people: *visitors"),
        "visitId": ("- name: visitId", "- name: viewId"),
        "readHistory": ("operationId: readHistory", "operationId: showHistory"),
    }
    for old, new in renamed.values():
        assert old in contract
        contract = contract.replace(old, new)
    printed = build(tmp_path, contract, fails=True)
    for name in renamed:
        assert re.search(rf"error TS.*'{name}'", printed), printed


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of consumer/ in which the packed client is installed."""
    project = tmp_path / "project"
    shutil.copytree(CONSUMER, project, ignore=shutil.ignore_patterns("node_modules"))
    modules = project / "node_modules"
    modules.mkdir()
    for package in (CONSUMER / "node_modules").iterdir():
        (modules / package.name).symlink_to(package)
    run("npm", "pack", "--ignore-scripts", f"--pack-destination={tmp_path}", cwd=CLIENT)
    [packed] = tmp_path.glob("*.tgz")
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path, filter="data")
    (tmp_path / "package").rename(modules / "visitor-counter")
    return project


@pytest.mark.slow
def test_any_project_can_use_the_package(project: Path):
    """Node imports the elements without a DOM, a bundler includes them though no code uses their
    exports, and TypeScript knows the functions and the elements, and refuses wrong ones."""
    run("node", "--input-type=module", "--eval", IMPORT, cwd=project)
    code = run("node", ESBUILD, "app.tsx", *BUNDLE.split(), cwd=project)
    assert "visitor-counter:" in code
    assert "--visitor-history-color" in code
    run("node", TSC, *TYPES.split(), "app.tsx", cwd=project)


@pytest.mark.parametrize("lock", ["client", "contract/redocly", "tests/client/consumer"])
def test_lock_files_contain_no_registry(lock):
    """Lock files contain hashes and no registry URLs, so any registry works."""
    packages = json.loads((ROOT / lock / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all("integrity" in package for name, package in packages.items() if name)
