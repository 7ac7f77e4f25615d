"""`make contract-diff` classifies the changes of the contract and checks its version."""

import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest
import yaml

from contract import redocly
from contract.changes import IGNORED_BY_REDOCLY, changes
from contract.changes import impact as impact_of
from contract.diff import main, summarize
from contract.generation import expand
from contract.repository import ROOT, SOURCE

TEXT = SOURCE.read_text("utf-8")
EXPANDED = expand(yaml.safe_load(TEXT))
VERSION = EXPANDED["info"]["version"]
DOCUMENT = EXPANDED | {"info": EXPANDED["info"] | {"version": "1.2.3"}}
BASE = json.dumps(DOCUMENT)
GONE = object()

pytestmark = pytest.mark.slow

AWS = "x-amazon-apigateway-"
ANY, INTEGRATION, GATEWAY = f"{AWS}any-method", f"{AWS}integration", f"{AWS}gateway-responses"
HEALTH, HISTORY = "paths /health get", "paths /counters/{counterId}/history get"
VISIT = "paths /counters/{counterId}/visits post"
ID, DAYS = f"{HISTORY} parameters 0", f"{HISTORY} parameters 1"
OK = f"{HEALTH} responses 200"
HEALTH_SCHEMA, VISITS = "components schemas Health", "components schemas Totals properties visits"
RECEIPT = DOCUMENT["components"]["schemas"]["VisitReceipt"]
REASONS = "components schemas VisitReceipt properties reason x-known-values"
KNOWN_REASONS = RECEIPT["properties"]["reason"]["x-known-values"]
PREFLIGHT = f"paths /health options {INTEGRATION} responses default"
PREFLIGHT_HEADER = f"{PREFLIGHT} responseParameters method.response.header"
NOT_ALLOWED = f"paths /health {ANY} {INTEGRATION} responses default"
ALLOW = f"{NOT_ALLOWED} responseParameters method.response.header.Allow"
THROTTLED = f"{GATEWAY} THROTTLED"
THROTTLED_HEADER = f"{THROTTLED} responseParameters gatewayresponse.header"
THROTTLED_BODY = f"{THROTTLED} responseTemplates application/json"
THROTTLED_TEXT = DOCUMENT[GATEWAY]["THROTTLED"]["responseTemplates"]["application/json"]
TEXT_SCHEMA = {"type": "string"}
JSON_BODY = {"content": {"application/json": {"schema": {"type": "object"}}}}
NEW_OPERATION = DOCUMENT["paths"]["/health"]["get"] | {"operationId": "readStatus"}

# One edit of each kind: its impact, its place, and the new value.
EDITS = [
    ("major", "paths /counters/{counterId}/history", GONE),
    ("major", VISIT, GONE),
    ("major", "paths /health options", GONE),
    ("major", f"{HEALTH} operationId", "getHealth"),
    ("major", f"{HEALTH} parameters", [{"name": "x", "in": "query", "required": True}]),
    ("major", DAYS, GONE),
    ("major", f"{DAYS} required", True),
    ("major", f"{DAYS} explode", False),
    ("major", f"{DAYS} schema type", "string"),
    ("major", f"{DAYS} schema maximum", 20),
    ("major", f"{ID} schema pattern", "^[a-z]+$"),
    ("major", f"{VISIT} requestBody", JSON_BODY | {"required": True}),
    ("major", f"{VISIT} responses 201", GONE),
    ("major", f"{OK} headers Cache-Control", GONE),
    ("major", f"{OK} headers Cache-Control required", GONE),
    ("major", f"{OK} content", {"text/json": {"schema": TEXT_SCHEMA}}),
    ("major", f"{OK} content application/json schema", GONE),
    ("major", f"{HEALTH_SCHEMA} properties contract", GONE),
    ("major", f"{HEALTH_SCHEMA} required", ["status", "version"]),
    ("major", f"{HEALTH_SCHEMA} properties version nullable", True),
    ("major", f"{HEALTH_SCHEMA} properties contract pattern", GONE),
    ("major", VISITS, TEXT_SCHEMA),
    ("major", REASONS, GONE),
    ("major", REASONS, KNOWN_REASONS[1:]),
    ("major", "servers 0 url", "/v2"),
    ("major", f"{HEALTH} security", [{"key": []}]),
    ("major", f"{HEALTH} {AWS}api-key-required", True),
    ("major", f"{HEALTH} {INTEGRATION}", GONE),
    ("major", f"paths /health {ANY}", GONE),
    ("major", ALLOW, GONE),
    ("major", f"{NOT_ALLOWED} statusCode", "403"),
    ("major", f"{PREFLIGHT_HEADER}.Access-Control-Allow-Origin", "'https://a.example'"),
    ("major", THROTTLED, GONE),
    ("major", f"{THROTTLED} statusCode", "503"),
    ("major", f"{THROTTLED_HEADER}.Retry-After", GONE),
    ("major", THROTTLED_BODY, THROTTLED_TEXT.replace("too-many-requests", "refused")),
    ("minor", "paths /status", {"get": NEW_OPERATION}),
    ("minor", "paths /health put", NEW_OPERATION),
    ("minor", f"{HEALTH} parameters", [{"name": "x", "in": "query", "schema": TEXT_SCHEMA}]),
    ("minor", f"{VISIT} requestBody", JSON_BODY),
    ("minor", f"{VISIT} responses 409", {"description": "Conflict."}),
    ("minor", f"{HEALTH_SCHEMA} properties region", TEXT_SCHEMA),
    ("minor", REASONS, ["later", *KNOWN_REASONS]),
    ("minor", f"{HEALTH} x-idempotent", True),
    ("major", f"{VISIT} x-idempotent", GONE),
    ("patch", f"{VISIT} x-rate-limit rate", 9),
    ("minor", f"{GATEWAY} EXPIRED_TOKEN", {"statusCode": "403"}),
    ("minor", f"{THROTTLED_HEADER}.Vary", "'Origin'"),
    ("minor", f"{HEALTH} {INTEGRATION} connectionType", "INTERNET"),
    ("minor", ALLOW, "'GET, HEAD, PUT, OPTIONS'"),
    (
        "minor",
        f"{PREFLIGHT_HEADER}.Access-Control-Allow-Headers",
        "'Content-Type, X-Requested-With, Cache-Control, A'",
    ),
    ("patch", "info description", "Counts."),
    ("patch", f"{OK} content application/json examples running value status", "well"),
    ("patch", f"{DAYS} schema maximum", 400),
    ("patch", "components responses MethodNotAllowed headers Content-Type required", True),
    ("patch", f"{VISITS} maximum", 1_000_000),
    ("patch", f"{HEALTH} {INTEGRATION} timeoutInMillis", 9000),
    ("patch", f"{AWS}request-validator", GONE),
    ("patch", f"{THROTTLED_HEADER}.Retry-After", "'2'"),
    ("patch", THROTTLED_BODY, THROTTLED_TEXT.replace("Wait a second", "Wait")),
]
VERSIONS = {"major": ("2.0.0", "1.9.9"), "minor": ("1.3.0", "1.2.9"), "patch": ("1.2.4", "1.2.3")}


def edited(place, value):
    """Return the contract with one value changed, added or removed. No alias repeats it."""
    document = json.loads(BASE)
    *parents, last = place.split(" ")
    node = document
    for key in parents:
        node = node[int(key) if isinstance(node, list) else key]
    last = int(last) if isinstance(node, list) else last
    if value is GONE:
        del node[last]
    else:
        node[last] = value
    return document


@pytest.fixture(scope="module", autouse=True)
def redocly_process():
    """Run the commands of redocly in one process, except those of command()."""
    script = Path(__file__).with_name("redocly.mjs")
    cli = redocly.CLI.parents[1] / "lib/index.js"
    config = f"--config={redocly.HERE / 'redocly.yaml'}"
    with (
        subprocess.Popen(
            [redocly.NODE, script, cli],
            env={**os.environ, **redocly.SILENT},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
        pytest.MonkeyPatch.context() as monkeypatch,
    ):

        def run(*arguments):
            process.stdin.write(json.dumps([*map(str, arguments), config]) + "\n")
            process.stdin.flush()
            return SimpleNamespace(**json.loads(process.stdout.readline()))

        monkeypatch.setattr(redocly, "run", run)
        yield
        process.stdin.close()


@pytest.fixture(scope="module")
def changes_of_edits():
    """Return the changes of each edit."""
    return [changes(DOCUMENT, edited(place, value)) for _, place, value in EDITS]


@pytest.mark.parametrize(
    ("number", "impact"),
    [(number, impact) for number, (impact, *_) in enumerate(EDITS)],
    ids=[f"{impact}: {place}{' removed' * (value is GONE)}" for impact, place, value in EDITS],
)
def test_edit_needs_the_version_of_its_impact(changes_of_edits, number, impact):
    """An edit passes with the version that its impact requires, and fails with a lower version."""
    lowest, too_low = VERSIONS[impact]
    for version, expected in ((lowest, True), (too_low, False), ("1.2.3", False)):
        summary, passed = summarize(changes_of_edits[number], "1.2.3", version)
        assert passed == expected, summary
        assert passed or f"must be {lowest} or higher" in summary


def test_edit_is_reported_at_its_place(changes_of_edits):
    """Each edit is reported with its impact, at its place or at a parent or child of it.

    redocly does not report a change of API Gateway's extensions, too.
    """
    for (impact, place, _), found in zip(EDITS, changes_of_edits, strict=True):
        places = [change.place for change in found if change.impact == impact]
        assert any(each.startswith(place) or place.startswith(each) for each in places), places
        if AWS in place or place == f"{DAYS} required":
            assert len(found) == 1, found


def test_renamed_schema_is_a_patch():
    """The name of a schema may change in a patch version, because clients do not see it."""
    renamed = BASE.replace("schemas/Health", "schemas/Service").replace('"Health"', '"Service"')
    assert {change.impact for change in changes(DOCUMENT, json.loads(renamed))} == {"patch"}


def test_summary_lists_every_change():
    """Two changes are listed under the headings of their impacts. The higher impact decides."""
    document = edited(f"{THROTTLED} statusCode", "503")
    document["info"]["description"] = "Counts."
    summary, _ = summarize(changes(DOCUMENT, document), "1.2.3", "1.2.4")
    assert "must be 2.0.0 or higher" in summary
    assert "`statusCode` changed from `429` to `503`." in summary.partition("### Breaking")[2]
    assert "`info description`" in summary.partition("### Editorial")[2]


def test_repeated_change_is_one_line():
    """A header that is removed from many responses is one line, with three of its places."""
    document = expand(yaml.safe_load(TEXT.replace("Retry-After: {$ref", "Later: {$ref")))
    summary, _ = summarize(changes(DOCUMENT, document), "1.2.3", "2.0.0")
    (line,) = [line for line in summary.splitlines() if "header `Retry-After`" in line]
    assert line.count("`paths ") == 3
    assert line.endswith(" more")


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Create a Git repository with the contract in its second commit, and change into it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("GITHUB_STEP_SUMMARY", "BASE", "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    git("init", "--quiet", "--initial-branch=main")
    git("commit", "--quiet", "--allow-empty", "--message=Start")
    git("tag", "v0.0.0")
    write(TEXT)
    git("add", "openapi.yaml")
    git("commit", "--quiet", "--message=Contract")
    return tmp_path


def git(*arguments):
    author = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *author, *arguments], check=True)


def write(text):
    Path("openapi.yaml").write_text(text, "utf-8")


def contract_diff(base="main"):
    """Run the command of `make contract-diff` in this process."""
    output = StringIO()
    with (
        patch.dict(os.environ, BASE=base),
        redirect_stdout(output),
        pytest.raises(SystemExit) as stop,
    ):
        main()
    error = stop.value.code if isinstance(stop.value.code, str) else ""
    return subprocess.CompletedProcess("", bool(stop.value.code), output.getvalue(), error)


def command(base):
    """Run the command of `make contract-diff` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "contract.diff"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "BASE": base},
        capture_output=True,
        text=True,
        check=False,
    )


def test_working_tree_is_compared_with_the_revision(repository, monkeypatch):
    """The command prints the summary, writes it to build/ and to GitHub's page, and fails."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(repository / "page.md"))
    Path("page.md").write_text("Before.\n")
    write(TEXT.replace("maximum: 366}", "maximum: 20}"))
    result = command("main")
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.startswith(
        f"## Contract {VERSION} → {VERSION}\n\n**The version is {VERSION}. It must"
    )
    assert Path("build/contract-diff.md").read_text() == result.stdout
    assert Path("page.md").read_text() == f"Before.\n{result.stdout}"


def test_before_the_first_release_nothing_fails(repository):
    """Without a tag of a release, a change that needs a higher version is only reported."""
    git("tag", "--delete", "v0.0.0")
    write(TEXT.replace("maximum: 366}", "maximum: 20}"))
    result = contract_diff()
    assert result.returncode == 0
    assert "It must be 2.0.0 or higher" in result.stdout


def test_high_enough_version_passes(repository):
    """The version itself is not a change."""
    write(TEXT.replace(f"version: {VERSION}\n", "version: 2.0.0\n", 1))
    result = contract_diff()
    assert (result.returncode, result.stdout) == (
        0,
        f"## Contract {VERSION} → 2.0.0\n\nThere are no changes.\n",
    )


def test_lower_version_fails(repository):
    """A lower version fails, even without other changes."""
    write(TEXT.replace(f"version: {VERSION}\n", "version: 0.9.0\n", 1))
    result = contract_diff()
    assert result.returncode == 1
    assert f"is 0.9.0. It must be {VERSION} or higher" in result.stdout


def test_layout_is_not_a_change(repository):
    """Removing comments, references and aliases, and sorting the keys, changes nothing."""
    write(yaml.dump(EXPANDED))
    result = contract_diff()
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"## Contract {VERSION} → {VERSION}\n\nThere are no changes.\n"
    assert Path("build/contract-diff.md").read_text() == ""  # no comment on a pull request


@pytest.mark.parametrize("base", [40 * "0", "v0.0.0"])
def test_new_contract_passes(repository, base):
    """For a new branch GitHub sends a revision of zeros. That and the first commit have none."""
    result = contract_diff(base)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"The contract is new: {base} does not contain it.\n"


@pytest.mark.parametrize(
    ("base", "text", "message"),
    [
        ("", TEXT, "Set BASE to the revision to compare with: make contract-diff BASE=origin/main"),
        ("origin/main", TEXT, "Git does not find the revision 'origin/main'. Fetch it (git fetch"),
        ("--help", TEXT, "Git does not find the revision '--help'."),
        ("main", "a: [", "openapi.yaml is not valid YAML: while parsing"),
        ("main", "a: 1", "openapi.yaml is not OpenAPI: info.version or paths is missing."),
        ("main", "", "openapi.yaml is not OpenAPI"),
        (
            "main",
            "info: {version: 1.0.0}\npaths: {}",
            "redocly cannot compare the contracts. It reports:\n",
        ),
        (
            "main",
            TEXT.replace(f"version: {VERSION}", "version: 1.1", 1),
            "has the version '1.1'. Use three",
        ),
        ("main", None, "openapi.yaml is not in this folder."),
    ],
)
def test_missing_or_invalid_contract_is_reported(repository, base, text, message):
    """Without two valid contracts the command fails with a message that says what to do."""
    Path("openapi.yaml").unlink() if text is None else write(text)
    result = contract_diff(base)
    assert (result.returncode, result.stdout) == (1, "")
    assert message in result.stderr


def test_invalid_contract_at_the_revision_is_reported(repository):
    """The message says that the invalid contract is that of the revision."""
    write("a: [")
    git("commit", "--quiet", "--all", "--message=Broken")
    write(TEXT)
    assert contract_diff().stderr.startswith("openapi.yaml at main is not valid YAML")


@pytest.mark.parametrize(
    "place",
    [
        "paths /examples/{id} get responses 404",
        "components schemas Thing properties example",
        "paths /x-rays get responses 200 headers x-known",
        "components schemas Thing properties description x-known-values a",
    ],
)
def test_names_that_look_like_fields_hide_no_change(place):
    """A path, a property or a header may be called like a field that is no promise to clients."""
    assert impact_of(place, "a", None) == "major"
    assert bool(IGNORED_BY_REDOCLY.search(place)) == ("x-known-values" in place)
