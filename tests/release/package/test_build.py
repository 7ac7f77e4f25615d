"""`make build` gives the same bytes everywhere, with only what the function needs."""

import hashlib
import json
import re
import shutil
import struct
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zipfile import ZipFile

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from contract import repository
from contract.command import CommandError
from openapi_handler import contract
from release.package import archive, budget, bytecode, dependencies, interpreter
from release.package.__main__ import copy_function, hash_of_inputs, is_built
from release.package.sbom import normal
from tests.release.package.builds import build

pytestmark = pytest.mark.slow

MAGIC, UNCHECKED = 3571, 1  # of a Python 3.13; https://peps.python.org/pep-0552/
AARCH64 = 183  # e_machine; https://www.sco.com/developers/gabi/latest/ch4.eheader.html
REQUIREMENTS = Path("requirements/lambda.txt").read_text()
PINNED = {
    name: (version, set(re.findall(r"sha256:(\w+)", hashes)))
    for name, version, hashes in re.findall(
        r"^(\S+)==(\S+)((?: \\\n.*--hash=\S+)+)", REQUIREMENTS, re.MULTILINE
    )
}
ELEMENTS = ("visitor-counter.js", "visitor-history.js")
WITHOUT_LICENCE = {"crawler-user-agents"}  # MIT, but its wheel's metadata does not name it


@pytest.fixture(scope="module")
def packed(builds):
    """The contents of the zip for Lambda, by name."""
    with ZipFile(builds.here()) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def test_build_is_reproducible(builds):
    """Folder, umask, hash seed, time zone, locale and Python do not change the zip or the SBOM."""
    with ThreadPoolExecutor() as pool:
        building = [pool.submit(builds.here), pool.submit(builds.elsewhere)]
    here, elsewhere = (each.result() for each in building)
    assert here.read_bytes() == elsewhere.read_bytes()
    sboms = [path.with_suffix(".cdx.json").read_bytes() for path in (here, elsewhere)]
    assert sboms[0] == sboms[1]
    assert hashlib.sha256(here.read_bytes()).hexdigest() in builds.printed()


def test_zip_is_compressed_by_libdeflate(tmp_path):
    """The zip holds libdeflate's output; zlib's would differ between builders."""
    content = repository.SOURCE.read_bytes() * 9
    (tmp_path / "file").write_bytes(content)
    assert archive.deflate.deflate_compress(content, archive.LEVEL) in archive.pack(tmp_path)


def test_zip_holds_no_trace_of_the_builder(builds, packed):
    """Dates, permissions and order are constant, and no temporary path is in a file."""
    with ZipFile(builds.here()) as file:
        members = file.infolist()
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
    assert {(member.create_system, member.external_attr >> 16) for member in members} == {
        (3, 0o100644)
    }
    assert [member.filename for member in members] == sorted(packed)
    temporary = re.compile(re.escape(tempfile.gettempdir()).encode() + b"/(tmp|pytest)")
    assert [name for name, content in packed.items() if temporary.search(content)] == []


def test_requirements_have_no_environment_markers():
    """pip would evaluate a marker for the builder's platform, not for Lambda's."""
    assert not re.search(r"^[^#\n]*;", REQUIREMENTS, re.MULTILINE)
    assert len(PINNED) == len(re.findall("==", REQUIREMENTS))


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
    assert {normal(each["Name"]): each["Version"] for each in fields} == {
        name: version for name, (version, _) in PINNED.items()
    }


def test_unneeded_files_are_not_packed(packed):
    """The zip has no tests, stubs, scripts, other AWS services or descriptions of crawlers."""
    unneeded = re.compile(r"(^|/)(tests?|bin)/|\.pyi$|^(pip|setuptools)\b|RECORD$|/_yaml\.")
    assert [name for name in packed if unneeded.search(name)] == []
    services = {name.split("/")[2] for name in packed if re.match("botocore/data/.*/", name)}
    assert services == {"dynamodb"}
    crawlers = json.loads(packed["crawleruseragents/crawler-user-agents.json"])
    assert crawlers == [{"pattern": each["pattern"]} for each in CRAWLER_USER_AGENTS_DATA]


def test_certificates_and_licences_are_packed(packed):
    """The zip has botocore's root certificates, which no local test uses, and licence files."""
    assert b"BEGIN CERTIFICATE" in packed["botocore/cacert.pem"]
    licence = re.compile(r"(.*?)-.*dist-info/(licenses/)?(LICEN[CS]E|COPYING)")
    licensed = {found[1] for found in map(licence.match, packed) if found}
    assert len(licensed) >= len(PINNED) - 2


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


def test_bytecode_depends_only_on_its_source(tmp_path):
    """A process with many modules compiles to the same bytes as a new one, in any folder."""
    compiled = []
    for name in ("full", "empty"):
        folder = tmp_path / name
        copy_function(folder)
        if name == "full":
            bytecode.write(folder)
        else:
            interpreter.compile_sources(sys.executable, folder)
        compiled.append([path.read_bytes() for path in sorted(folder.rglob("*.pyc"))])
    assert compiled[0] == compiled[1] != []


def test_build_is_repeated_only_after_a_change(builds, monkeypatch, tmp_path):
    """A changed source, another Python of this machine, or a zip from elsewhere needs a build."""
    folder = shutil.copytree(builds.here().parents[1], tmp_path / "checkout")
    monkeypatch.chdir(folder)
    zip_file = Path("build", "visits.zip")
    assert is_built(zip_file, hash_of_inputs(host=False))
    assert not is_built(zip_file, hash_of_inputs(host=True))
    with Path("lambda", "visits", "settings.py").open("a") as source:
        source.write("# changed\n")
    assert not is_built(zip_file, hash_of_inputs(host=False))
    (folder / "lambda").rename("sources")
    shutil.copytree(repository.ROOT / "lambda", "lambda")
    assert is_built(zip_file, hash_of_inputs(host=False))
    with zip_file.open("ab") as content:
        content.write(b"another")
    assert not is_built(zip_file, hash_of_inputs(host=False))


def test_zip_over_its_budget_is_refused(builds, monkeypatch):
    """A zip that is too large is an error, and the message lists its largest parts."""
    monkeypatch.setattr(budget, "BUDGET", 1e6)
    with pytest.raises(CommandError, match=r"over its budget: .*\(budget 1\.0\).*: botocore 1\."):
        budget.check(builds.here().read_bytes())


def test_python_of_the_runtime_is_found(monkeypatch, tmp_path):
    """A python3.13 that fails or has another version does not hide the next one on PATH. Without
    any, the message says that none was found."""
    found = interpreter.find()
    for name, script in ("broken", "exit 127"), ("older", "echo 3495 /usr/bin/python3"):
        (tmp_path / name).mkdir()
        command = tmp_path / name / "python3.13"
        command.write_text(f"#!/bin/sh\n{script}\n")
        command.chmod(0o755)
    (tmp_path / "right").mkdir()
    (tmp_path / "right" / "python3.13").symlink_to(found)
    monkeypatch.setenv("PATH", ":".join(str(tmp_path / x) for x in ("broken", "older", "right")))
    monkeypatch.setattr(interpreter.sys, "executable", "/nowhere/python")
    assert interpreter.find() == str(tmp_path / "right" / "python3.13")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CommandError, match=r"none was found\. Install it .*PYTHON313="):
        interpreter.find()


def test_build_without_python_of_the_runtime_fails(tmp_path):
    """The message names the missing Python and what to do, and an older zip is deleted."""
    checkout = tmp_path / "checkout"
    (checkout / "build").mkdir(parents=True)
    (checkout / "build" / "visits.zip").write_text("older")
    done = build(checkout, PYTHON313="/nowhere/python3.13")
    assert done.returncode == 1
    assert "PYTHON313=/nowhere/python3.13 is not one. Install it (" in done.stderr
    assert list((checkout / "build").iterdir()) == []


@pytest.fixture
def failed_install(tmp_path, monkeypatch, capfd):
    """Install a requirement; return the build's error and pip's."""

    def install(requirement, sha256="0" * 64):
        path = tmp_path / "requirements.txt"
        path.write_text(f"{requirement} --hash=sha256:{sha256}\n")
        monkeypatch.setattr(dependencies, "REQUIREMENTS", path)
        with pytest.raises(CommandError) as error:
            dependencies.install(tmp_path / "folder", dependencies.FOR_LAMBDA)
        return str(error.value), capfd.readouterr().err

    return install


def test_package_without_a_wheel_is_named(failed_install):
    """The message names a package without a wheel for arm64 Linux, and what to do."""
    ours, _ = failed_install("pywin32==306")
    assert ours == (
        "pywin32==306 has no wheel for Python 3.13 on arm64 Linux with glibc 2.34. Choose a "
        "version that has one in requirements/lambda.in, or remove the package, "
        "and run: make lock"
    )


def test_wrong_hash_is_reported_by_pip(failed_install):
    """For a download with another hash, pip's message is shown and ours names the step."""
    ours, pips = failed_install("six==1.17.0")
    assert "DO NOT MATCH THE HASHES" in pips
    assert re.fullmatch(
        r"pip could not install \S+requirements.txt; its message above gives the reason.", ours
    )


def test_failed_network_is_not_reported_as_missing_wheel(failed_install, monkeypatch):
    """If the index cannot be reached, the message does not call the wheel missing."""
    dead = {"INDEX_URL": "http://127.0.0.1:9/simple", "EXTRA_INDEX_URL": "", "FIND_LINKS": ""}
    for name, value in {**dead, "CONFIG_FILE": "/dev/null", "RETRIES": "1"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    ours, pips = failed_install("six==1.17.0")
    assert "Connection refused" in pips
    assert ours.startswith("pip could not install")


def test_sbom_lists_the_pinned_packages(builds, document):
    """The SBOM, CycloneDX 1.6, has the zip's version and hash, and lists requirements/lambda.txt:
    names, versions, pinned hashes, licences."""
    sbom = json.loads(builds.here().with_suffix(".cdx.json").read_text())
    assert (sbom["bomFormat"], sbom["specVersion"], sbom["version"]) == ("CycloneDX", "1.6", 1)
    product = sbom["metadata"]["component"]
    assert (product["name"], product["version"]) == ("visits", document["info"]["version"])
    digest = hashlib.sha256(builds.here().read_bytes()).hexdigest()
    assert product["hashes"] == [{"alg": "SHA-256", "content": digest}]
    for each in sbom["components"]:
        version, hashes = PINNED[each["name"]]
        assert each["version"] == version
        assert each["purl"] == each["bom-ref"] == f"pkg:pypi/{each['name']}@{version}"
        assert {each["alg"]: each["content"] for each in each["hashes"]}["SHA-256"] in hashes
        assert each["licenses"] or each["name"] in WITHOUT_LICENCE
    assert [each["name"] for each in sbom["components"]] == sorted(PINNED)
