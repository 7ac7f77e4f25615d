"""`make conclude`: evaluate a deployment. A failure opens an issue, a success closes it."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.github import incident, last_good, runner

EVIDENCE = Path("evidence")  # where deploy.yml puts the summaries of the smoke tests
PARTIAL = "Only some jobs were run again, with an outdated answer to which release is the last \
good one. Deploy the head of main (gh workflow run deploy.yml), or re-run all jobs."


@dataclass(frozen=True)
class Outcome:
    """The result of a deployment.

    Attributes:
        text: the result in one or two sentences.
        healthy: whether the commit is deployed and no job failed.
        proven: whether a smoke test of this run passed.
    """

    text: str
    healthy: bool = False
    proven: bool = False


def main() -> None:
    needs, commit = json.loads(runner.variable("NEEDS")), runner.variable("GITHUB_SHA")
    if needs["ready"]["outputs"].get("attempt") != runner.variable("GITHUB_RUN_ATTEMPT"):
        raise runner.Failure(PARTIAL)
    outcome = evaluate(needs, commit)
    runner.summary(outcome.text)
    if not outcome.healthy:
        incident.report("release", outcome.text, sorted(EVIDENCE.rglob("summary.md")))
        raise runner.Failure(outcome.text)
    runner.say(outcome.text, "notice")
    if outcome.proven:
        last_good.record(commit, os.environ.get("SITE_URL", ""))
        incident.close("site")
    incident.close("release")


def evaluate(needs: Mapping[str, Any], commit: str) -> Outcome:
    """Return the result of a deployment.

    Args:
        needs: result and outputs of the jobs in deploy.yml, by name.
        commit: the commit to release.
    """
    release, good = needs["release"], needs["ready"]["outputs"].get("good")
    if (release["result"], needs["smoke"]["result"]) == ("success", "skipped"):
        return Outcome(f"There is nothing to deploy for {commit}.", healthy=True)
    if needs["smoke"]["result"] == "success":
        return Outcome(f"{commit} is live, and its smoke test passed.", healthy=True, proven=True)
    failed = "smoke test" if release["result"] == "success" else "release"
    return Outcome(f"The {failed} of {commit} failed. {rollback(needs, commit, good)}")


def rollback(needs: Mapping[str, Any], commit: str, good: str | None) -> str:
    """Describe the result of the rollback, and what to do."""
    job, again = needs["rollback"], needs["smoke-again"]
    if not good or good == commit:
        return "There is no earlier release to roll back to. Fix it and push."
    if job["result"] != "success":
        return f"The rollback to {good} failed too: it is unknown what is deployed. Act at once."
    if not changed(job) and needs["release"]["result"] == "success":
        return f"A rollback to {good} would change nothing: look for a cause outside."
    if not changed(job):
        return f"Nothing was applied: {good} is still deployed."
    if again["result"] != "success":
        return f"{good} is deployed again, but its smoke test fails too: look for a cause outside."
    return f"{good} is deployed again, and its smoke test passed."


def changed(job: Mapping[str, Any]) -> bool:
    return bool(job["outputs"].get("changed") == "true")


if __name__ == "__main__":
    runner.run(main)
