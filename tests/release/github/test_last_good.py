"""Which commit is the last good release, and whether a run comes too late to deploy."""

import pytest

from release.github import last_good, runner

FIRST, SECOND, THIRD, ELSEWHERE = (40 * digit for digit in "123e")
HISTORY = {FIRST: None, SECOND: FIRST, ELSEWHERE: FIRST, THIRD: SECOND}
SITE = "https://resume.example/"


@pytest.fixture
def ask(run):
    """Run the command for a commit."""
    return lambda sha, attempt="1": run("last_good", GITHUB_SHA=sha, GITHUB_RUN_ATTEMPT=attempt)


def test_before_the_first_deployment_there_is_none(ask):
    """The step succeeds, and the site is not known to be healthy."""
    step = ask(FIRST)
    assert (step.code, step.outputs) == (0, {"good": "", "proven": "false", "superseded": "false"})
    assert "this is the first deployment" in step.printed


@pytest.mark.parametrize(
    ("ours", "superseded"),
    [(FIRST, "true"), (SECOND, "false"), (THIRD, "false"), (ELSEWHERE, "true")],
    ids=["older", "the same", "newer", "not on main"],
)
def test_a_commit_that_is_not_a_descendant_is_superseded(ask, github, ours, superseded):
    """A slow or repeated run never replaces a newer release."""
    github.add_deployment(SECOND)
    step = ask(ours)
    assert step.code == 0, step.printed
    assert step.outputs == {"good": SECOND, "proven": "true", "superseded": superseded}
    assert ("it is not deployed" in step.printed) == (superseded == "true")


@pytest.mark.parametrize("head", [FIRST, ELSEWHERE], ids=["back", "elsewhere"])
def test_the_head_of_main_is_never_superseded(ask, github, head):
    """After a forced push the new head is deployed."""
    github.add_deployment(SECOND)
    github.head = head
    assert ask(head).outputs["superseded"] == "false"


def test_an_open_release_incident_leaves_the_site_unproven(ask, github):
    """After a failed release the site may run another commit than the recorded one."""
    github.add_deployment(FIRST)
    github.add_issue("A release failed", ["incident-release"])
    assert ask(SECOND).outputs["proven"] == "false"


def test_a_repeated_run_leaves_the_site_unproven(ask, github):
    """The first attempt may have been cancelled between the apply and the smoke test."""
    github.add_deployment(FIRST)
    assert ask(SECOND, attempt="2").outputs["proven"] == "false"


@pytest.mark.usefixtures("in_a_step")
@pytest.mark.parametrize("before", [None, FIRST, THIRD, ELSEWHERE])
def test_the_newest_record_is_the_last_good_release(ask, github, before):
    """The record has the address of the site and of the run, and waits for no other check."""
    if before:
        github.add_deployment(before)
    last_good.record(SECOND, SITE)
    assert ask(SECOND).outputs["good"] == SECOND
    deployment = github.deployments[-1]
    run = "https://github.example/robin/visits/actions/runs/7"
    assert deployment["statuses"] == [{"state": "success", "environment_url": SITE, "log_url": run}]
    assert (deployment["required_contexts"], deployment["auto_merge"]) == ([], False)


def test_other_environments_are_ignored(ask, github):
    """`production` has every release, also those that failed."""
    github.add_deployment(FIRST)
    github.add_deployment(THIRD, environment="production")
    assert ask(THIRD).outputs["good"] == FIRST


@pytest.mark.usefixtures("in_a_step")
def test_a_missing_permission_is_reported(github):
    """The message says that the token lacks a permission."""
    github.read_only = True
    with pytest.raises(runner.Failure, match=r"deployments.* failed: .*lacks a permission"):
        last_good.record(FIRST, SITE)


def test_a_missing_commit_is_reported(ask):
    """The message names the variable."""
    step = ask("")
    assert (step.code, step.outputs) == (1, {})
    assert "GITHUB_SHA is not set" in step.printed
