"""What comes of a deployment, for each way in which it can end."""

import json

import pytest

from local.serving import serving
from release.github.conclude import judge
from tests.release.github import github_api, steps

GOOD, NEW = 40 * "a", 40 * "b"
OK, FAILED, SKIPPED = "success", "failure", "skipped"
CHANGED = [("release", "true")]
SAME = [("release", "false")]
BOTH = [*CHANGED, ("rollback", "true")]


def needs(release, smoke=SKIPPED, rollback=SKIPPED, again=SKIPPED, *, good=GOOD, outputs=()):
    """What GitHub gives: https://docs.github.com/en/actions/reference/contexts-reference#needs-context."""
    results = {"release": release, "smoke": smoke, "rollback": rollback, "smoke-again": again}
    jobs = {name: {"result": each, "outputs": {}} for name, each in results.items()}
    for name, changed in outputs:
        jobs[name]["outputs"] = {"changed": changed}
    return {"ready": {"result": OK, "outputs": {"good": good, "attempt": "1"}}, **jobs}


ENDS = {
    "live": (needs(OK, OK, outputs=CHANGED), "is live, and its smoke test passed", True, True),
    "empty plan": (needs(OK, outputs=SAME), "Nothing to deploy", True, False),
    "empty plan, watched": (needs(OK, OK, outputs=SAME), "its smoke test passed", True, True),
    "empty plan, broken": (
        needs(OK, FAILED, outputs=SAME, good=""),
        "The smoke test of",
        False,
        False,
    ),
    "no different": (
        needs(OK, FAILED, OK, outputs=[*CHANGED, ("rollback", "false")]),
        f"Going back to {GOOD} would change nothing: look for a cause outside.",
        False,
        False,
    ),
    "taken back": (
        needs(OK, FAILED, OK, OK, outputs=BOTH),
        f"smoke test of {NEW} failed. {GOOD} runs again, and its smoke test passed.",
        False,
        False,
    ),
    "smoke timed out": (
        needs(OK, "cancelled", OK, OK, outputs=BOTH),
        f"{GOOD} runs again, and its smoke test passed.",
        False,
        False,
    ),
    "half applied": (
        needs(FAILED, SKIPPED, OK, OK, outputs=BOTH),
        f"The release of {NEW} failed. {GOOD} runs again, and its smoke test passed.",
        False,
        False,
    ),
    "not applied": (
        needs(FAILED, SKIPPED, OK, outputs=[("rollback", "false")]),
        f"Nothing of it was applied: {GOOD} is still what runs.",
        False,
        False,
    ),
    "the first": (
        needs(OK, FAILED, good="", outputs=CHANGED),
        "There is no earlier release to go back to.",
        False,
        False,
    ),
    "the same once more": (
        needs(OK, FAILED, good=NEW, outputs=CHANGED),
        "There is no earlier release to go back to.",
        False,
        False,
    ),
    "no way back": (
        needs(OK, FAILED, FAILED, outputs=CHANGED),
        "failed too: what runs now is uncertain. Look at once.",
        False,
        False,
    ),
    "broken from outside": (
        needs(OK, FAILED, OK, FAILED, outputs=BOTH),
        "its smoke test fails now too: look for a cause outside",
        False,
        False,
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_every_end_has_its_words(end):
    """They say what runs now, and what to do."""
    given, text, sound, proven = ENDS[end]
    outcome = judge(given, NEW)
    assert text in outcome.text
    assert (outcome.sound, outcome.proven) == (sound, proven)


@pytest.fixture
def repository():
    return github_api.GitHub({GOOD: None, NEW: GOOD})


@pytest.fixture
def conclude(repository, tmp_path):
    """Run the command for the end of a deployment."""
    with serving(repository) as url:
        environment = repository.environment(url)
        yield lambda end, **said: steps.run(
            tmp_path,
            "conclude",
            **{**environment, **said},
            NEEDS=json.dumps(ENDS[end][0]),
            SITE_URL="https://resume.example/",
        )


def is_open(repository):
    return [each["title"] for each in repository.issues.values() if each["state"] == "open"]


def test_what_is_proven_is_recorded_and_ends_all_incidents(conclude, repository, tmp_path):
    """The next deployment can come back to it."""
    conclude("broken from outside")
    repository.add_issue("The live site is broken", ["incident-site"])
    step = conclude("live")
    assert step.code == 0, step.printed
    [deployment] = repository.deployments
    assert (deployment["sha"], deployment["environment"]) == (NEW, "live")
    assert is_open(repository) == []


def test_an_empty_plan_proves_nothing(conclude, repository):
    """It is not recorded, and says nothing of the site; but nothing is left of a failed release."""
    conclude("taken back")
    repository.add_issue("The live site is broken", ["incident-site"])
    step = conclude("empty plan")
    assert (step.code, repository.deployments) == (0, [])
    assert is_open(repository) == ["The live site is broken"]


def test_a_part_of_a_run_proves_nothing(conclude, repository):
    """After "Re-run failed jobs" the suite has seen the release before: nothing is recorded."""
    step = conclude("live", GITHUB_RUN_ATTEMPT="2")
    assert (step.code, repository.deployments, repository.issues) == (1, [], {})
    assert "::error::Only some jobs were repeated" in step.printed


def test_the_evidence_of_one_smoke_test_has_no_folder(conclude, repository, tmp_path):
    """https://github.com/actions/download-artifact/issues/426."""
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "summary.md").write_text("seen")
    conclude("the first")
    [issue] = repository.issues.values()
    assert "    seen" in issue["body"]


def test_a_bad_end_fails_and_opens_one_issue_with_the_evidence(conclude, repository, tmp_path):
    """Of both smoke tests, when there were two."""
    for name in (f"smoke-{NEW}", f"smoke-{GOOD}"):
        (tmp_path / "evidence" / name).mkdir(parents=True)
        (tmp_path / "evidence" / name / "summary.md").write_text(f"seen in {name}")
    steps_ = [conclude("broken from outside"), conclude("no way back")]
    assert [step.code for step in steps_] == [1, 1]
    assert repository.deployments == []
    [issue] = repository.issues.values()
    assert issue["title"] == "A release failed"
    assert f"seen in smoke-{NEW}" in issue["body"]
    assert f"seen in smoke-{GOOD}" in issue["body"]
    assert "::error::The smoke test of" in steps_[0].printed
    assert "look for a cause outside" in steps_[0].summary
