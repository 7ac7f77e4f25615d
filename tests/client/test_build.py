"""The committed client matches the contract, and the element is small."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contract import repository
from contract.repository import ROOT

CLIENT = ROOT / "client"
GENERATED = ("client/dist", "client/src/generated", "site")
SKIPPED = shutil.ignore_patterns("node_modules", "dist", "generated")


def build(folder: Path, contract: str) -> "subprocess.CompletedProcess[str]":
    """Build the client of a contract in another folder."""
    shutil.copytree(CLIENT, folder / "client", ignore=SKIPPED)
    (folder / "client" / "node_modules").symlink_to(CLIENT / "node_modules")
    (folder / "site").mkdir()
    (folder / "openapi.yaml").write_text(contract)
    scripts = Path(sys.executable).parent
    path = f"{scripts}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [scripts / "npm", "run", "build"],
        cwd=folder / "client",
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


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
    run = build(tmp_path, repository.SOURCE.read_text())
    assert run.returncode == 0, run.stdout + run.stderr
    made, committed = files(tmp_path), files(ROOT)
    stale = [name for name in made.keys() | committed if made.get(name) != committed.get(name)]
    assert not stale, f"Out of date: {sorted(stale)}. Run: make generate"


@pytest.mark.slow
def test_elements_change_only_with_their_code(tmp_path):
    """An operation that the elements do not use changes no byte of them: pages may pin hashes."""
    source = repository.SOURCE.read_text().replace(
        "operationId: readHealth", "operationId: readState"
    )
    assert build(tmp_path, source).returncode == 0
    made, committed = files(tmp_path), files(ROOT)
    assert made["client/dist/client.js"] != committed["client/dist/client.js"]
    for element in ("visitor-counter", "visitor-history"):
        assert made[f"site/{element}.js"] == committed[f"site/{element}.js"]


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
    run = build(tmp_path, contract)
    assert run.returncode != 0
    for name in renamed:
        assert re.search(rf"error TS.*'{name}'", run.stdout), run.stdout


@pytest.mark.parametrize("lock", ["client", "contract/redocly", "tests/client/consumer"])
def test_lock_files_contain_no_registry(lock):
    """Lock files contain hashes and no registry URLs, so any registry works."""
    packages = json.loads((ROOT / lock / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all("integrity" in package for name, package in packages.items() if name)
