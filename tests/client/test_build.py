"""What is committed is what the contract gives, and a page can afford it."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from visits import contract
from visits.contract import ROOT

CLIENT = ROOT / "client"
BUDGET = 2000
MADE = ("client/dist", "client/src/generated", "site")
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
        for part in MADE
        for path in sorted((folder / part).rglob("*"))
        if path.is_file() and (part != "site" or path.name.startswith("visitor-"))
    }


def test_the_committed_client_is_what_the_contract_gives(tmp_path):
    """Generated functions, dist/ and the site's copies come out of openapi.yaml as they stand."""
    run = build(tmp_path, contract.SOURCE.read_text())
    assert run.returncode == 0, run.stdout + run.stderr
    made, committed = files(tmp_path), files(ROOT)
    stale = [name for name in made.keys() | committed if made.get(name) != committed.get(name)]
    assert not stale, f"Not what openapi.yaml gives: {sorted(stale)}. Run: make client"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"visitors: \*visitors", "people: *visitors"),
        (r"\btoday:", "now:"),
        ("operationId: recordVisit", "operationId: countVisit"),
        ("- name: visitId", "- name: viewId"),
    ],
)
def test_a_new_name_in_the_contract_breaks_the_type_check(tmp_path, old, new):
    """Fields, parameters and operations are only known from the contract."""
    renamed, times = re.subn(old, new, contract.SOURCE.read_text())
    assert times
    run = build(tmp_path, renamed.replace("visitors, today]", "visitors]"))
    assert run.returncode != 0
    assert "error TS" in run.stdout


def test_a_new_path_in_the_contract_needs_no_hand(tmp_path):
    """Paths and methods stand nowhere in our own code, so the element follows."""
    source = contract.SOURCE.read_text().replace("/counters/{", "/pages/{")
    assert build(tmp_path, source).returncode == 0
    made = (tmp_path / "site" / "visitor-counter.js").read_text()
    assert "/pages/" in made
    assert "/counters/" not in made


def test_the_element_with_its_client_is_small(capsys):
    """Under 2 kB gzipped, with no other file needed."""
    element = (CLIENT / "dist" / "visitor-counter.js").read_bytes()
    size = len(gzip.compress(element, 9))
    with capsys.disabled():
        print(f"\nvisitor-counter.js: {size} of {BUDGET} bytes gzipped")
    assert size < BUDGET
    assert b"import" not in element


def test_the_package_can_be_published():
    """Every file that package.json promises is there; nothing is needed at run time."""
    package = json.loads((CLIENT / "package.json").read_text())
    for entry in package["exports"].values():
        for file in entry.values():
            assert (CLIENT / file).is_file(), file
    assert package["type"] == "module"
    assert "dependencies" not in package
    assert package["version"] == contract.load().document["info"]["version"]


@pytest.mark.parametrize(
    "lock", ["client/package-lock.json", "tests/site/lighthouse/package-lock.json"]
)
def test_lock_files_name_no_registry(lock):
    """Whoever installs uses their own registry; the hashes hold the contents."""
    packages = json.loads((ROOT / lock).read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all("integrity" in package for name, package in packages.items() if name)
