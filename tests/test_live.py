"""The tag `live`: which commit's smoke tests passed last, and whether a run comes too late."""

import pytest

from tests import github_api, steps
from tests.serving import served

FIRST, SECOND, THIRD, ELSEWHERE = (40 * digit for digit in "123e")
HISTORY = {FIRST: None, SECOND: FIRST, ELSEWHERE: FIRST, THIRD: SECOND}


@pytest.fixture
def repository():
    return github_api.GitHub(HISTORY)


@pytest.fixture
def live(repository, tmp_path):
    """Run the command against GitHub."""
    with served(repository) as url:

        def run(*arguments, **environment):
            environment = {**repository.environment(url), **environment}
            return steps.run(tmp_path, "live", *arguments, **environment)

        yield run


def test_the_first_deployment_has_no_predecessor(live):
    """Nothing is live, which is no failure."""
    step = live("show", GITHUB_SHA=FIRST)
    assert (step.code, step.outputs) == (0, {"good": "", "superseded": "false"})
    assert "this is the first deployment" in step.printed


@pytest.mark.parametrize(
    ("ours", "superseded"),
    [(FIRST, "true"), (SECOND, "false"), (THIRD, "false"), (ELSEWHERE, "false")],
    ids=["older", "the same", "newer", "on another branch"],
)
@pytest.mark.parametrize("annotated", [False, True])
def test_only_an_older_commit_is_superseded(live, repository, ours, superseded, annotated):
    """A slow run must not replace what a newer one has deployed; all others may."""
    repository.tags["live"] = SECOND
    if annotated:
        repository.tags["live"] = 40 * "9"
        repository.tag_objects[40 * "9"] = SECOND
    step = live("show", GITHUB_SHA=ours)
    assert step.code == 0, step.printed
    assert step.outputs == {"good": SECOND, "superseded": superseded}
    assert ("must not replace it" in step.printed) == (superseded == "true")


@pytest.mark.parametrize("before", [None, FIRST, THIRD, ELSEWHERE])
def test_the_tag_moves_wherever_the_tests_passed(live, repository, before):
    """It is made, and goes forward, back and across."""
    if before:
        repository.tags["live"] = before
    step = live("move", SECOND)
    assert (step.code, repository.tags) == (0, {"live": SECOND}), step.printed
    assert f"The live commit is {SECOND}." in step.printed


@pytest.mark.parametrize("sha", ["", "main", SECOND[:7], f"{SECOND}\n", SECOND.replace("2", "Z")])
def test_only_a_whole_sha_is_taken(live, repository, sha):
    """A name means another commit tomorrow."""
    step = live("move", sha)
    assert (step.code, repository.tags) == (1, {})
    assert "Name a commit by its 40 digits" in step.printed


def test_a_commit_that_is_not_there_is_refused(live, repository):
    """In GitHub's words."""
    step = live("move", 40 * "f")
    assert (step.code, repository.tags) == (1, {})
    assert "422 Object does not exist" in step.printed


def test_a_refusal_names_both_causes(live, repository):
    """The permission, and the rule on workflows that no permission of a run lifts."""
    repository.read_only = True
    step = live("move", FIRST)
    assert (step.code, repository.tags) == (1, {})
    assert "lack contents: write" in step.printed
    assert "workflows are those of no branch any more" in step.printed


def test_a_run_without_a_commit_is_explained(live):
    """The variable is named."""
    step = live("show", GITHUB_SHA="")
    assert (step.code, step.outputs) == (1, {})
    assert "GITHUB_SHA is not set" in step.printed
