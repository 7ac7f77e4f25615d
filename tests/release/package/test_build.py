"""`make build` gives the same bytes everywhere, with only what the function needs."""

import json
import re
import shutil
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zipfile import ZipFile

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from packaging.utils import canonicalize_name

from contract import repository
from openapi_handler import contract
from release.package.__main__ import hash_of_inputs, is_built
from tests.release.package.builds import build

pytestmark = pytest.mark.slow

MAGIC, UNCHECKED = 3571, 1  # of a Python 3.13; https://peps.python.org/pep-0552/
AARCH64 = 183  # e_machine; https://www.sco.com/developers/gabi/latest/ch4.eheader.html
REQUIREMENTS = Path("requirements/lambda.txt").read_text()
PINNED = dict(re.findall(r"^(\S+)==(\S+)", REQUIREMENTS, re.MULTILINE))
ELEMENTS = ("visitor-counter.js", "visitor-history.js")


@pytest.fixture(scope="module")
def packed(builds):
    """The contents of the zip for Lambda, by name."""
    with ZipFile(builds.here()) as file:
        assert file.testzip() is None
        # Lambda runs the function as another user.
        assert {member.external_attr >> 16 for member in file.infolist()} == {0o100644}
        return {name: file.read(name) for name in file.namelist()}


def test_build_is_reproducible(builds):
    """Folder, umask, hash seed, time zone, locale and Python do not change the zip."""
    with ThreadPoolExecutor() as pool:
        building = [pool.submit(builds.here), pool.submit(builds.elsewhere)]
    here, elsewhere = (zip_file.result() for zip_file in building)
    assert here.read_bytes() == elsewhere.read_bytes()


def test_function_is_packed(packed, tmp_path):
    """The zip holds the sources, the elements, the contract, and no other file beside them."""
    root = Path("lambda")
    sources = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.py")}
    for name in ELEMENTS:
        sources[f"visits/elements/{name}"] = Path("client/dist", name).read_bytes()
    assert sources.items() <= packed.items()
    mine = {
        name
        for name in packed
        if re.match("(visits|openapi_handler)/", name) and "__pycache__" not in name
    }
    assert mine == {*sources, "visits/contract.json", "visits/compiled.py"}
    document, sha256 = repository.read()
    contract.pack(document, sha256, tmp_path)
    for name in ("compiled.py", "contract.json"):
        assert packed[f"visits/{name}"] == (tmp_path / name).read_bytes()


def test_pinned_packages_are_packed(packed):
    """The zip holds each pinned package with its name and version, which scanners read."""
    heads = [content for name, content in packed.items() if name.endswith("dist-info/METADATA")]
    fields = (dict(re.findall(r"(?m)^(Name|Version): (\S+)", head.decode())) for head in heads)
    assert {canonicalize_name(head["Name"]): head["Version"] for head in fields} == PINNED


def test_unneeded_files_are_not_packed(builds, packed):
    """The zip has no tests, stubs, scripts, other AWS services or descriptions of crawlers.

    What an update of a package adds shows in its size.
    """
    assert builds.here().stat().st_size < 5_000_000
    unneeded = re.compile(r"(^|/)(tests?|bin)/|\.pyi$|^(pip|setuptools)\b|RECORD$|/_yaml\.")
    assert [name for name in packed if unneeded.search(name)] == []
    services = {name.split("/")[2] for name in packed if re.match("botocore/data/.*/", name)}
    assert services == {"dynamodb"}
    crawlers = json.loads(packed["crawleruseragents/crawler-user-agents.json"])
    assert crawlers == [{"pattern": each["pattern"]} for each in CRAWLER_USER_AGENTS_DATA]


def test_certificates_are_packed(packed):
    """The zip has botocore's root certificates, which no local test uses."""
    assert b"BEGIN CERTIFICATE" in packed["botocore/cacert.pem"]


def test_libraries_are_for_arm64(packed):
    """Every compiled library is for arm64 Linux, and for Python 3.13 or its stable interface."""
    libraries = {name: content for name, content in packed.items() if content[:4] == b"\x7fELF"}
    assert len(libraries) >= 3
    for name, content in libraries.items():
        assert struct.unpack_from("<H", content, 18)[0] == AARCH64, name
        assert re.search(r"\.(cpython-313-aarch64-linux-gnu|abi3)\.so$", name)
    assert {name for name in packed if re.search(r"\.(so|pyd|dll|dylib)$", name)} == set(libraries)


def test_every_source_is_compiled(packed):
    """Each .py has a .pyc of Python 3.13 that is loaded without a check of the source."""
    compiled = {
        re.sub(r"__pycache__/(.*)\.cpython-313\.pyc$", r"\1.py", name): content
        for name, content in packed.items()
        if name.endswith(".pyc")
    }
    assert compiled.keys() == {name for name in packed if name.endswith(".py")}
    for name, content in compiled.items():
        assert struct.unpack_from("<H2xI", content) == (MAGIC, UNCHECKED), name


def test_build_is_repeated_only_after_a_change(builds, monkeypatch, tmp_path):
    """A changed source, another Python of this machine, or a zip from elsewhere needs a build."""
    folder = shutil.copytree(builds.here().parents[1], tmp_path / "checkout")
    monkeypatch.chdir(folder)
    zip_file, inputs = Path("build", "visits.zip"), hash_of_inputs(host=False)
    assert is_built(zip_file, inputs)
    assert hash_of_inputs(host=True) != inputs
    with Path("lambda", "visits", "settings.py").open("a") as source:
        source.write("# changed\n")
    assert not is_built(zip_file, hash_of_inputs(host=False))
    with zip_file.open("ab") as content:
        content.write(b"another")
    assert not is_built(zip_file, inputs)


def test_build_without_python_of_the_runtime_fails(tmp_path):
    """The message names the missing Python and what to do, and an older zip is deleted."""
    checkout = tmp_path / "checkout"
    (checkout / "build").mkdir(parents=True)
    (checkout / "build" / "visits.zip").write_text("older")
    done = build(checkout, PYTHON313="/nowhere/python3.13")
    assert done.returncode == 1
    assert "PYTHON313=/nowhere/python3.13 is not one. Install it (" in done.stderr
    assert list((checkout / "build").iterdir()) == []
