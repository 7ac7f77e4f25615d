"""The result of a deployment, for each way in which it can end."""

import json

import pytest

from release.github.conclude import evaluate

GOOD, NEW = 40 * "a", 40 * "b"
HISTORY = {GOOD: None, NEW: GOOD}
OK, FAILED, SKIPPED = "success", "failure", "skipped"
CHANGED = [("release", "true")]
SAME = [("release", "false")]
BOTH = [*CHANGED, ("rollback", "true")]
ROLLED_BACK = f"{GOOD} is deployed again, and its smoke test passed."
OUTSIDE = "look for a cause outside."
FIRST = "There is no earlier release to roll back to."


def needs(release, smoke=SKIPPED, rollback=SKIPPED, again=SKIPPED, *, good=GOOD, outputs=()):
    """Return the needs context: https://docs.github.com/en/actions/reference/contexts-reference#needs-context."""
    results = {"release": release, "smoke": smoke, "rollback": rollback, "smoke-again": again}
    jobs = {name: {"result": each, "outputs": {}} for name, each in results.items()}
    for name, changed in outputs:
        jobs[name]["outputs"] = {"changed": changed}
    return {"ready": {"result": OK, "outputs": {"good": good, "attempt": "1"}}, **jobs}


ENDS = {
    "live": (needs(OK, OK, outputs=CHANGED), "is live, and its smoke test passed"),
    "empty plan": (needs(OK, outputs=SAME), "There is nothing to deploy"),
    "empty plan, tested": (needs(OK, OK, outputs=SAME), "its smoke test passed"),
    "empty plan, red": (needs(OK, FAILED, outputs=SAME, good=""), "The smoke test of"),
    "nothing to roll back": (
        needs(OK, FAILED, OK, outputs=[*CHANGED, ("rollback", "false")]),
        f"A rollback to {GOOD} would change nothing: {OUTSIDE}",
    ),
    "rolled back": (
        needs(OK, FAILED, OK, OK, outputs=BOTH),
        f"The smoke test of {NEW} failed. {ROLLED_BACK}",
    ),
    "smoke test timed out": (needs(OK, "cancelled", OK, OK, outputs=BOTH), ROLLED_BACK),
    "applied in part": (
        needs(FAILED, SKIPPED, OK, OK, outputs=BOTH),
        f"The release of {NEW} failed. {ROLLED_BACK}",
    ),
    "not applied": (
        needs(FAILED, SKIPPED, OK, outputs=[("rollback", "false")]),
        f"Nothing was applied: {GOOD} is still deployed.",
    ),
    "the first release": (needs(OK, FAILED, good="", outputs=CHANGED), FIRST),
    "the same release again": (needs(OK, FAILED, good=NEW, outputs=CHANGED), FIRST),
    "rollback failed": (
        needs(OK, FAILED, FAILED, outputs=CHANGED),
        "failed too: it is unknown what is deployed. Act at once.",
    ),
    "red after the rollback": (
        needs(OK, FAILED, OK, FAILED, outputs=BOTH),
        f"its smoke test fails too: {OUTSIDE}",
    ),
}
HEALTHY, PROVEN = {"live", "empty plan", "empty plan, tested"}, {"live", "empty plan, tested"}


@pytest.mark.parametrize("end", ENDS)
def test_every_end_has_its_text(end):
    """The text says what is deployed now, and what to do."""
    given, text = ENDS[end]
    outcome = evaluate(given, NEW)
    assert text in outcome.text
    assert (outcome.healthy, outcome.proven) == (end in HEALTHY, end in PROVEN)


@pytest.fixture
def conclude(run):
    """Run the command for the end of a deployment."""
    return lambda end, **environment: run(
        "conclude",
        NEEDS=json.dumps(ENDS[end][0]),
        SITE_URL="https://resume.example/",
        **environment,
    )


def test_a_proven_release_is_recorded_and_closes_all_incidents(conclude, github):
    """A later deployment can roll back to it."""
    conclude("red after the rollback")
    github.add_issue("The live site is broken", ["incident-site"])
    step = conclude("live")
    assert step.code == 0, step.printed
    [deployment] = github.deployments
    assert (deployment["sha"], deployment["environment"]) == (NEW, "last-good-release")
    assert github.open_issues == []


def test_an_empty_plan_is_not_recorded(conclude, github):
    """It closes the incident of a failed release, but not the one of a broken site."""
    conclude("rolled back")
    github.add_issue("The live site is broken", ["incident-site"])
    step = conclude("empty plan")
    assert (step.code, github.deployments) == (0, [])
    assert github.open_issues == ["The live site is broken"]


def test_a_partly_repeated_run_is_not_recorded(conclude, github):
    """After "Re-run failed jobs" the smoke test belongs to an earlier attempt."""
    step = conclude("live", GITHUB_RUN_ATTEMPT="2")
    assert (step.code, github.deployments, github.issues) == (1, [], {})
    assert "::error::Only some jobs were run again" in step.printed


def test_a_failure_opens_one_issue_with_all_evidence(conclude, github, tmp_path):
    """A single summary has no folder: https://github.com/actions/download-artifact/issues/426."""
    for name in (f"smoke-{NEW}", f"smoke-{GOOD}", "."):
        (tmp_path / "evidence" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "evidence" / name / "summary.md").write_text(f"seen in {name}")
    results = [conclude("red after the rollback"), conclude("rollback failed")]
    assert [step.code for step in results] == [1, 1]
    assert github.deployments == []
    [issue] = github.issues.values()
    assert issue["title"] == "A release failed"
    for name in (f"smoke-{NEW}", f"smoke-{GOOD}", "."):
        assert f"    seen in {name}" in issue["body"]
    assert "::error::The smoke test of" in results[0].printed
    assert OUTSIDE in results[0].summary
