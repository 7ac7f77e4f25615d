"""`make staging`, `make production`, `make rollback`, `make watch`: release a commit, and go back.

A release goes to staging first, and production gets the same zip and contract. Only a smoke test
that ran and failed leads to a rollback. The workflows call these commands; each of them looks up
what it needs, so a repeated job decides anew.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from contract.repository import ROOT
from release import deploy, smoke, store
from release.github import runner
from release.smoke import Verdict
from release.terraform import DeployError, Terraform

LIMIT = 600.0  # seconds for an apply, which usually takes one minute
BUILD = ROOT / "build"
# Deployments wait for each other, so a lock of a runner belongs to a run that was killed.
STALE_LOCK = re.compile(
    r"Error acquiring the state lock[\s\S]*?\bID:\s+(\S+)[\s\S]*?\bWho:\s+runner@"
)
LATE = "{commit} is not newer than the last good release {good}: it is not deployed. To deploy it \
anyway, start the workflow by hand."
REWRITTEN = "{commit} does not descend from the last good release {good}: main was rewritten. To \
deploy it anyway, start the workflow deploy.yml by hand."
ACCOUNT = re.compile(r"\b\d{12}\b")  # GitHub drops outputs that contain a masked value
UNKNOWN = "Nothing was rolled back, because it is not known to be broken. Repeat the run."


class Applied(Enum):
    """What an apply changed in AWS."""

    NOTHING = "the plan was empty"
    ALL = "the plan was applied"
    PART = "Terraform failed, or was stopped at the limit"


@dataclass(frozen=True)
class Outcome:
    """The result of a release in words, and whether the commit is deployed and works."""

    text: str
    healthy: bool = False


Apply = Callable[[str], Applied]
Test = Callable[[str], Verdict]


def release_to_staging(commit: str, apply: Apply, test: Test) -> Outcome:
    """Deploy a commit to staging, and test it there."""
    applied, verdict = apply(commit), test(commit)
    if works(applied, verdict):
        return Outcome(f"{commit} works on staging.", healthy=True)
    text = describe(commit, applied, verdict)
    return Outcome(f"On staging: {text} Production was not changed.")


def release_to_production(commit: str, good: str, apply: Apply, test: Test) -> Outcome:
    """Deploy a commit to production and test it. If it is broken, go back to the last good release.

    Args:
        commit: its release is stored.
        good: the commit of the last good release; empty if there is none.
        apply: plans and applies the release of a commit. Raises DeployError if it fails before
            anything is applied.
        test: runs the smoke test of a commit.
    """
    applied, verdict = apply(commit), test(commit)
    if works(applied, verdict):
        return Outcome(f"{commit} is deployed, and its smoke test passed.", healthy=True)
    text = describe(commit, applied, verdict)
    if verdict is Verdict.HEALTHY:
        return Outcome(f"{text} The page works. Fix the cause and push.")
    if verdict is Verdict.UNKNOWN:
        return Outcome(f"{text} {UNKNOWN}")
    if good in {"", commit}:
        return Outcome(f"{text} There is no earlier release to go back to. Fix it and push.")
    return Outcome(f"{text} {go_back(good, apply, test).text}")


def go_back(good: str, apply: Apply, test: Test) -> Outcome:
    """Deploy the last good release again, and test it. It is healthy if it works."""
    try:
        applied = apply(good)
    except DeployError as error:
        return Outcome(f"Going back to {good} failed before anything was applied: {error}")
    if applied is Applied.NOTHING:
        return Outcome(f"Going back to {good} would change nothing: look for a cause outside.")
    if applied is Applied.PART:
        return Outcome(f"Going back to {good} stopped half-way: it is unknown what is deployed.")
    result = {
        Verdict.HEALTHY: "and its smoke test passed.",
        Verdict.BROKEN: "but is broken too: look for a cause outside.",
        Verdict.UNKNOWN: "but its smoke test could not run.",
    }
    verdict = test(good)
    again = f"{good} is deployed again, {result[verdict]}"
    return Outcome(again, healthy=verdict is Verdict.HEALTHY)


def works(applied: Applied, verdict: Verdict) -> bool:
    return verdict is Verdict.HEALTHY and applied is not Applied.PART


def describe(commit: str, applied: Applied, verdict: Verdict) -> str:
    results = {
        Verdict.HEALTHY: "passed",
        Verdict.BROKEN: "failed",
        Verdict.UNKNOWN: "could not run",
    }
    half_way = "Its apply stopped half-way. " if applied is Applied.PART else ""
    return f"{half_way}The smoke test of {commit} {results[verdict]}."


def main(command: str) -> None:
    commands = {
        "staging": staging,
        "production": production,
        "rollback": rollback,
        "watch": watch,
    }
    try:
        outcome = commands[command]()
    except DeployError as error:
        outcome = Outcome(f"Nothing was applied. {error}")
    if outcome:
        line = ACCOUNT.sub("(account)", " ".join(outcome.text.split()))
        runner.summary(line)
        runner.output(outcome=line, healthy=str(outcome.healthy).lower())
        runner.say(outcome.text, "notice" if outcome.healthy else "error")
        sys.exit(not outcome.healthy)


def staging() -> Outcome | None:
    """Release what `make build` built to staging, and store it if it works."""
    commit, releases = runner.variable("GITHUB_SHA"), store.connect(Terraform())
    if is_late(commit, releases.last_good()):
        return None
    outcome = release_to_staging(commit, lambda _: deployed(ROOT), lambda _: smoke.test(ROOT))
    return afterwards(outcome, lambda: releases.save(commit, BUILD))


def production() -> Outcome | None:
    """Release to production what worked on staging."""
    commit, releases = runner.variable("GITHUB_SHA"), store.connect(Terraform())
    good = releases.last_good()
    if is_late(commit, good):
        return None
    releases.fetch(commit, BUILD)

    def apply(which: str) -> Applied:
        if which == commit:
            return deployed(ROOT)
        return deployed(checkout(which, releases), rollback=True)

    outcome = release_to_production(
        commit, good, apply, lambda which: smoke.test(ROOT if which == commit else place(which))
    )
    return afterwards(outcome, lambda: releases.record_good(commit))


def rollback() -> Outcome:
    """Deploy the last good release again, or the stored release that COMMIT names."""
    releases = store.connect(Terraform())
    named = os.environ.get("COMMIT", "")
    found = git("rev-parse", "--verify", "--quiet", f"{named}^{{commit}}").stdout.strip()
    good = found if named else releases.last_good()
    if not good:
        raise DeployError(f"There is no commit {named}." if named else "No release was good yet.")
    outcome = go_back(
        good,
        lambda which: deployed(checkout(which, releases), rollback=True),
        lambda which: smoke.test(place(which)),
    )
    return afterwards(outcome, lambda: releases.record_good(good))


def afterwards(outcome: Outcome, store: Callable[[], None]) -> Outcome:
    """Store the result of a release that works, and say so if that fails."""
    if outcome.healthy:
        try:
            store()
        except DeployError as error:
            return Outcome(f"{outcome.text} But this could not be stored: {error}")
    return outcome


def watch() -> Outcome | None:
    """Test the last good release on the live site."""
    releases = store.connect(Terraform())
    good = releases.last_good()
    if not good:
        runner.say("There is no good release yet, so there is nothing to test.", "notice")
        return None
    verdict = smoke.test(checkout(good, releases))
    return Outcome(describe(good, Applied.NOTHING, verdict), healthy=verdict is Verdict.HEALTHY)


def is_late(commit: str, good: str) -> bool:
    """Return whether a newer release is deployed already. A run by hand is never late.

    Raises:
        DeployError: main was rewritten, so neither of the two commits is newer.
    """
    by_hand = "/deploy.yml@" in os.environ.get("GITHUB_WORKFLOW_REF", "")
    first_attempt = os.environ.get("GITHUB_RUN_ATTEMPT", "1") == "1"
    if not good or (by_hand and first_attempt) or is_ancestor(good, commit):
        return False
    if not is_ancestor(commit, good):
        raise DeployError(REWRITTEN.format(commit=commit, good=good))
    runner.say(LATE.format(commit=commit, good=good), "notice")
    return True


def is_ancestor(older: str, newer: str) -> bool:
    return git("merge-base", "--is-ancestor", older, newer).returncode == 0


def deployed(root: Path, *, rollback: bool = False) -> Applied:
    """Plan and apply the release in a checkout.

    Args:
        rollback: leave the table as it is.

    Raises:
        DeployError: it failed twice before anything was applied.
    """
    terraform = Terraform(root / "terraform")
    with terraform.override("rollback") if rollback else nullcontext():
        try:
            changed = deploy.make_plan(terraform)
        except DeployError as error:
            runner.say(f"Trying again, because this failed: {error}")
            if lock := STALE_LOCK.search(str(error)):
                terraform.run("force-unlock", "-force", lock[1])
            changed = deploy.make_plan(terraform)
    if not changed:
        return Applied.NOTHING
    failed = terraform.on_terminal("apply", deploy.PLAN, limit=LIMIT)
    return Applied.PART if failed else Applied.ALL


def checkout(commit: str, releases: store.Store) -> Path:
    """Check out an earlier commit, with its stored release, and return the folder.

    It uses the AWS provider that this checkout has installed, if both lock the same version.
    """
    folder = place(commit)
    git("worktree", "remove", "--force", str(folder))
    done = git("worktree", "add", "--detach", str(folder), commit)
    if done.returncode:
        raise DeployError(f"The commit {commit} cannot be checked out: {done.stderr}")
    releases.fetch(commit, folder / "build")
    ours, theirs = ROOT / "terraform", folder / "terraform"
    if (ours / "backend.hcl").exists():
        shutil.copy(ours / "backend.hcl", theirs)
    (ours / ".terraform").mkdir(exist_ok=True)
    (theirs / ".terraform").symlink_to(ours / ".terraform")
    return folder


def place(commit: str) -> Path:
    return BUILD / "checkouts" / commit


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    main(sys.argv[1])
