"""The gate before a contract that changes: what breaks clients needs a major version."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from contract.changes import changes
from contract.diff import judge
from visits import contract
from visits.references import resolve

ROOT = contract.SOURCE.parent
TEXT = contract.SOURCE.read_text("utf-8")
RESOLVED = resolve(yaml.safe_load(TEXT))
DOCUMENT = RESOLVED | {"info": RESOLVED["info"] | {"version": "1.2.3"}}
BASE = json.dumps(DOCUMENT)
GONE = object()

AWS = "x-amazon-apigateway-"
ANY, INTEGRATION, GATEWAY = f"{AWS}any-method", f"{AWS}integration", f"{AWS}gateway-responses"
HEALTH, HISTORY = "paths /health get", "paths /counters/{counterId}/history get"
VISIT = "paths /counters/{counterId}/visits post"
ID, DAYS = f"{HISTORY} parameters 0", f"{HISTORY} parameters 1"
OK = f"{HEALTH} responses 200"
HEALTH_SCHEMA, VISITS = "components schemas Health", "components schemas Totals properties visits"
REASONS = "x-visits-known-values VisitReceipt reason"
KNOWN_REASONS = DOCUMENT["x-visits-known-values"]["VisitReceipt"]["reason"]
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

# One edit of each kind: its impact, its place, and what is there then.
EDITS = [
    ("major", "paths /counters/{counterId}/history", GONE),
    ("major", VISIT, GONE),
    ("major", "paths /health options", GONE),
    ("major", f"{HEALTH} operationId", "getHealth"),
    ("major", f"{HEALTH} parameters", [{"name": "x", "in": "query", "required": True}]),
    ("major", DAYS, GONE),
    ("major", f"{DAYS} required", True),
    ("major", f"{DAYS} name", "of"),
    ("major", f"{DAYS} in", "header"),
    ("major", f"{DAYS} explode", False),
    ("major", f"{DAYS} schema type", "string"),
    ("major", f"{DAYS} schema minimum", 2),
    ("major", f"{DAYS} schema maximum", 20),
    ("major", f"{DAYS} schema enum", [7, 30]),
    ("major", f"{ID} schema pattern", "^[a-z]+$"),
    ("major", f"{ID} schema maxLength", 32),
    ("major", f"{VISIT} parameters 1 schema format", "uri"),
    ("major", f"{VISIT} requestBody", JSON_BODY | {"required": True}),
    ("major", f"{VISIT} responses 201", GONE),
    ("major", f"{VISIT} responses 503", GONE),
    ("major", f"{OK} headers Cache-Control", GONE),
    ("major", f"{OK} headers Cache-Control required", GONE),
    ("major", f"{OK} headers Cache-Control schema enum", ["no-store", "no-cache"]),
    ("major", f"{OK} content", {"text/json": {"schema": TEXT_SCHEMA}}),
    ("major", f"{OK} content application/json schema", GONE),
    ("major", f"{HEALTH} responses 500 content", {"application/json": {"schema": {}}}),
    ("major", f"{HEALTH_SCHEMA} properties contract", GONE),
    ("major", "components schemas Problem properties detail", GONE),
    ("major", f"{HEALTH_SCHEMA} required", ["status", "version"]),
    ("major", f"{HEALTH_SCHEMA} properties version type", "integer"),
    ("major", f"{HEALTH_SCHEMA} properties version nullable", True),
    ("major", f"{HEALTH_SCHEMA} properties contract pattern", GONE),
    ("major", f"{HEALTH_SCHEMA} properties contract pattern", "^[0-9a-f]{40}$"),
    ("major", "components schemas Totals properties date format", "date-time"),
    ("major", VISITS, TEXT_SCHEMA),
    ("major", f"{VISITS} minimum", -1),
    ("major", "components schemas History properties days items", {"type": "object"}),
    ("major", REASONS, GONE),
    ("major", REASONS, KNOWN_REASONS[1:]),
    ("major", REASONS, ["repeated", *KNOWN_REASONS[1:]]),
    ("major", "servers 0 url", "/v2"),
    ("major", "security", [{"key": []}]),
    ("major", f"{HEALTH} security", [{"key": []}]),
    ("major", f"{HEALTH} {AWS}api-key-required", True),
    ("major", f"{HEALTH} {AWS}auth", {"type": "AWS_IAM"}),
    ("major", f"{AWS}policy", {"Version": "2012-10-17", "Statement": []}),
    ("major", f"{HEALTH} {INTEGRATION}", GONE),
    ("major", f"paths /health {ANY}", GONE),
    ("major", f"paths /health {ANY} responses 405", GONE),
    ("major", ALLOW, GONE),
    ("major", f"{NOT_ALLOWED} statusCode", "403"),
    ("major", f"{PREFLIGHT} statusCode", "200"),
    ("major", f"{PREFLIGHT_HEADER}.Access-Control-Allow-Origin", GONE),
    ("major", f"{PREFLIGHT_HEADER}.Access-Control-Allow-Origin", "'https://a.example'"),
    ("major", f"{PREFLIGHT_HEADER}.Access-Control-Allow-Methods", "'GET'"),
    ("major", GATEWAY, GONE),
    ("major", THROTTLED, GONE),
    ("major", f"{THROTTLED} statusCode", "503"),
    ("major", f"{THROTTLED_HEADER}.Access-Control-Allow-Origin", GONE),
    ("major", f"{THROTTLED_HEADER}.Retry-After", GONE),
    ("major", f"{THROTTLED_HEADER}.Content-Type", "'application/json'"),
    ("major", THROTTLED_BODY, THROTTLED_TEXT.replace("too-many-requests", "refused")),
    ("minor", "paths /status", {"get": NEW_OPERATION}),
    ("minor", "paths /health put", NEW_OPERATION),
    ("minor", f"{HEALTH} parameters", [{"name": "x", "in": "query", "schema": TEXT_SCHEMA}]),
    ("minor", f"{VISIT} requestBody", JSON_BODY),
    ("minor", f"{VISIT} responses 409", {"description": "Somebody else counts."}),
    ("minor", f"{OK} headers ETag", {"schema": TEXT_SCHEMA}),
    ("minor", f"{OK} content text/plain", {"schema": TEXT_SCHEMA}),
    ("minor", f"{HEALTH_SCHEMA} properties region", TEXT_SCHEMA),
    ("minor", REASONS, ["later", *KNOWN_REASONS]),
    ("minor", "x-visits-known-values Problem detail", ["again"]),
    ("minor", f"{GATEWAY} EXPIRED_TOKEN", {"statusCode": "403"}),
    ("minor", f"{THROTTLED_HEADER}.Vary", "'Origin'"),
    ("minor", f"{HEALTH} {INTEGRATION} connectionType", "INTERNET"),
    ("minor", f"paths /health {ANY} responses 503", {"description": "No store."}),
    ("minor", ALLOW, "'GET, PUT, OPTIONS'"),
    ("minor", f"{PREFLIGHT_HEADER}.Access-Control-Allow-Headers", "'Content-Type, ETag'"),
    ("patch", "info description", "Counts."),
    ("patch", f"{HEALTH} summary", "Health"),
    ("patch", f"{OK} content application/json examples running value status", "well"),
    ("patch", f"paths /health {ANY} responses 405 description", "Not this method."),
    ("patch", f"paths /counters/{{counterId}} {ANY} parameters 0 description", "Any."),
    ("patch", f"{DAYS} schema maximum", 60),
    ("patch", "components responses MethodNotAllowed headers Content-Type required", True),
    ("patch", f"{VISITS} maximum", 1_000_000),
    ("patch", f"{HEALTH_SCHEMA} additionalProperties", True),
    ("patch", f"{HEALTH} {INTEGRATION} timeoutInMillis", 9000),
    ("patch", f"{HEALTH} {INTEGRATION} uri", "${other_arn}"),
    ("patch", f"{AWS}request-validator", GONE),
    ("patch", f"{THROTTLED_HEADER}.Retry-After", "'2'"),
    ("patch", f"{PREFLIGHT_HEADER}.Access-Control-Max-Age", "'600'"),
    ("patch", THROTTLED_BODY, THROTTLED_TEXT.replace("Wait a second", "Wait")),
]
STEPS = {"major": ("2.0.0", "1.9.9"), "minor": ("1.3.0", "1.2.9"), "patch": ("1.2.4", "1.2.3")}


def edited(place, value):
    """The contract with one value changed, added or, if GONE, removed. No alias repeats it."""
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


@pytest.fixture(scope="module")
def all_found():
    """What every edit changes; redocly takes a moment to start, so two at a time."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda edit: changes(DOCUMENT, edited(*edit[1:])), EDITS))


@pytest.mark.parametrize(
    ("number", "impact"),
    [(number, impact) for number, (impact, *_) in enumerate(EDITS)],
    ids=[f"{impact}: {place}{' gone' * (value is GONE)}" for impact, place, value in EDITS],
)
def test_an_edit_needs_its_step_of_the_version(all_found, number, impact):
    """An edit fails as long as the version has not taken its step, and not after it."""
    enough, too_low = STEPS[impact]
    for version, passes in ((enough, True), (too_low, False), ("1.2.3", False)):
        summary, passed = judge(all_found[number], "1.2.3", version)
        assert passed == passes, summary
        assert passed or f"has to be {enough} or higher" in summary


def test_an_edit_is_told_with_its_place(all_found):
    """Each edit is told as a change of its impact, at its place, above or below it."""
    for (impact, place, _), found in zip(EDITS, all_found, strict=True):
        places = [change.place for change in found if change.impact == impact]
        assert any(told.startswith(place) or place.startswith(told) for told in places), places


def test_an_edit_for_api_gateway_is_told_once(all_found):
    """What redocly says of API Gateway's parts does not repeat what we say."""
    for (_, place, _), found in zip(EDITS, all_found, strict=True):
        if AWS in place:
            assert len(found) == 1


def test_what_is_added_is_told_where_it_is(all_found):
    """A field that was not there before is named, and not only what it is in."""
    (found,) = [
        all_found[number] for number, edit in enumerate(EDITS) if edit[1] == f"{DAYS} required"
    ]
    assert [change.place for change in found] == [f"{DAYS} required"]


def test_the_name_of_a_schema_is_no_part_of_the_contract():
    """A schema may get another name: clients see what is in it."""
    renamed = BASE.replace("schemas/Health", "schemas/Service").replace('"Health"', '"Service"')
    assert {change.impact for change in changes(DOCUMENT, json.loads(renamed))} == {"patch"}


def test_every_part_of_an_edit_is_told():
    """Two edits at once are both told, each under its heading, and the higher step is needed."""
    document = edited(f"{THROTTLED} statusCode", "503")
    document["info"]["description"] = "Counts."
    summary, _ = judge(changes(DOCUMENT, document), "1.2.3", "1.2.4")
    assert "has to be 2.0.0 or higher" in summary
    assert "`statusCode` changed from `429` to `503`." in summary.partition("### Breaking")[2]
    assert "`info description`" in summary.partition("### Editorial")[2]


def test_what_an_anchor_repeats_is_told_once():
    """A header that leaves many responses is one line, with three of its places."""
    document = resolve(yaml.safe_load(TEXT.replace("Retry-After: {$ref", "Later: {$ref")))
    summary, _ = judge(changes(DOCUMENT, document), "1.2.3", "2.0.0")
    (line,) = [each for each in summary.splitlines() if "header `Retry-After`" in each]
    assert line.count("`paths ") == 3
    assert line.endswith(" more")


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository of git with the contract in its first commit."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("GITHUB_STEP_SUMMARY", "BASE", "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    git("init", "--quiet", "--initial-branch=main")
    git("commit", "--quiet", "--allow-empty", "--message=Start")
    git("tag", "empty")
    write(TEXT)
    git("add", "openapi.yaml")
    git("commit", "--quiet", "--message=Contract")
    return tmp_path


def git(*words):
    author = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *author, *words], check=True)


def write(text):
    Path("openapi.yaml").write_text(text, "utf-8")


def command(base="main"):
    return subprocess.run(
        [sys.executable, "-m", "contract.diff"],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'lambda'}:{ROOT}", "BASE": base},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_working_tree_is_compared_with_the_revision(repository, monkeypatch):
    """The command prints the summary, keeps it in build/, adds it to CI's page, and fails."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(repository / "page.md"))
    Path("page.md").write_text("Before.\n")
    write(TEXT.replace("maximum: 30}", "maximum: 20}"))
    done = command()
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("## Contract 1.0.0 → 1.0.0\n\n**The version is 1.0.0, and has to")
    assert Path("build/contract-diff.md").read_text() == done.stdout
    assert Path("page.md").read_text() == f"Before.\n{done.stdout}"


def test_the_right_version_passes(repository):
    """A breaking change with a major step passes; the step itself is no change."""
    narrower = TEXT.replace("maximum: 30}", "maximum: 20}")
    write(narrower.replace("version: 1.0.0\n", "version: 2.0.0\n", 1))
    done = command()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("## Contract 1.0.0 → 2.0.0\n\n### Breaking\n\n- Upper bound")
    assert "info version" not in done.stdout


def test_a_version_does_not_go_back(repository):
    """A lower version fails, even if nothing else has changed."""
    write(TEXT.replace("version: 1.0.0\n", "version: 0.9.0\n", 1))
    done = command()
    assert done.returncode == 1
    assert "is 0.9.0, and has to be 1.0.0 or higher" in done.stdout


def test_comments_and_layout_are_no_change(repository):
    """The same contract, without its comments, references, anchors and order, is unchanged."""
    write(yaml.dump(RESOLVED))
    done = command()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "## Contract 1.0.0 → 1.0.0\n\nNothing changed for clients.\n"
    assert Path("build/contract-diff.md").read_text() == ""  # a pull request is not told of it


def test_before_the_first_commit_there_was_no_contract(repository):
    """GitHub names that commit with zeros."""
    done = command(40 * "0")
    assert (done.returncode, done.stderr) == (0, "")
    assert "The contract is new" in done.stdout


def test_a_first_contract_passes(repository):
    """Where the revision has no contract, there is nothing to break."""
    done = command("empty")
    assert (done.returncode, done.stdout) == (0, "The contract is new: there is none at empty.\n")


@pytest.mark.parametrize(
    ("base", "text", "message"),
    [
        ("", TEXT, "Name the revision to compare with: make contract-diff BASE=origin/main"),
        ("origin/main", TEXT, "Git knows no revision 'origin/main': fetch it (git fetch origin"),
        ("--help", TEXT, "Git knows no revision '--help'"),
        ("main", "a: [", "openapi.yaml is not YAML: while parsing"),
        ("main", "a: 1", "openapi.yaml is not OpenAPI, since it has no info.version."),
        ("main", "", "openapi.yaml is not OpenAPI"),
        ("main", "info: {version: 1.0.0}", "redocly cannot compare the contracts, and says why:\n"),
        (
            "main",
            TEXT.replace("version: 1.0.0", "version: 1.1"),
            "has the version '1.1': write three",
        ),
        ("main", None, "There is no openapi.yaml here"),
    ],
)
def test_what_cannot_be_compared_is_said(repository, base, text, message):
    """Without two contracts there is no verdict, but a message that says what to do."""
    Path("openapi.yaml").unlink() if text is None else write(text)
    done = command(base)
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_contract_at_the_revision_is_named(repository):
    """What is wrong on the other side is said of the other side."""
    write("a: [")
    git("commit", "--quiet", "--all", "--message=Broken")
    write(TEXT)
    assert command().stderr.startswith("openapi.yaml at main is not YAML")
