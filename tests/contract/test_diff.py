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
HEALTH, HISTORY = "paths /health get", "paths /counters/{counterId}/history"
VISIT = "paths /counters/{counterId}/visits post"
OK = f"{HEALTH} responses 200"
REASONS = "components schemas VisitReceipt properties reason x-known-values"
KNOWN_REASONS = DOCUMENT["components"]["schemas"]["VisitReceipt"]["properties"]["reason"][
    "x-known-values"
]
PREFLIGHT = f"paths /health options {INTEGRATION} responses default"
PREFLIGHT_HEADER = f"{PREFLIGHT} responseParameters method.response.header"
NOT_ALLOWED = f"paths /health {ANY} {INTEGRATION} responses default"
ALLOW = f"{NOT_ALLOWED} responseParameters method.response.header.Allow"
THROTTLED = f"{GATEWAY} THROTTLED"
THROTTLED_HEADER = f"{THROTTLED} responseParameters gatewayresponse.header"
THROTTLED_BODY = f"{THROTTLED} responseTemplates application/json"
THROTTLED_TEXT = DOCUMENT[GATEWAY]["THROTTLED"]["responseTemplates"]["application/json"]
JSON_BODY = {"content": {"application/json": {"schema": {"type": "object"}}}}
NEW_OPERATION = DOCUMENT["paths"]["/health"]["get"] | {"operationId": "readStatus"}

# Edits that redocly classifies, one for each impact, and all kinds that contract/changes.py does:
# the impact, the place, and the new value. None is at a part of another.
EDITS = [
    ("major", HISTORY, GONE),
    ("major", f"{VISIT} requestBody", JSON_BODY | {"required": True}),
    ("major", f"{OK} headers Cache-Control required", GONE),
    ("major", f"{OK} content application/json schema", GONE),
    ("major", REASONS, KNOWN_REASONS[1:]),
    ("major", f"{VISIT} x-idempotent", GONE),
    ("major", f"{HEALTH} {AWS}api-key-required", True),
    ("major", f"{HEALTH} {INTEGRATION}", GONE),
    ("major", ALLOW, GONE),
    ("major", f"{NOT_ALLOWED} statusCode", "403"),
    ("major", f"{PREFLIGHT_HEADER}.Access-Control-Allow-Origin", "'https://a.example'"),
    ("major", f"{GATEWAY} DEFAULT_5XX", GONE),
    ("major", f"{THROTTLED_HEADER}.Retry-After", GONE),
    ("major", THROTTLED_BODY, THROTTLED_TEXT.replace("too-many-requests", "refused")),
    ("minor", "paths /status", {"get": NEW_OPERATION}),
    ("minor", f"{VISIT} requestBody", JSON_BODY),
    ("minor", REASONS, ["later", *KNOWN_REASONS]),
    ("minor", f"{HEALTH} x-idempotent", True),
    ("minor", f"{GATEWAY} EXPIRED_TOKEN", {"statusCode": "403"}),
    ("minor", f"{THROTTLED_HEADER}.Vary", "'Origin'"),
    ("minor", f"{HEALTH} {INTEGRATION} connectionType", "INTERNET"),
    ("minor", ALLOW, "'GET, HEAD, PUT, OPTIONS'"),
    ("patch", "info description", "Counts."),
    ("patch", f"{OK} content application/json examples running value status", "well"),
    ("patch", f"{VISIT} x-rate-limit rate", 9),
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


@pytest.mark.parametrize("impact", ["major", "minor", "patch"])
def test_edit_has_its_impact(impact):
    """Each edit is reported at its place with its impact; one of API Gateway's extensions once."""
    edits = [edit for edit in EDITS if edit[0] == impact]
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
    assert "\n### Breaking\n\n- " in result.stdout
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
        (
            "main",
            "a: [",
            "openapi.yaml is not OpenAPI, or info.version or paths is missing: Parser",
        ),
        ("main", "info: {version: 1.0.0}\npaths: {}", "redocly cannot compare the contracts."),
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
