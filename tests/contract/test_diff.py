"""`make contract-diff` classifies the changes of the contract and checks its version."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from contract.changes import IGNORED_BY_REDOCLY, Change, changes
from contract.changes import impact as impact_of
from contract.diff import summarize
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
OK, DAYS_OK = f"{HEALTH} responses 200", f"{HISTORY} responses 200"
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
    ("major", f"{DAYS_OK} content", {"text/json": {"schema": TEXT_SCHEMA}}),
    ("major", f"{DAYS_OK} content application/json schema", GONE),
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


def apply_edits(edits):
    """Return the contract with some edits: values that are changed, added or removed."""
    document = json.loads(BASE)
    for _, place, value in edits:
        *parents, last = place.split(" ")
        node = document
        for key in parents:
            node = node[int(key) if isinstance(node, list) else key]
        if value is GONE:
            del node[int(last) if isinstance(node, list) else last]
        else:
            node[last] = value
    return document


def rounds(impact):
    """Return the edits of an impact in few lists. In a list no edit is at a part of another."""
    found = []
    for edit in (edit for edit in EDITS if edit[0] == impact):
        for edits in found:
            if not any(is_part(edit, other) or is_part(other, edit) for other in edits):
                edits.append(edit)
                break
        else:
            found.append([edit])
    return found


def is_part(edit, other):
    return f"{edit[1]} ".startswith(f"{other[1]} ")


@pytest.mark.parametrize("impact", ["major", "minor", "patch"])
def test_edit_has_its_impact(impact):
    """Each edit is reported at its place with its impact; one of API Gateway's extensions once."""
    for edits in rounds(impact):
        found = changes(DOCUMENT, apply_edits(edits))
        missing = [
            place
            for _, place, _ in edits
            if not any(change.impact == impact and is_at(change, place) for change in found)
        ]
        assert missing == []
        assert sum(AWS in change.place for change in found) == sum(AWS in edit[1] for edit in edits)


def is_at(change, place):
    return f"{change.place} ".startswith(f"{place} ")


@pytest.mark.parametrize(
    ("impacts", "lowest", "too_low"),
    [
        ({"major", "minor", "patch"}, "2.0.0", "1.9.9"),
        ({"minor", "patch"}, "1.3.0", "1.2.9"),
        ({"patch"}, "1.2.4", "1.2.3"),
        (set(), "1.2.3", "0.9.0"),
    ],
)
def test_version_follows_the_highest_impact(impacts, lowest, too_low):
    """A version passes if it is high enough for the changes, and never if it is lower."""
    found = {Change(impact, "It changed.", "paths") for impact in impacts}
    assert summarize(found, "1.2.3", lowest)[1]
    summary, passed = summarize(found, "1.2.3", too_low)
    assert not passed
    assert f"must be {lowest} or higher" in summary


def test_summary_lists_every_change():
    """Changes are below the heading of their impact. Those with one text share a line."""
    found = {Change("major", "It is gone.", f"paths {number}") for number in range(5)}
    summary, _ = summarize({*found, Change("patch", "It changed.", "info")}, "1.2.3", "2.0.0")
    assert summary.endswith(
        "### Breaking\n\n- It is gone. `paths 0`, `paths 1`, `paths 2` and 2 more\n\n"
        "### Editorial\n\n- It changed. `info`\n"
    )


def test_renamed_schema_is_a_patch():
    """The name of a schema may change in a patch version, because clients do not see it."""
    renamed = BASE.replace("schemas/Health", "schemas/Service").replace('"Health"', '"Service"')
    assert {change.impact for change in changes(DOCUMENT, json.loads(renamed))} == {"patch"}


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
    """Run the command of `make contract-diff`."""
    return subprocess.run(
        [sys.executable, "-m", "contract.diff"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "BASE": base},
        capture_output=True,
        text=True,
        check=False,
    )


def test_working_tree_is_compared_with_the_revision(repository, monkeypatch):
    """The command prints the summary, writes it to build/ and to GitHub's page, and fails.

    Without a tag of a release it does not fail.
    """
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(repository / "page.md"))
    Path("page.md").write_text("Before.\n")
    write(TEXT.replace("maximum: 366}", "maximum: 20}"))
    result = contract_diff()
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.startswith(
        f"## Contract {VERSION} → {VERSION}\n\n**The version is {VERSION}. It must"
    )
    assert Path("build/contract-diff.md").read_text() == result.stdout
    assert Path("page.md").read_text() == f"Before.\n{result.stdout}"
    git("tag", "--delete", "v0.0.0")
    unreleased = contract_diff()
    assert unreleased.returncode == 0
    assert unreleased.stdout.startswith(result.stdout)


def test_layout_and_version_are_not_changes(repository):
    """Removing comments, references and aliases, and sorting the keys, changes nothing."""
    write(yaml.dump(EXPANDED | {"info": EXPANDED["info"] | {"version": "9.0.0"}}))
    result = contract_diff()
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"## Contract {VERSION} → 9.0.0\n\nThere are no changes.\n"
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
        (
            "main",
            "a: [",
            "openapi.yaml is not OpenAPI, or info.version or paths is missing: Parser",
        ),
        (
            "main",
            "a: 1",
            "openapi.yaml is not OpenAPI, or info.version or paths is missing: KeyErr",
        ),
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
    ],
)
def test_missing_or_invalid_contract_is_reported(repository, base, text, message):
    """Without two valid contracts the command fails with a message that says what to do."""
    write(text)
    result = contract_diff(base)
    assert (result.returncode, result.stdout) == (1, "")
    assert message in result.stderr


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
