"""Checks of the documents against the repository, and of what is committed."""

import json
import re
import subprocess
import sys
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import pytest

DOCUMENTS = sorted(
    path
    for path in (*Path().glob("*.md"), *Path("docs").rglob("*.md"), Path("client/README.md"))
    if not any(part.startswith(".") for part in path.parts)
)


PACKAGES = (
    "benchmarks|client|contract|docs|e2e|lambda|local|"
    "owner|release|requirements|site|terraform|tests"
)


def commands(text):
    """Return the inline code of a document, and each line of its code blocks."""
    inline = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
    blocks = "".join(re.findall(r"^ *```\w*$(.*?)^ *```$", text, re.MULTILINE | re.DOTALL))
    return re.findall(r"`([^`\n]+)`", inline), blocks.splitlines()


def tracked():
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listed.splitlines()]


def written_by_the_owner(name):
    """Return whether this is a file of settings, or one that git ignores."""
    if ".tfvars" in name:
        return True
    return subprocess.run(["git", "check-ignore", "-q", name], check=False).returncode == 0


def test_the_readme_lists_the_operations(document):
    """The README's table has every operation of the contract, with its method and path."""
    rows = re.findall(r"\| `(\w+)` \| `(\w+) (\S+)` \|", Path("README.md").read_text())
    contract = [
        (operation["operationId"], method.upper(), path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if operation["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
    ]
    assert sorted(rows) == sorted(contract)


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_links_lead_to_files(path):
    """The target of every relative link exists."""
    for target in re.findall(r"\]\(([^)#]+)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_named_files_and_commands_exist(path):
    """Every path in backticks exists, and every make command names a target of the Makefile."""
    targets = set(re.findall(r"^([a-z0-9-]+):", Path("Makefile").read_text(), re.MULTILINE))
    inline, lines = commands(path.read_text())
    for code in inline + lines:
        named = set(re.findall(r"(?:^|[\s;])make ([a-z0-9-]+)", code))
        assert named <= targets, code
    for name in inline:
        if re.fullmatch(rf"({PACKAGES})/[\w./-]*", name):
            assert Path(name).exists() or written_by_the_owner(name), name


def test_the_tests_in_the_threat_model_exist():
    """Every test that the threat model names exists, in Python or in Terraform's language."""
    named = re.findall(r"`([\w./-]+)::(\w+)`", Path("docs/threat-model.md").read_text())
    assert named
    for path, name in named:
        assert re.search(rf'^(def {name}\(|run "{name}")', Path(path).read_text(), re.MULTILINE), (
            name
        )


def test_the_versions_agree(document):
    """The npm package (make generate writes it) and the changelog have the contract's version."""
    version = document["info"]["version"]
    assert json.loads(Path("client/package.json").read_text())["version"] == version
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


def test_all_requirements_have_the_functions_versions():
    """`make run` and the tests use the same versions of packages as the deployed function."""
    versions = {
        name: dict(
            re.findall(
                r"^([\w.\[\]-]+)==(\S+)", Path(f"requirements/{name}.txt").read_text(), re.MULTILINE
            )
        )
        for name in ("lambda", "run", "dev")
    }
    assert versions["lambda"].items() <= versions["run"].items() <= versions["dev"].items()


def test_no_folder_hides_its_tests(request):
    """pytest does not look into folders with some names, such as build; no test is in one."""
    skipped = request.config.getini("norecursedirs")
    for path in tracked():
        if re.fullmatch(r"test_.*\.py", path.name):
            assert path.parts[0] in {"tests", "e2e"}, path
            assert not [part for part in path.parts for name in skipped if fnmatch(part, name)], (
                path
            )


def test_every_test_has_an_id_of_its_own(request):
    """Of tests with equal IDs, pytest-xdist runs only the first."""
    ids = [item.nodeid for item in request.session.items]
    assert [name for name, number in Counter(ids).items() if number > 1] == []


def test_a_skipped_test_fails_in_ci(tmp_path):
    """It is an error that names the reason; elsewhere it is skipped."""
    test = "tests/rehearsal/test_documents.py::test_the_deploy_section_works_in_its_order"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", test],
        env={"PATH": str(tmp_path), "CI": "true"},  # Terraform is not in this folder
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout
    assert "This test was skipped in CI: Terraform is not installed" in ran.stdout


def test_nothing_unfinished_is_committed():
    """No file has a mark of unfinished work or a path of a machine, or is a tool's state."""
    marks = re.compile(r"\b(TODO|FIXME|XXX)\b|/(home|root|Users)/\w")
    texts = {".py", ".yaml", ".yml", ".tf", ".md", ".toml", ".js", ".ts", ".css"}
    for path in tracked():
        assert not re.search(r"\.tfstate|\.pyc$|uv\.lock$|\.DS_Store$", path.name), path
        if path.suffix in texts and path.name != Path(__file__).name:
            assert not marks.search(path.read_text()), path
