"""Which commit is live, the one whose smoke test passed last, and whether a run comes too late."""

import pytest

from local.serving import serving
from release.github import live
from tests.release.github import github_api, steps

FIRST, SECOND, THIRD, ELSEWHERE = (40 * digit for digit in "123e")
HISTORY = {FIRST: None, SECOND: FIRST, ELSEWHERE: FIRST, THIRD: SECOND}
SITE = "https://resume.example/"


@pytest.fixture
def repository():
    return github_api.GitHub(HISTORY)


@pytest.fixture
def ask(repository, tmp_path):
    """Run the command for a commit."""
    with serving(repository) as url:
        yield lambda sha, attempt="1": steps.run(
            tmp_path,
            "live",
            **{**repository.environment(url), "GITHUB_SHA": sha, "GITHUB_RUN_ATTEMPT": attempt},
        )


@pytest.fixture
def here(repository, monkeypatch):
    """Let this process be a step."""
    with serving(repository) as url:
        for name, value in repository.environment(url).items():
            monkeypatch.setenv(name, value)
        yield


def test_the_first_deployment_has_no_predecessor(ask):
    """Nothing is live, which is no failure; nor is it known that anything works."""
    step = ask(FIRST)
    assert (step.code, step.outputs) == (0, {"good": "", "proven": "false", "superseded": "false"})
    assert "this is the first deployment" in step.printed


@pytest.mark.parametrize(
    ("ours", "superseded"),
    [(FIRST, "true"), (SECOND, "false"), (THIRD, "false"), (ELSEWHERE, "true")],
    ids=["older", "the same", "newer", "no longer on main"],
)
def test_what_does_not_go_on_from_the_live_commit_is_superseded(ask, repository, ours, superseded):
    """A slow or repeated run must not replace what a newer one has deployed."""
    repository.add_deployment(SECOND)
    step = ask(ours)
    assert step.code == 0, step.printed
    assert step.outputs == {"good": SECOND, "proven": "true", "superseded": superseded}
    assert ("must not replace it" in step.printed) == (superseded == "true")


@pytest.mark.parametrize("head", [FIRST, ELSEWHERE], ids=["back", "elsewhere"])
def test_the_head_of_main_is_never_superseded(ask, repository, head):
    """Where somebody has moved main, there the site follows."""
    repository.add_deployment(SECOND)
    repository.head = head
    assert ask(head).outputs["superseded"] == "false"


def test_after_a_failed_release_nothing_is_proven(ask, repository):
    """Its issue is open: something else than the recorded commit may run."""
    repository.add_deployment(FIRST)
    repository.add_issue("A release failed", ["incident-release"])
    assert ask(SECOND).outputs["proven"] == "false"


def test_who_repeats_a_run_wants_to_see_it_work(ask, repository):
    """Also when somebody cancelled the first attempt between applying and watching."""
    repository.add_deployment(FIRST)
    assert ask(SECOND, attempt="2").outputs["proven"] == "false"


@pytest.mark.parametrize("before", [None, FIRST, THIRD, ELSEWHERE])
def test_what_is_recorded_last_is_live(ask, repository, here, before):
    """Forward, back and across, with the site and the run that has shown it."""
    if before:
        repository.add_deployment(before)
    live.record(SECOND, SITE)
    assert ask(SECOND).outputs["good"] == SECOND
    [status] = repository.deployments[-1]["statuses"]
    run = "https://github.example/somebody/counter/actions/runs/7"
    assert status == {"state": "success", "environment_url": SITE, "log_url": run}


def test_no_check_is_waited_for(repository, here):
    """GitHub would refuse a deployment while checks of the commit are running, as this one is."""
    live.record(SECOND, SITE)
    assert repository.deployments[-1]["required_contexts"] == []
    assert repository.deployments[-1]["auto_merge"] is False


def test_other_environments_do_not_count(ask, repository):
    """`production` has what was released, whether or not it works."""
    repository.add_deployment(FIRST)
    repository.add_deployment(THIRD, environment="production")
    assert ask(THIRD).outputs["good"] == FIRST


def test_a_refusal_names_the_permission(repository, here):
    """What the job lacks."""
    repository.read_only = True
    with pytest.raises(live.runner.Failure, match="lack deployments: write"):
        live.record(FIRST, SITE)


def test_a_run_without_a_commit_is_explained(ask):
    """The variable is named."""
    step = ask("")
    assert (step.code, step.outputs) == (1, {})
    assert "GITHUB_SHA is not set" in step.printed
