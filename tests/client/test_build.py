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
VITE = "node_modules/vite/bin/vite.js"
TSC = CLIENT / "node_modules/typescript/bin/tsc"
JSX = "--noEmit --strict --jsx react-jsx --module nodenext --lib es2022,dom"


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


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of consumer/ in which the packed client is installed."""
    folder = tmp_path_factory.mktemp("consumer")
    project = folder / "project"
    shutil.copytree(CONSUMER, project, ignore=shutil.ignore_patterns("node_modules"))
    modules = project / "node_modules"
    modules.mkdir()
    for package in (CONSUMER / "node_modules").iterdir():
        (modules / package.name).symlink_to(package)
    run("npm", "pack", "--ignore-scripts", f"--pack-destination={folder}", cwd=CLIENT)
    [packed] = folder.glob("*.tgz")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    (folder / "package").rename(modules / "visitor-counter")
    return project


@pytest.mark.slow
def test_a_bundler_includes_the_elements(project: Path):
    """Vite bundles both elements, though no code uses their exports."""
    run("node", VITE, "build", cwd=project)
    [bundle] = (project / "dist/assets").glob("*.js")
    code = bundle.read_text()
    assert "visitor-counter:" in code
    assert "--visitor-history-color" in code


@pytest.mark.slow
def test_a_server_renders_the_elements(project: Path):
    """Node imports the elements without a DOM, and React renders them as markup."""
    run("node", VITE, "build", "--ssr", "server.tsx", "--outDir", "server", cwd=project)
    html = run("node", "server/server.js", cwd=project)
    assert '<visitor-counter api="/live" counter="resume" label="{n} visits" compact=""' in html
    assert '<visitor-history api="/live" counter="resume" days="90">Visits<' in html


@pytest.mark.slow
def test_the_package_has_types(project: Path):
    """TypeScript knows the generated functions and, in JSX, the elements. It refuses a missing, a
    wrong and an unknown name."""
    wrong = (
        '<visitor-counter api="/live" />',
        '<visitor-counter api="/live" counter="resume" show="all" />',
        "<visitor-chart />",
    )
    right = '\nexport { readCounter } from "visitor-counter";\n'
    lines = "\n".join(
        f"// @ts-expect-error\nexport const wrong{n} = {w};" for n, w in enumerate(wrong)
    )
    (project / "checked.tsx").write_text((project / "app.tsx").read_text() + right + lines)
    run("node", TSC, *JSX.split(), "checked.tsx", cwd=project)


@pytest.mark.parametrize("lock", ["client", "contract/redocly", "tests/client/consumer"])
def test_lock_files_contain_no_registry(lock):
    """Lock files contain hashes and no registry URLs, so any registry works."""
    packages = json.loads((ROOT / lock / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all("integrity" in package for name, package in packages.items() if name)
