"""One comment for each topic on a pull request."""

import pytest

from local.serving import serving
from tests.release.github import github_api, steps

PERSON = {"login": "somebody", "type": "User"}


@pytest.fixture
def repository():
    repository = github_api.GitHub()
    repository.add_issue("A change", pull_request=True)
    return repository


@pytest.fixture
def comment(repository, tmp_path):
    """Write a text under a topic."""
    with serving(repository) as url:

        def run(text, topic="plan", **environment):
            (tmp_path / "text.md").write_text(text)
            environment = {**repository.environment(url), "PULL_REQUEST": "1", **environment}
            return steps.run(tmp_path, "comment", topic, "text.md", **environment)

        yield run


def texts(repository):
    return [each["body"].partition("\n")[2] for each in repository.comments.values()]


def test_every_run_writes_the_same_comment(comment, repository):
    """A topic has one comment, which says what the newest run says."""
    assert comment("One to add").code == 0
    assert comment("A new path", topic="contract").code == 0
    step = comment("Two to add")
    assert step.code == 0, step.printed
    assert texts(repository) == ["Two to add", "A new path"]
    assert [each["body"].partition("\n")[0] for each in repository.comments.values()] == [
        "<!-- visits: plan -->",
        "<!-- visits: contract -->",
    ]
    assert "The comment is https://github.example/" in step.printed


def test_it_is_found_behind_a_hundred_others(comment, repository):
    """A long discussion does not make a second comment."""
    for _ in range(150):
        repository.add_comment(1, "I think that", PERSON)
    comment("One to add")
    comment("Two to add")
    assert texts(repository)[150:] == ["Two to add"]


@pytest.mark.parametrize("user", [PERSON, None])
def test_what_a_person_wrote_stays(comment, repository, user):
    """Anybody can write our marker, and would be quoted with our text."""
    repository.add_comment(1, "<!-- visits: plan -->\nmine", user)
    comment("One to add")
    assert texts(repository) == ["mine", "One to add"]


def test_another_pull_request_has_its_own(comment, repository):
    """The number in PULL_REQUEST is where the comment goes."""
    number = repository.add_issue("Another", pull_request=True)
    comment("One")
    comment("Two", PULL_REQUEST=str(number))
    assert [each["issue"] for each in repository.comments.values()] == [1, number]


def test_nothing_to_say_makes_no_comment(comment, repository):
    """And is no failure."""
    step = comment(" \n")
    assert (step.code, repository.comments) == (0, {})
    assert "There is nothing to say" in step.printed


def test_nothing_any_more_is_said(comment, repository):
    """A comment does not keep saying what was true of an older commit."""
    comment("One to add")
    assert comment("").code == 0
    assert texts(repository) == ["The newest commit leaves nothing to say here."]
    comment("Two to add")
    assert texts(repository) == ["Two to add"]


def test_a_fork_is_no_failure(comment, repository):
    """The token of its pull request can only read. A message says where the text stands."""
    repository.read_only = True
    step = comment("One to add")
    assert (step.code, repository.comments) == (0, {})
    assert step.printed.startswith("::notice::The text stands in the run's summary: ")


@pytest.mark.parametrize("former", ["", "<!-- visits: plan -->"])
def test_what_is_too_long_is_cut(comment, repository, former):
    """GitHub would refuse it."""
    comment(former)
    step = comment("x" * 70_000)
    assert step.code == 0, step.printed
    (each,) = repository.comments.values()
    assert len(each["body"]) == 65_536
    assert each["body"].endswith(
        "The rest was cut: GitHub takes no more than 65,536 characters.\n\n"
    )


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PULL_REQUEST": ""}, "::error::PULL_REQUEST is not set. Name the pull request"),
        ({"PULL_REQUEST": "404"}, "404 Not Found"),
        ({"topic": ""}, "TOPIC is ''. Name it in a word, such as plan."),
        ({"GITHUB_TOKEN": "wrong"}, "401 Bad credentials"),
    ],
)
def test_a_failure_is_explained(comment, repository, environment, message):
    """It fails, and says what is wrong."""
    step = comment("One to add", **environment)
    assert (step.code, repository.comments) == (1, {})
    assert message in step.printed


def test_a_missing_file_is_named(tmp_path):
    """What should have written it has failed."""
    step = steps.run(tmp_path, "comment", "plan", "build/plan.md", PULL_REQUEST="1")
    assert step.code == 1
    assert "build/plan.md cannot be read: No such file" in step.printed
