"""`make conclude`: what came of a deployment. A bad end opens an issue, a good one closes it."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.github import incident, live, runner

EVIDENCE = Path("evidence")  # where deploy.yml puts what the smoke tests saw
PARTIAL = "Only some jobs were repeated, and nobody has asked since what is live. \
Deploy the head of main: gh workflow run deploy.yml. Or re-run all jobs."


@dataclass(frozen=True)
class Outcome:
    """What came of a deployment.

    Attributes:
        text: that in words.
        sound: whether what runs is what the commit wants.
        proven: whether a smoke test has just shown it.
    """

    text: str
    sound: bool = False
    proven: bool = False


def main() -> None:
    needs, commit = json.loads(runner.variable("NEEDS")), runner.variable("GITHUB_SHA")
    if needs["ready"]["outputs"].get("attempt") != runner.variable("GITHUB_RUN_ATTEMPT"):
        raise runner.Failure(PARTIAL)
    outcome = judge(needs, commit)
    runner.summary(outcome.text)
    if not outcome.sound:
        incident.start("release", outcome.text, sorted(EVIDENCE.rglob("summary.md")))
        raise runner.Failure(outcome.text)
    runner.say(outcome.text, "notice")
    if outcome.proven:
        live.record(commit, os.environ.get("SITE_URL", ""))
        incident.end("site")
    incident.end("release")


def judge(needs: Mapping[str, Any], commit: str) -> Outcome:
    """What came of it.

    Args:
        needs: result and outputs of the jobs in deploy.yml, by name.
        commit: what was to be released.
    """
    release, good = needs["release"], needs["ready"]["outputs"].get("good")
    if (release["result"], needs["smoke"]["result"]) == ("success", "skipped"):
        return Outcome(f"Nothing to deploy: what runs is what {commit} wants.", sound=True)
    if needs["smoke"]["result"] == "success":
        return Outcome(f"{commit} is live, and its smoke test passed.", sound=True, proven=True)
    broken = "smoke test" if release["result"] == "success" else "release"
    return Outcome(f"The {broken} of {commit} failed. {way_back(needs, commit, good)}")


def way_back(needs: Mapping[str, Any], commit: str, good: str | None) -> str:
    rollback, again = needs["rollback"], needs["smoke-again"]
    if not good or good == commit:
        return "There is no earlier release to go back to. Mend it and push."
    if rollback["result"] != "success":
        return f"Going back to {good} failed too: what runs now is uncertain. Look at once."
    if not changed(rollback) and needs["release"]["result"] == "success":
        return f"Going back to {good} would change nothing: look for a cause outside."
    if not changed(rollback):
        return f"Nothing of it was applied: {good} is still what runs."
    if again["result"] != "success":
        return f"{good} runs again, and its smoke test fails now too: look for a cause outside."
    return f"{good} runs again, and its smoke test passed."


def changed(job: Mapping[str, Any]) -> bool:
    return bool(job["outputs"].get("changed") == "true")


if __name__ == "__main__":
    runner.run(main)
