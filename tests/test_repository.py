"""The documents say what is true, and the repository is what it says."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

DOCUMENTS = sorted(
    path
    for path in (*Path().glob("*.md"), *Path("docs").rglob("*.md"), Path("client/README.md"))
    if not any(part.startswith(".") for part in path.parts)
)


def tracked():
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True)
    return [Path(name) for name in listed.stdout.splitlines()]


def made_by_people(name):
    """Whether somebody who deploys writes this file: from an example, or for git to ignore."""
    ignored = subprocess.run(["git", "check-ignore", "-q", name], check=False).returncode == 0
    return ignored or Path(f"{name}.example").exists()


def test_the_readme_lists_the_operations(document):
    """README's table has every operation of the contract, with its method and path."""
    rows = re.findall(r"\| `(\w+)` \| `(\w+) (\S+)` \|", Path("README.md").read_text())
    contract = [
        (operation["operationId"], method.upper(), path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if "operationId" in operation
    ]
    assert sorted(rows) == sorted(contract)


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_links_lead_somewhere(path):
    """What a document links to in the repository is there."""
    for target in re.findall(r"\]\(([^)#]+)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_files_and_commands_that_are_named_exist(path):
    """A file or make target in backticks exists."""
    targets = set(re.findall(r"^([a-z0-9-]+):", Path("Makefile").read_text(), re.MULTILINE))
    for name in re.findall(r"`([^`\n]+)`", path.read_text()):
        if command := re.search(r"\bmake ([a-z0-9-]+)", name):
            assert command[1] in targets, name
        if re.fullmatch(
            r"(client|contract|docs|e2e|lambda|local|release|requirements|site|terraform|tests)/[\w./-]*",
            name,
        ):
            assert Path(name).exists() or made_by_people(name), name


def test_the_versions_agree(document):
    """Contract, package and changelog have one version."""
    version = document["info"]["version"]
    assert tomllib.loads(Path("pyproject.toml").read_text())["project"]["version"] == version
    assert re.search(r"^## (\S+)", Path("CHANGELOG.md").read_text(), re.MULTILINE)[1] == version


def test_every_dependency_is_pinned_with_a_hash():
    """Every requirement has an exact version and at least one hash, and no file names a host."""
    for path in Path("requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text.replace("# ", ""), path
        if path.stem != "override":
            for requirement in re.findall(r"^[^\s#](?:.*\\\n)*.*", text, re.MULTILINE):
                assert re.match(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}", requirement, re.DOTALL), (
                    f"{path}: {requirement}"
                )


def test_what_the_function_and_the_tests_run_on_is_the_same():
    """A package that the function has is there in the same version for run and test."""
    versions = {
        name: dict(
            re.findall(
                r"^([\w.\[\]-]+)==(\S+)", Path(f"requirements/{name}.txt").read_text(), re.MULTILINE
            )
        )
        for name in ("lambda", "run", "dev")
    }
    assert versions["lambda"].items() <= versions["run"].items() <= versions["dev"].items()


def test_nothing_unfinished_is_committed():
    """No mark of unfinished work, no path of a machine, no state of a tool."""
    marks = re.compile(r"\b(TODO|FIXME|XXX)\b|/(home|root|Users)/\w")
    texts = {".py", ".yaml", ".yml", ".tf", ".md", ".toml", ".js", ".ts", ".css"}
    for path in tracked():
        assert not re.search(r"\.tfstate|\.pyc$|uv\.lock$|\.DS_Store$", path.name), path
        if path.suffix in texts and path.name != Path(__file__).name:
            assert not marks.search(path.read_text()), path
