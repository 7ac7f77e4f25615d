"""One open issue for each kind of incident, with the evidence."""

import json
import shutil

import pytest
from markdown_it import MarkdownIt

from contract.repository import ROOT
from release.github import incident as incidents
from release.github import markdown
from tests.release.github import steps

SHA = 40 * "0"
RUN = "https://github.example/robin/visits/actions/runs/7"


def needs(**jobs):
    """Return the needs context; each job has a result, an outcome and whether it is healthy.

    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#needs-context
    """
    return json.dumps(
        {
            name: {
                "result": result,
                "outputs": dict(zip(("outcome", "healthy"), rest, strict=False)),
            }
            for name, (result, *rest) in jobs.items()
        }
    )


@pytest.fixture
def report(run):
    """Report the results of jobs."""
    return lambda kind, **jobs: run("incident", KIND=kind, NEEDS=needs(**jobs))


@pytest.fixture
def incident(report, tmp_path):
    """Open or close an incident, with evidence."""

    def incident(command, kind="site", outcome="It broke", evidence=()):
        for name, content in dict(evidence).items():
            (tmp_path / "evidence" / name).mkdir(parents=True, exist_ok=True)
            (tmp_path / "evidence" / name / "summary.md").write_bytes(content)
        job = ("failure", outcome) if command == "open" else ("success", "It works", "true")
        return report(kind, watch=job)

    return incident


OK, SKIPPED, FAILED, CANCELLED = ("success",), ("skipped",), ("failure",), ("cancelled",)


@pytest.mark.parametrize(
    ("staging", "production", "text"),
    [
        (("failure", "On staging: it failed."), SKIPPED, "On staging"),
        (OK, ("failure", "It was rolled back."), "It was rolled back."),
        (OK, FAILED, "production ended without a result (failure)"),
        (OK, CANCELLED, "production ended without a result (cancelled)"),
        (FAILED, SKIPPED, "not known to be broken"),
        (CANCELLED, SKIPPED, ""),
        (OK, OK, ""),
    ],
    ids=["broken on staging", "rolled back", "rejected, or its runner was lost", "cancelled",
         "set-up failed", "cancelled on staging", "late"],
)  # fmt: skip
def test_an_issue_is_opened_for_what_failed(report, github, staging, production, text):
    """The text says what is known. A run that changed nothing neither opens nor closes an issue."""
    github.add_issue(labels=["incident-site"])
    step = report("release", staging=staging, production=production)
    assert step.code == 0, step.printed
    opened = [each for each in github.issues.values() if each["title"] == "A release failed"]
    assert len(opened) == bool(text)
    assert all(text in each["body"] for each in opened)
    assert len(github.open_issues) == 1 + bool(text)


def test_a_healthy_release_closes_every_incident(report, github):
    """Its smoke test has tested the site, too. The daily test closes only the site's incident."""
    for kind in ("site", "release"):
        github.add_issue(kind, [f"incident-{kind}"])
    report("site", watch=("success", "", "true"))
    assert github.open_issues == ["release"]
    report("release", staging=("success",), production=("success", "", "true"))
    assert github.open_issues == []


def outside_of_code(text):
    """Return the text in which GitHub looks for names and numbers."""
    tokens = MarkdownIt("commonmark").parse(text)
    return "".join(each.content for each in tokens if each.type not in {"code_block", "fence"})


def test_the_first_incident_opens_an_issue(incident, github):
    """It says what happened, and has the evidence, the commit and a link to the run."""
    seen = {"smoke-watch": b"## 3 checks passed\n- **Failed:** the number\n"}
    step = incident("open", outcome="A visitor sees no number", evidence=seen)
    assert step.code == 0, step.printed
    [issue] = github.issues.values()
    assert issue["title"] == "The live site is broken"
    assert issue["labels"] == [{"name": "incident-site"}]
    assert issue["body"].startswith("    A visitor sees no number\n\n")
    assert f"Commit {SHA}, in [this run]({RUN}).\n" in issue["body"]
    text = "summary.md`:\n\n    ## 3 checks passed\n    - **Failed:** the number\n"
    assert text in issue["body"]
    assert step.printed == f"::notice::There is a new issue: {issue['html_url']}\n"


def test_a_second_incident_is_a_comment(incident, github):
    """While an issue is open there is no second one, even if its title was edited."""
    incident("open", outcome="First")
    github.issues = {"1": {**github.issues["1"], "title": "No number since Tuesday"}}
    step = incident("open", outcome="Second")
    assert step.code == 0, step.printed
    assert list(github.issues) == ["1"]
    [text] = github.texts
    assert text.startswith("    Second\n\n")
    assert RUN in text
    assert "is open and has a new comment: https://github.example/" in step.printed


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
def test_another_issue_is_not_changed(incident, github, other):
    """It gets no comment and is not closed."""
    number = github.add_issue(**other)
    before = github.issues[str(number)]
    incident("open")
    assert len(github.issues) == 2
    incident("close")
    assert github.issues[str(number)] == before
    assert [comment["issue"] for comment in github.comments.values()] == [number + 1]


def test_the_issue_is_found_behind_a_hundred_others(incident, github):
    """All pages are read; GitHub lists pull requests among the issues."""
    for _ in range(100):
        github.add_issue(labels=["incident-site"], pull_request={})
    number = github.add_issue(labels=["incident-site"])
    incident("open")
    assert [comment["issue"] for comment in github.comments.values()] == [number]


def test_close_comments_and_closes(incident, github):
    """All issues of its kind are closed, and none of another."""
    incident("open")
    incident("open", "release", outcome="Rolled back")
    step = incident("close")
    assert step.code == 0, step.printed
    site, release = github.issues.values()
    assert (site["state"], release["state"]) == ("closed", "open")
    assert github.texts == [f"It works again.\n\nCommit {SHA}, in [this run]({RUN})."]
    incident("open")
    assert len(github.issues) == 3


def test_with_nothing_open_close_does_nothing(incident, github):
    """It reports that, and writes nothing."""
    step = incident("close")
    assert (step.code, github.issues, github.comments) == (0, {}, {})
    assert "nothing to close" in step.printed


@pytest.mark.parametrize("text", ["a" * 100_000, "\n" * 100_000, "`" * 100_000, "é\n" * 50_000])
def test_a_text_that_is_too_long_is_cut(incident, github, text):
    """The commit and the run stay, and each file has an equal part."""
    evidence = {"one": text.encode(), "two": b"It is red", "three": text.encode()}
    step = incident("open", outcome="It broke" * 9999, evidence=evidence)
    assert step.code == 0, step.printed
    body = github.issues["1"]["body"]
    assert len(body) <= 65_536
    assert body.count("The rest was cut") == 3
    assert f"Commit {SHA}, in [this run]({RUN})." in outside_of_code(body)
    assert "    It is red" in body


HOSTILE = "@everyone closes #1 <b> https://github.com/a/b/issues/2"


@pytest.mark.parametrize(
    "escape",
    ["", "````\n", "~~~~\n", "</pre></code>\n", "-->\n", "- x\n\n", "\n\n\n", "    \n",
     "\r", "\t", "\u00a0\n", "\u3000\n\n", "\x0b\n", "x\n\x0c\n", "\u2028"],
    ids=ascii,
)  # fmt: skip
def test_evidence_stays_in_its_code_block(in_a_step, tmp_path, escape):
    """No text of a page mentions people, links issues or becomes markup."""
    text = f"{escape}{HOSTILE}\n{escape}{HOSTILE}"
    (tmp_path / "summary.md").write_text(text)
    rest = outside_of_code(incidents.body(text, [tmp_path / "summary.md"]))
    assert "everyone" not in rest
    assert rest.endswith("summary.md`:")


def test_evidence_with_invalid_bytes_is_shown(incident, github):
    """Only the invalid byte is replaced."""
    assert incident("open", evidence={"smoke-watch": b"The number is \xff7"}).code == 0
    assert "    The number is \ufffd7" in github.issues["1"]["body"]


@pytest.mark.parametrize("files", [1, 7])
def test_a_long_text_uses_the_limit_and_does_not_exceed_it(incident, github, files):
    """This holds for one file and for several."""
    incident("open", evidence={str(number): 70_000 * b"a" for number in range(files)})
    assert 65_536 - files <= len(github.issues["1"]["body"]) <= 65_536


def test_a_code_block_shows_the_text_unchanged():
    """Markdown renders exactly the text."""
    text = "one\n  two `x`\n```\nthree"
    (token,) = MarkdownIt("commonmark").parse(markdown.code(text, 999))
    assert token.content.strip("\n") == text


def test_an_unknown_kind_is_refused(report, github):
    """The message lists the kinds, and no issue is opened."""
    step = report("fire", watch=("failure", "It broke"))
    assert (step.code, github.issues) == (1, {})
    assert "KIND is 'fire'. Use one of these: site, release." in step.printed


def test_make_passes_values_as_they_are(github, tmp_path):
    """Neither make nor a shell expands values from the environment."""
    shutil.copy("Makefile", tmp_path)
    (tmp_path / "release").symlink_to(ROOT / "release")
    outcome = '$(shell touch made) $$HOME `touch shelled` "$(touch shelled)" \'; touch shelled'
    environment = {"KIND": "site", "NEEDS": needs(watch=("failure", outcome))}
    step = steps.make(tmp_path, "report", **github.environment(), **environment)
    assert step.code == 0, step.printed
    assert github.issues["1"]["body"].startswith(f"    {outcome}\n\n")
    assert not {path.name for path in tmp_path.iterdir()} & {"made", "shelled"}
