"""One open issue for each kind of incident, with the evidence."""

import json
import re
import shutil

import pytest
from markdown_it import MarkdownIt

from contract.repository import ROOT
from release.github import incident
from tests.release.github import steps

PLACE = "Commit 0000000, in [this run](https://github.example/robin/visits/actions/runs/7)."
FAILED, HEALTHY = ("failure", "It broke"), ("success", "It works", "true")


def needs(**jobs):
    """Return the needs context; each job has a result, an outcome and whether it is healthy.

    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#needs-context
    """
    names = ("outcome", "healthy")
    return json.dumps(
        {
            name: {"result": result, "outputs": dict(zip(names, outputs, strict=False))}
            for name, (result, *outputs) in jobs.items()
        }
    )


@pytest.fixture
def report(run):
    """Report the results of jobs."""

    def report(kind, **jobs):
        step = run("incident", KIND=kind, NEEDS=needs(**jobs))
        assert step.code == 0, step.printed
        return step.printed

    return report


@pytest.mark.parametrize(
    ("staging", "production", "text"),
    [
        (("failure", "On staging: it failed."), ("skipped",), "On staging"),
        (("success",), ("failure", "It was rolled back."), "It was rolled back."),
        (("success",), ("failure",), "production ended without a result (failure)"),
        (("success",), ("cancelled",), "production ended without a result (cancelled)"),
        (("failure",), ("skipped",), "not known to be broken"),
        (("cancelled",), ("skipped",), ""),
        (("success",), ("success",), ""),
    ],
    ids=["broken on staging", "rolled back", "rejected, or its runner was lost", "cancelled",
         "set-up failed", "cancelled on staging", "late"],
)  # fmt: skip
def test_an_issue_is_opened_for_what_failed(report, github, staging, production, text):
    """The text says what is known. A run that changed nothing neither opens nor closes an issue."""
    github.add_issue(labels=["incident-site"])
    report("release", staging=staging, production=production)
    opened = [issue for issue in github.issues.values() if issue["title"] == "A release failed"]
    assert len(opened) == bool(text)
    assert all(text in issue["body"] for issue in opened)
    assert len(github.open_issues) == 1 + bool(text)


def test_a_healthy_run_closes_its_incidents(report, github):
    """A release ends with a test of the site. The daily test closes only the site's incident."""
    for kind in ("site", "release"):
        github.add_issue(kind, [f"incident-{kind}"])
    report("site", watch=HEALTHY)
    assert github.open_issues == ["release"]
    report("release", staging=("success",), production=HEALTHY)
    assert github.open_issues == []
    assert github.texts == 2 * [f"It works again.\n\n{PLACE}"]
    assert "nothing to close" in report("site", watch=HEALTHY)


def test_the_issue_begins_with_what_happened(report, github, tmp_path):
    """Below it are the commit, the run, and the report of the failed test before the other one."""
    seen = {"test-results": "the new", "build/checkouts/0/test-results": "old"}
    for folder, name in seen.items():
        place = tmp_path / "evidence" / "smoke-production" / folder
        place.mkdir(parents=True)
        (place / "summary.md").write_bytes(f"## {name}: 1 check failed\n- \xff\n".encode("latin1"))
    printed = report("site", watch=FAILED)
    [issue] = github.issues.values()
    assert (issue["title"], issue["labels"]) == (
        "The live site is broken", [{"name": "incident-site"}]
    )  # fmt: skip
    headings = "## the new: 1 check failed\n- \ufffd\n\n\n## old: 1 check failed\n- \ufffd\n"
    assert issue["body"] == f"**It broke**\n\n{PLACE}\n\n{headings}"
    assert printed == f"::notice::There is a new issue: {issue['html_url']}\n"


def test_a_second_incident_is_a_comment(report, github):
    """While an issue is open there is no second one, even if its title was edited."""
    report("site", watch=FAILED)
    github.issues = {"1": {**github.issues["1"], "title": "No number since Tuesday"}}
    report("site", watch=("failure", "It broke again"))
    assert list(github.issues) == ["1"]
    assert github.texts == [f"**It broke again**\n\n{PLACE}"]


@pytest.mark.parametrize(
    "other",
    [
        {"labels": ["incident-release"]},
        {"labels": ["incident-site"], "state": "closed"},
        {"labels": ["incident-site"], "pull_request": {}},
        {"title": "The live site is broken"},
    ],
    ids=["another kind", "a closed one", "a pull request", "without the label"],
)
def test_another_issue_is_not_changed(report, github, other):
    """It gets no comment and is not closed, even if a hundred of its kind come first."""
    for _ in range(100):
        number = github.add_issue(**other)
    before = github.issues
    for job in (FAILED, FAILED, HEALTHY):
        report("site", watch=job)
    assert github.issues.items() >= before.items()
    assert {comment["issue"] for comment in github.comments.values()} == {number + 1}


@pytest.mark.parametrize("text", ["a" * 100_000, "@a" * 50_000])
def test_a_text_that_is_too_long_is_cut(in_a_step, text):
    """GitHub refuses more. What happened comes first and stays."""
    body = incident.body("It broke", [text, text])
    assert len(body) == incident.LIMIT
    assert body.startswith(f"**It broke**\n\n{PLACE}\n\n")
    assert body.endswith("The rest was cut: see the artifacts of the run.\n")


HOSTILE = (
    "@everyone closes #1 and a/b#2, GH-3, https://github.com/a/b/issues/2 <b> [x](//a) [x]: //a"
)


def test_text_of_a_page_does_nothing_on_github(in_a_step):
    """It mentions no one, links no issue and is no HTML, and readers see it as it was."""
    body = incident.body(HOSTILE, [f"- **Failed:** {HOSTILE}\n"])
    [before, after] = body.split(PLACE)
    assert not re.search(r"@\w|#\d|GH-\d|github\.com/|<b>", before + after)
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(before + after)
    kinds = {child.type for token in tokens for child in token.children or []}
    assert kinds == {"text", "strong_open", "strong_close"}
    assert body.replace("\u200b", "").count(HOSTILE) == 2


def test_make_passes_values_as_they_are(github, tmp_path):
    """Neither make nor a shell expands values from the environment, and nothing is installed."""
    shutil.copy("Makefile", tmp_path)
    for name in ("contract", "release"):
        (tmp_path / name).symlink_to(ROOT / name)
    outcome = '$(shell touch made) $$HOME `touch shelled` "$(touch shelled)" \'; touch shelled'
    environment = {"KIND": "site", "NEEDS": needs(watch=("failure", outcome))}
    step = steps.make(tmp_path, "report", **github.environment(), **environment)
    assert step.code == 0, step.printed
    assert github.issues["1"]["body"].startswith(f"**{outcome}**\n\n")
    assert not {path.name for path in tmp_path.iterdir()} & {"made", "shelled", ".venv"}
