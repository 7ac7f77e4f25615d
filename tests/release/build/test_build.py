"""`make build`: the same bytes wherever it is built, with what the function needs and no more."""

import hashlib
import json
import re
import struct
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from release.build import CannotBuild, bytecode, dependencies, interpreter
from release.build import __main__ as package
from release.build.sbom import normal
from tests.release.build import artefact
from visits import contract

MAGIC, UNCHECKED = 3571, 1  # of a Python 3.13; https://peps.python.org/pep-0552/
AARCH64 = 183  # e_machine; https://www.sco.com/developers/gabi/latest/ch4.eheader.html
REQUIREMENTS = Path("requirements/lambda.txt").read_text()
PINNED = {
    name: (version, set(re.findall(r"sha256:(\w+)", hashes)))
    for name, version, hashes in re.findall(
        r"^(\S+)==(\S+)((?: \\\n.*--hash=\S+)+)", REQUIREMENTS, re.MULTILINE
    )
}
SILENT = {"crawler-user-agents"}  # says MIT on its page, and nothing in its wheel's metadata


@pytest.fixture(scope="module")
def packed(builds):
    """What is in the zip for Lambda, by name."""
    with ZipFile(builds.here) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_is_the_same_wherever_it_is_built(builds):
    """Another folder, umask, hash seed, time zone, locale and Python: the same zip and bill."""
    assert builds.here.read_bytes() == builds.elsewhere.read_bytes()
    here, elsewhere = (
        path.with_suffix(".cdx.json").read_bytes() for path in (builds.here, builds.elsewhere)
    )
    assert here == elsewhere
    assert hashlib.sha256(builds.here.read_bytes()).hexdigest() in builds.printed


def test_nothing_of_the_builder_is_in_it(builds, packed):
    """No date, permission or path of the machine that built it, and one order."""
    with ZipFile(builds.here) as archive:
        members = archive.infolist()
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
    assert {(member.create_system, member.external_attr >> 16) for member in members} == {
        (3, 0o100644)
    }
    assert [member.filename for member in members] == sorted(packed)
    temporary = re.compile(re.escape(tempfile.gettempdir()).encode() + b"/(tmp|pytest)")
    assert [name for name, content in packed.items() if temporary.search(content)] == []


def test_no_requirement_depends_on_the_builder():
    """pip would judge a marker by the machine that builds, whatever it builds for."""
    assert not re.search(r"^[^#\n]*;", REQUIREMENTS, re.MULTILINE)
    assert len(PINNED) == len(re.findall("==", REQUIREMENTS))


def test_it_holds_the_function(packed):
    """Its sources and the contract as openapi.yaml has it, and nothing that lay beside them."""
    sources = {f"visits/{path.name}": path.read_bytes() for path in contract.HERE.glob("*.py")}
    assert sources.items() <= packed.items()
    mine = {name for name in packed if re.match("visits/(?!__pycache__)", name)}
    assert mine == {*sources, "visits/contract.json"}
    document, sha256 = contract.read()
    assert json.loads(packed["visits/contract.json"]) == {"sha256": sha256, "document": document}


def test_it_holds_what_is_pinned(packed):
    """Every package is there, and says its name and version, as scanners want it."""
    heads = [content for name, content in packed.items() if name.endswith("dist-info/METADATA")]
    told = (dict(re.findall(r"(?m)^(Name|Version): (\S+)", head.decode())) for head in heads)
    assert {normal(each["Name"]): each["Version"] for each in told} == {
        name: version for name, (version, _) in PINNED.items()
    }


def test_it_holds_the_licences(packed):
    """Whoever passes the zip on passes on the licences, where a package brings its own."""
    licensed = {
        name.split("-")[0]
        for name in packed
        if re.search(r"dist-info/(licenses/)?(LICEN[CS]E|COPYING)", name)
    }
    assert len(licensed) >= len(PINNED) - 2


def test_it_holds_nothing_that_the_function_does_not_need(packed):
    """No tests, stubs, scripts or installers, no other service, and no stories about crawlers."""
    odd = re.compile(r"(^|/)(tests?|bin)/|\.pyi$|^(pip|setuptools)\b|RECORD$|/_yaml\.")
    assert [name for name in packed if odd.search(name)] == []
    services = {name.split("/")[2] for name in packed if re.match("botocore/data/.*/", name)}
    assert services == {"dynamodb"}
    crawlers = json.loads(packed["crawleruseragents/crawler-user-agents.json"])
    assert crawlers == [{"pattern": each["pattern"]} for each in CRAWLER_USER_AGENTS_DATA]


def test_it_knows_whom_to_trust(packed):
    """The certificates by which botocore knows AWS are there; no test on one machine uses them."""
    assert b"BEGIN CERTIFICATE" in packed["botocore/cacert.pem"]


def test_its_libraries_are_for_arm64(packed):
    """Every compiled library is for arm64 Linux, and for Python 3.13 or its stable interface."""
    libraries = {name: content for name, content in packed.items() if content[:4] == b"\x7fELF"}
    assert len(libraries) >= 3
    for name, content in libraries.items():
        assert struct.unpack_from("<H", content, 18)[0] == AARCH64, name
        assert re.search(r"\.(cpython-313-aarch64-linux-gnu|abi3)\.so$", name)
    assert {name for name in packed if re.search(r"\.(so|pyd|dll|dylib)$", name)} == set(libraries)


def test_everything_is_compiled(packed):
    """Each .py has its .pyc of Python 3.13, which is loaded without a look at the source."""
    compiled = {
        re.sub(r"__pycache__/(.*)\.cpython-313\.pyc$", r"\1.py", name): content
        for name, content in packed.items()
        if name.endswith(".pyc")
    }
    assert compiled.keys() == {name for name in packed if name.endswith(".py")}
    for name, content in compiled.items():
        assert struct.unpack_from("<H2xI", content) == (MAGIC, UNCHECKED), name


def test_a_compiled_file_depends_on_its_source_alone(tmp_path):
    """A process full of other modules writes the same bytes as an empty one, in any folder."""
    compiled = []
    for name in ("full", "empty"):
        folder = tmp_path / name
        package.add_function(folder)
        if name == "full":
            bytecode.write(folder)
        else:
            package.compile_by(sys.executable, folder)
        compiled.append([path.read_bytes() for path in sorted(folder.rglob("*.pyc"))])
    assert compiled[0] == compiled[1] != []


def test_its_size_is_said_and_within_its_budget(builds):
    """The build prints size and budget, in all and without boto3."""
    sizes = re.findall(r"(\d\.\d\d) MB \(budget (\d\.\d)\)", builds.printed)
    assert [float(budget) for _, budget in sizes] == [5.0, 3.6]
    assert all(float(size) <= float(budget) for size, budget in sizes)
    assert float(sizes[0][0]) == round(builds.here.stat().st_size / 1e6, 2)


def test_without_boto3_means_without_what_only_it_needs():
    """What the second size leaves out is boto3 and the packages that nothing else asks for."""
    told = re.findall(r"^(\S+)==.*\n(?: +--hash.*\n)+((?: +#.*\n?)+)", REQUIREMENTS, re.MULTILINE)
    needs = {name: set(re.findall(r"[\w-]+", via)) & PINNED.keys() for name, via in told}
    only = {"boto3"}
    for _ in needs:
        only |= {name for name, users in needs.items() if users and users <= only}
    assert {name.replace("-", "_") for name in only} | {"dateutil"} == package.SDK


def test_over_its_budget_there_is_no_build(builds, monkeypatch):
    """A zip that is too big is refused, and the message names its biggest parts."""
    monkeypatch.setattr(package, "BUDGET", 1e6)
    with pytest.raises(CannotBuild, match=r"over its budget: .*\(budget 1\.0\).*: botocore 1\."):
        package.within_budget(builds.here.read_bytes())


def test_the_runtimes_python_is_found_where_it_is(monkeypatch, tmp_path):
    """A python3.13 that fails, or is another version, does not hide the next one on the path."""
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


def test_without_the_runtimes_python_there_is_no_build(tmp_path):
    """The message says what is missing and what to do; no zip is left, not even an older one."""
    checkout = tmp_path / "checkout"
    (checkout / "build").mkdir(parents=True)
    (checkout / "build" / "visits.zip").write_text("older")
    done = artefact.build(checkout, PYTHON313="/nowhere/python3.13")
    assert done.returncode == 1
    assert done.stderr == (
        "Cannot build: it takes a Python 3.13, the runtime's version, to compile for it, "
        "and PYTHON313=/nowhere/python3.13 is none. "
        "Install one, or name it: make build PYTHON313=/path/to/python3.13\n"
    )
    assert list((checkout / "build").iterdir()) == []


def test_no_python_of_the_version_at_all(monkeypatch):
    """Where there is none, the message says so."""
    monkeypatch.setattr(interpreter.sys, "executable", "/nowhere/python")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CannotBuild, match=r"there is none here\. Install one, or name it"):
        interpreter.find()


@pytest.fixture
def refusal(tmp_path, monkeypatch, capfd):
    """Installs a requirement; gives what the build says, after what pip said."""

    def install(requirement, sha256="0" * 64):
        path = tmp_path / "requirements.txt"
        path.write_text(f"{requirement} --hash=sha256:{sha256}\n")
        monkeypatch.setattr(dependencies, "REQUIREMENTS", path)
        with pytest.raises(CannotBuild) as refused:
            dependencies.install(tmp_path / "folder", dependencies.FOR_LAMBDA)
        return str(refused.value), capfd.readouterr().err

    return install


def test_a_wheel_that_does_not_fit_is_named(refusal):
    """A package without a wheel for arm64 Linux is named, and the message says what to do."""
    ours, _ = refusal("pywin32==306")
    assert ours == (
        "pywin32==306 has no wheel for Python 3.13 on arm64 Linux with glibc 2.34. Choose a "
        "version that has one in requirements/lambda.in, or do without the package, "
        "and run: make lock"
    )


def test_a_wrong_hash_is_pips_to_tell(refusal):
    """When a download is not what was pinned, pip's message is shown, and ours names the step."""
    ours, pips = refusal("six==1.17.0")
    assert "DO NOT MATCH THE HASHES" in pips
    assert re.fullmatch(r"pip did not install \S+requirements.txt; it says why above.", ours)


def test_a_network_that_fails_is_not_blamed_on_a_wheel(refusal, monkeypatch):
    """Without an index pip finds no wheel of anything; that says nothing about the package."""
    dead = {"INDEX_URL": "http://127.0.0.1:9/simple", "EXTRA_INDEX_URL": "", "FIND_LINKS": ""}
    for name, value in {**dead, "CONFIG_FILE": "/dev/null", "RETRIES": "1"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    ours, pips = refusal("six==1.17.0")
    assert "Connection refused" in pips
    assert ours.startswith("pip did not install")


def test_the_bill_lists_what_is_pinned(builds):
    """Its components are requirements/lambda.txt: names, versions, and a hash that is pinned."""
    bill = json.loads(builds.here.with_suffix(".cdx.json").read_text())
    for each in bill["components"]:
        version, hashes = PINNED[each["name"]]
        assert each["version"] == version
        assert each["purl"] == each["bom-ref"] == f"pkg:pypi/{each['name']}@{version}"
        assert {each["alg"]: each["content"] for each in each["hashes"]}["SHA-256"] in hashes
        assert each["licenses"] or each["name"] in SILENT
    assert [each["name"] for each in bill["components"]] == sorted(PINNED)


def test_the_bill_is_cyclonedx(builds):
    """It has the form of CycloneDX 1.6, and says of which zip it is."""
    bill = json.loads(builds.here.with_suffix(".cdx.json").read_text())
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    product = bill["metadata"]["component"]
    assert (product["name"], product["version"]) == ("visits", "1.0.0")
    digest = hashlib.sha256(builds.here.read_bytes()).hexdigest()
    assert product["hashes"] == [{"alg": "SHA-256", "content": digest}]
    references = [product["bom-ref"], *(each["bom-ref"] for each in bill["components"])]
    assert len(references) == len(set(references))
    for each in bill["components"]:
        for licence in each["licenses"]:
            assert licence.keys() in ({"expression"}, {"license"})
