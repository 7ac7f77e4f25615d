"""One open issue for each kind of incident, with the evidence."""

import shutil

import pytest
from markdown_it import MarkdownIt

from release.github import incident as incidents
from release.github import markdown
from tests.release.github import steps
from visits.contract import ROOT

SHA = 40 * "a"
HISTORY = {SHA: None}
RUN = "https://github.example/robin/visits/actions/runs/7"


@pytest.fixture
def incident(run):
    """Open or close an incident."""
    return lambda command, kind="site", **values: run("incident", command, kind, **values)


def outside_of_code(text):
    """Return the text in which GitHub looks for names and numbers."""
    tokens = MarkdownIt("commonmark").parse(text)
    return "".join(each.content for each in tokens if each.type not in {"code_block", "fence"})


def test_the_first_incident_opens_an_issue(incident, github, tmp_path):
    """It says what happened, and has the evidence, the commit and a link to the run."""
    (tmp_path / "summary.md").write_text("## 3 claims hold\n- **Broken:** the number\n")
    step = incident("open", OUTCOME="A visitor sees no number", EVIDENCE="summary.md")
    assert step.code == 0, step.printed
    [issue] = github.issues.values()
    assert issue["title"] == "The live site is broken"
    assert issue["labels"] == [{"name": "incident-site"}]
    assert issue["body"].startswith("    A visitor sees no number\n\n")
    assert f"Commit {SHA}, in [this run]({RUN}).\n" in issue["body"]
    assert "`summary.md`:\n\n    ## 3 claims hold\n    - **Broken:** the number\n" in issue["body"]
    assert step.printed == f"::notice::There is a new issue: {issue['html_url']}\n"


def test_a_second_incident_is_a_comment(incident, github):
    """While an issue is open there is no second one, even if its title was edited."""
    incident("open", OUTCOME="First")
    github.issues = {"1": {**github.issues["1"], "title": "No number since Tuesday"}}
    step = incident("open", OUTCOME="Second")
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
    incident("open", OUTCOME="It broke")
    assert len(github.issues) == 2
    incident("close")
    assert github.issues[str(number)] == before
    assert [comment["issue"] for comment in github.comments.values()] == [number + 1]


def test_the_issue_is_found_behind_a_hundred_others(incident, github):
    """All pages are read; GitHub lists pull requests among the issues."""
    for _ in range(100):
        github.add_issue(labels=["incident-site"], pull_request={})
    number = github.add_issue(labels=["incident-site"])
    incident("open", OUTCOME="It broke")
    assert [comment["issue"] for comment in github.comments.values()] == [number]


def test_close_comments_and_closes(incident, github):
    """All issues of its kind are closed, and none of another."""
    incident("open", OUTCOME="It broke")
    incident("open", "release", OUTCOME="Rolled back")
    step = incident("close")
    assert step.code == 0, step.printed
    site, release = github.issues.values()
    assert (site["state"], release["state"]) == ("closed", "open")
    assert github.texts == [f"It works again.\n\nCommit {SHA}, in [this run]({RUN})."]
    incident("open", OUTCOME="Once more")
    assert len(github.issues) == 3


def test_with_nothing_open_close_does_nothing(incident, github):
    """It reports that, and writes nothing."""
    step = incident("close")
    assert (step.code, github.issues, github.comments) == (0, {}, {})
    assert "nothing to close" in step.printed


def test_missing_evidence_is_reported(incident, github, tmp_path):
    """Evidence that exists is shown."""
    (tmp_path / "there.txt").write_text("It is red")
    step = incident("open", OUTCOME="It broke", EVIDENCE="gone/summary.md there.txt")
    assert step.code == 0
    body = github.issues["1"]["body"]
    assert "There is no `gone/summary.md`: the run ended before it was written." in body
    assert "    It is red" in body


@pytest.mark.parametrize("text", ["a" * 100_000, "\n" * 100_000, "`" * 100_000, "é\n" * 50_000])
def test_a_text_that_is_too_long_is_cut(incident, github, tmp_path, text):
    """The commit and the run stay, and each file has an equal part."""
    (tmp_path / "one.txt").write_text(text)
    (tmp_path / "two.txt").write_text("It is red")
    evidence = "one.txt two.txt one.txt"
    step = incident("open", OUTCOME="It broke" * 9999, EVIDENCE=evidence)
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


def test_evidence_with_invalid_bytes_is_shown(incident, github, tmp_path):
    """Only the invalid byte is replaced."""
    (tmp_path / "summary.md").write_bytes(b"The number is \xff7")
    assert incident("open", OUTCOME="It broke", EVIDENCE="summary.md").code == 0
    assert "    The number is \ufffd7" in github.issues["1"]["body"]


@pytest.mark.parametrize("files", [1, 7])
def test_a_long_text_uses_the_limit_and_does_not_exceed_it(incident, github, tmp_path, files):
    """This holds for one file and for several."""
    names = [f"{number}.txt" for number in range(files)]
    for name in names:
        (tmp_path / name).write_text("a" * 70_000)
    incident("open", OUTCOME="It broke", EVIDENCE=" ".join(names))
    assert 65_536 - files <= len(github.issues["1"]["body"]) <= 65_536


def test_a_code_block_shows_the_text_unchanged():
    """Markdown renders exactly the text."""
    text = "one\n  two `x`\n```\nthree"
    (token,) = MarkdownIt("commonmark").parse(markdown.code(text, 999))
    assert token.content.strip("\n") == text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("open", "fire"), "invalid choice: 'fire'"),
        (("burn", "site"), "invalid choice: 'burn'"),
        (
            ("open", "site"),
            "::error::OUTCOME is not set. Set it to one line that says what happened.",
        ),
    ],
)
def test_a_wrong_call_is_explained(incident, github, arguments, message):
    """It fails with a message, and opens no issue."""
    step = incident(*arguments)
    assert step.code != 0
    assert message in step.printed
    assert not github.issues


def test_make_passes_values_as_they_are(github, tmp_path):
    """Neither make nor a shell expands values from the environment."""
    shutil.copy("Makefile", tmp_path)
    (tmp_path / "release").symlink_to(ROOT / "release")
    outcome = '$(shell touch made) $$HOME `touch shelled` "$(touch shelled)" \'; touch shelled'
    environment = {**github.environment(), "KIND": "site", "OUTCOME": outcome}
    step = steps.make(tmp_path, "incident-open", **environment)
    assert step.code == 0, step.printed
    assert github.issues["1"]["body"].startswith(f"    {outcome}\n\n")
    step = steps.make(tmp_path, "incident-close", "KIND=site", **environment)
    assert step.code == 0, step.printed
    assert github.open_issues == []
    assert not {path.name for path in tmp_path.iterdir()} & {"made", "shelled"}
