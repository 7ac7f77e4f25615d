"""One comment per topic on a pull request."""

import pytest

from tests.release.github import steps

PERSON = {"login": "somebody", "type": "User"}


@pytest.fixture
def comment(github, run, tmp_path):
    """Write a text under a topic."""
    github.add_issue("A change", pull_request={})

    def comment(text, topic="plan", **environment):
        (tmp_path / "text.md").write_text(text)
        return run("comment", topic, "text.md", **{"PULL_REQUEST": "1", **environment})

    return comment


def texts(github):
    return [each.partition("\n")[2] for each in github.texts]


def test_a_topic_has_one_comment_with_the_newest_text(comment, github):
    """Each run updates the comment of its topic, and no other."""
    comment("One to add")
    comment("A new path", topic="contract")
    step = comment("Two to add")
    assert step.code == 0, step.printed
    assert texts(github) == ["Two to add", "A new path"]
    assert "The comment is https://github.example/" in step.printed


def test_the_comment_is_found_behind_a_hundred_others(comment, github):
    """All pages of comments are read."""
    for _ in range(101):
        github.add_comment(1, "I think that", PERSON)
    comment("One to add")
    comment("Two to add")
    assert texts(github)[101:] == ["Two to add"]


@pytest.mark.parametrize("user", [PERSON, None])
def test_a_comment_of_a_person_is_not_changed(comment, github, user):
    """A person can copy the marker into a comment."""
    github.add_comment(1, "<!-- visits: plan -->\nmine", user)
    comment("One to add")
    assert texts(github) == ["mine", "One to add"]


def test_the_comment_goes_to_the_named_pull_request(comment, github):
    """PULL_REQUEST is the number of the pull request."""
    number = github.add_issue("Another", pull_request={})
    comment("One")
    comment("Two", PULL_REQUEST=str(number))
    assert [each["issue"] for each in github.comments.values()] == [1, number]


def test_an_empty_text_creates_no_comment(comment, github):
    """An empty text is not a failure."""
    step = comment(" \n")
    assert (step.code, github.comments) == (0, {})
    assert "There is nothing to report" in step.printed


def test_an_empty_text_replaces_an_earlier_one(comment, github):
    """A comment never keeps the text of an older commit."""
    comment("One to add")
    assert comment("").code == 0
    assert texts(github) == ["The newest commit has nothing to report here."]


def test_a_token_without_write_permission_is_not_a_failure(comment, github):
    """Pull requests from forks have such a token. A notice says where the text is."""
    github.read_only = True
    step = comment("One to add")
    assert (step.code, github.comments) == (0, {})
    assert step.printed.startswith("::notice::The text is in the run's summary.")


@pytest.mark.parametrize("former", ["", "<!-- visits: plan -->"])
def test_a_text_that_is_too_long_is_cut(comment, github, former):
    """GitHub refuses longer texts."""
    comment(former)
    step = comment("x" * 70_000)
    assert step.code == 0, step.printed
    [text] = github.texts
    assert len(text) == 65_536
    assert text.endswith("The rest was cut: GitHub accepts no more than 65,536 characters.\n\n")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PULL_REQUEST": ""}, "::error::PULL_REQUEST is not set. Set it to the number"),
        ({"PULL_REQUEST": "404"}, "Not Found (HTTP 404)"),
        ({"topic": ""}, "TOPIC is ''. Use one lower-case word, such as plan."),
        ({"GH_TOKEN": "wrong"}, "Bad credentials (HTTP 401)"),
    ],
)
def test_a_failure_is_explained(comment, github, environment, message):
    """The step fails, and the message says why."""
    step = comment("One to add", **environment)
    assert (step.code, github.comments) == (1, {})
    assert message in step.printed


def test_a_missing_file_is_named(tmp_path):
    """The step fails if the file was not written."""
    step = steps.run(tmp_path, "comment", "plan", "build/plan.md", PULL_REQUEST="1")
    assert step.code == 1
    assert "Cannot read build/plan.md: No such file" in step.printed
