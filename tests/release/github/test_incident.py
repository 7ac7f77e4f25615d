"""One open issue for each kind of incident, with what somebody needs who is woken by it."""

import shutil

import pytest
from markdown_it import MarkdownIt

from local.serving import serving
from release.github import markdown
from tests.release.github import github_api, steps

SHA = 40 * "a"
RUN = "https://github.example/somebody/counter/actions/runs/7"


@pytest.fixture
def repository():
    return github_api.GitHub({SHA: None})


@pytest.fixture
def incident(repository, tmp_path):
    """Run the command against GitHub."""
    with serving(repository) as url:

        def run(command, kind="site", **environment):
            environment = {**repository.environment(url), **environment}
            return steps.run(tmp_path, "incident", command, kind, **environment)

        yield run


def texts(repository):
    return [comment["body"] for comment in repository.comments.values()]


def outside_of_code(text):
    """What GitHub would look through for names and numbers."""
    tokens = MarkdownIt("commonmark").parse(text)
    return "".join(each.content for each in tokens if each.type not in {"code_block", "fence"})


def test_the_first_one_opens_an_issue(incident, repository, tmp_path):
    """It says what happened, shows the evidence, and leads to the commit and the run."""
    (tmp_path / "summary.md").write_text("## 3 claims hold\n- **Broken:** the number\n")
    step = incident("open", OUTCOME="A visitor sees no number", EVIDENCE="summary.md")
    assert step.code == 0, step.printed
    (issue,) = repository.issues.values()
    assert issue["title"] == "The live site is broken"
    assert issue["labels"] == [{"name": "incident-site"}]
    assert issue["body"].startswith("    A visitor sees no number\n\n")
    assert f"Commit {SHA}, in [this run]({RUN}).\n" in issue["body"]
    assert "`summary.md`:\n\n    ## 3 claims hold\n    - **Broken:** the number\n" in issue["body"]
    assert step.printed == f"::notice::There is a new issue: {issue['html_url']}\n"


def test_the_next_ones_comment_on_it(incident, repository):
    """As long as it is open there is no second one, whatever its title has become."""
    incident("open", OUTCOME="First")
    repository.issues[1]["title"] = "No number since Tuesday"
    step = incident("open", OUTCOME="Second")
    assert step.code == 0, step.printed
    assert list(repository.issues) == [1]
    (text,) = texts(repository)
    assert text.startswith("    Second\n\n")
    assert RUN in text
    assert "is open, and has a new comment: https://github.example/" in step.printed


@pytest.mark.parametrize(
    "other",
    [
        {"labels": ["incident-release"]},
        {"labels": ["incident-site"], "state": "closed"},
        {"labels": ["incident-site"], "pull_request": True},
        {"title": "The live site is broken"},
    ],
    ids=["another kind", "a closed one", "a pull request", "somebody's"],
)
def test_another_issue_is_not_taken_for_it(incident, repository, other):
    """Neither written into nor closed."""
    number = repository.add_issue(**other)
    before = dict(repository.issues[number])
    incident("open", OUTCOME="It broke")
    assert len(repository.issues) == 2
    incident("close")
    assert repository.issues[number] == before
    assert [comment["issue"] for comment in repository.comments.values()] == [number + 1]


def test_it_is_found_behind_a_hundred_others(incident, repository):
    """GitHub gives no more than a hundred at once, with pull requests among them."""
    for _ in range(100):
        repository.add_issue(labels=["incident-site"], pull_request=True)
    number = repository.add_issue(labels=["incident-site"])
    incident("open", OUTCOME="It broke")
    assert [comment["issue"] for comment in repository.comments.values()] == [number]


def test_close_says_since_when_and_closes(incident, repository):
    """All of its kind, and none of another."""
    incident("open", OUTCOME="It broke")
    incident("open", "release", OUTCOME="Rolled back")
    step = incident("close")
    assert step.code == 0, step.printed
    site, release = repository.issues.values()
    assert (site["state"], site["state_reason"], release["state"]) == (
        "closed",
        "completed",
        "open",
    )
    assert texts(repository) == [f"It works again.\n\nCommit {SHA}, in [this run]({RUN})."]
    incident("open", OUTCOME="Once more")
    assert len(repository.issues) == 3


def test_with_nothing_open_close_does_nothing(incident, repository):
    """It says so, and writes nothing."""
    step = incident("close")
    assert (step.code, repository.issues, repository.comments) == (0, {}, {})
    assert "nothing to close" in step.printed
    assert all(call.startswith("GET") for call in repository.calls)


def test_evidence_that_is_missing_is_said(incident, repository, tmp_path):
    """What there is of it is shown."""
    (tmp_path / "there.txt").write_text("It is red")
    step = incident("open", OUTCOME="It broke", EVIDENCE="gone/summary.md there.txt")
    assert step.code == 0
    body = repository.issues[1]["body"]
    assert "There is no `gone/summary.md`: the run ended before it was written." in body
    assert "    It is red" in body


@pytest.mark.parametrize("text", ["a" * 100_000, "\n" * 100_000, "`" * 100_000, "é\n" * 50_000])
def test_what_is_too_long_is_cut(incident, repository, tmp_path, text):
    """GitHub would refuse it. The commit and the run stay, and each file has its part."""
    (tmp_path / "one.txt").write_text(text)
    (tmp_path / "two.txt").write_text("It is red")
    evidence = "one.txt two.txt one.txt"
    step = incident("open", OUTCOME="It broke" * 9999, EVIDENCE=evidence)
    assert step.code == 0, step.printed
    body = repository.issues[1]["body"]
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
def test_evidence_stays_in_its_block(incident, repository, tmp_path, escape):
    """No text of a page calls people, links issues or becomes markup, whatever it begins with."""
    (tmp_path / "summary.md").write_text(f"{escape}{HOSTILE}\n{escape}{HOSTILE}")
    incident("open", OUTCOME=f"{escape}{HOSTILE}", EVIDENCE="summary.md")
    rest = outside_of_code(repository.issues[1]["body"])
    assert "everyone" not in rest
    assert rest.endswith("`summary.md`:")


def test_evidence_that_is_no_text_is_shown_as_far_as_it_is(incident, repository, tmp_path):
    """A byte that is no character costs only itself."""
    (tmp_path / "summary.md").write_bytes(b"The number is \xff7")
    assert incident("open", OUTCOME="It broke", EVIDENCE="summary.md").code == 0
    assert "    The number is \ufffd7" in repository.issues[1]["body"]


@pytest.mark.parametrize("files", [1, 7])
def test_the_room_is_used_and_not_exceeded(incident, repository, tmp_path, files):
    """However many files there are."""
    names = [f"{number}.txt" for number in range(files)]
    for name in names:
        (tmp_path / name).write_text("a" * 70_000)
    incident("open", OUTCOME="It broke", EVIDENCE=" ".join(names))
    assert 65_536 - files <= len(repository.issues[1]["body"]) <= 65_536


def test_a_block_is_the_text():
    """What is shown is what was there."""
    text = "one\n  two `x`\n```\nthree"
    (token,) = MarkdownIt("commonmark").parse(markdown.code(text, 999))
    assert token.content.strip("\n") == text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("open", "fire"), "invalid choice: 'fire'"),
        (("burn", "site"), "invalid choice: 'burn'"),
        (("open", "site"), "::error::OUTCOME is not set. Say in a line what happened."),
    ],
)
def test_a_wrong_call_is_explained(incident, repository, arguments, message):
    """It fails, says why, and opens nothing."""
    step = incident(*arguments)
    assert step.code != 0
    assert message in step.printed
    assert not repository.issues


def test_make_passes_values_as_they_are(repository, tmp_path):
    """What stands in the environment is expanded neither by make nor by a shell."""
    shutil.copy("Makefile", tmp_path)
    (tmp_path / "release").symlink_to(steps.ROOT / "release")
    (tmp_path / ".venv").symlink_to(steps.ROOT / ".venv")
    installed = "--assume-old=.venv/run"
    outcome = '$(shell touch made) $$HOME `touch shelled` "$(touch shelled)" \'; touch shelled'
    with serving(repository) as url:
        environment = {**repository.environment(url), "KIND": "site", "OUTCOME": outcome}
        step = steps.make(tmp_path, installed, "incident-open", **environment)
        assert step.code == 0, step.printed
        assert repository.issues[1]["body"].startswith(f"    {outcome}\n\n")
        step = steps.make(tmp_path, installed, "incident-close", "KIND=site", **environment)
        assert step.code == 0, step.printed
    assert repository.issues[1]["state"] == "closed"
    assert not {path.name for path in tmp_path.iterdir()} & {"made", "shelled"}
