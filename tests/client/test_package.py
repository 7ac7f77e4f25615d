"""The npm package works in another project: bundled, on a server, and with types."""

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
from tests.client.conftest import DIST

CLIENT = DIST.parent
CONSUMER = Path(__file__).with_name("consumer")
SCRIPTS = Path(sys.executable).parent
TSC = CLIENT / "node_modules/typescript/bin/tsc"
JSX = "--jsx react-jsx --module nodenext --lib es2022,dom"
TYPES = ["--noEmit", "--strict", *JSX.split()]

pytestmark = pytest.mark.slow


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


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command of Node and return its output."""
    path = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.run(
        [SCRIPTS / command[0], *command[1:]],
        cwd=cwd,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def test_the_package_is_complete(project: Path):
    """It has every file that it exports, its licence and the pictures of its README, no
    dependencies, and the API's version. A file of `npm pack` is not committed."""
    package = project / "node_modules/visitor-counter"
    about = json.loads((package / "package.json").read_text())
    exported = [file for entry in about["exports"].values() for file in entry.values()]
    readme = (package / "README.md").read_text()
    for file in (*exported, *re.findall(r'<img src="(?!http)(.+?)"', readme)):
        assert (package / file).is_file(), file
    assert (package / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert "dependencies" not in about
    assert about["version"] == repository.load().document["info"]["version"]
    packed = f"client/visitor-counter-{about['version']}.tgz"
    assert (
        subprocess.run(["git", "check-ignore", "-q", packed], cwd=ROOT, check=False).returncode == 0
    )


def test_a_bundler_includes_the_elements(project: Path):
    """Vite bundles both elements, though no code uses their exports."""
    run("node", "node_modules/vite/bin/vite.js", "build", cwd=project)
    [bundle] = (project / "dist/assets").glob("*.js")
    code = bundle.read_text()
    assert "visitor-counter:" in code
    assert "--visitor-history-color" in code


def test_a_server_renders_the_elements(project: Path):
    """Node imports the elements without a DOM, and React renders them as markup."""
    build = ["node_modules/vite/bin/vite.js", "build", "--ssr", "server.tsx", "--outDir", "server"]
    run("node", *build, cwd=project)
    html = run("node", "server/server.js", cwd=project)
    assert '<visitor-counter api="/live" counter="resume" label="{n} visits" compact=""' in html
    assert '<visitor-history api="/live" counter="resume" days="90">Visits<' in html


def test_jsx_is_type_checked(project: Path):
    """TypeScript knows the elements in JSX, and refuses a missing, wrong or unknown name."""
    wrong = (
        '<visitor-counter api="/live" />',
        '<visitor-counter api="/live" counter="resume" show="all" />',
        "<visitor-chart />",
    )
    lines = "\n".join(
        f"// @ts-expect-error\nexport const wrong{n} = {w};" for n, w in enumerate(wrong)
    )
    (project / "checked.tsx").write_text((project / "app.tsx").read_text() + lines)
    run("node", TSC, *TYPES, "checked.tsx", cwd=project)
