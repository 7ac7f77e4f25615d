"""`make staging`, `make production`, `make rollback`, `make watch`: release a commit, and go back.

A release goes to staging first, and production gets the same zip. The workflows call these
commands; each of them looks up what it needs, so a repeated job decides anew.
"""

import os
import re
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from botocore.exceptions import BotoCoreError

from contract.command import CommandError
from contract.repository import ROOT
from release import account, deploy, smoke, totals
from release.github import runner
from release.rollout import decisions, store
from release.rollout.commits import BUILD, checkout, find, is_late
from release.rollout.decisions import Applied, Outcome
from release.smoke import Report, Verdict
from release.terraform import Terraform

LIMIT = 600  # seconds for an apply, which usually takes one minute
ACCOUNT = re.compile(r"\b\d{12}\b")  # GitHub drops outputs that contain a masked value


def main(command: Callable[[], Outcome | None]) -> None:
    """Run a command, and report its outcome on the terminal and to GitHub."""
    try:
        outcome = command()
    except (CommandError, BotoCoreError) as error:  # such as an unknown AWS_PROFILE
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
    applied, report = deployed(ROOT), smoke.test(ROOT)
    outcome = decisions.judge_staging(commit, applied, report)
    return record(outcome, lambda: releases.save(commit, BUILD))


def production() -> Outcome | None:
    """Release to production what worked on staging."""
    commit, releases = runner.variable("GITHUB_SHA"), store.connect(Terraform())
    good = releases.last_good()
    if is_late(commit, good):
        return None
    releases.fetch(commit, BUILD)
    applied, report = deployed(ROOT), smoke.test(ROOT)
    outcome = decisions.judge_production(commit, good, applied, report)
    if outcome.go_back:
        return Outcome(f"{outcome.text} {go_back(good, releases).text}")
    return record(outcome, lambda: releases.record_good(commit))


def rollback() -> Outcome:
    """Deploy the last good release again, or the stored release that COMMIT names."""
    releases, other = store.connect(Terraform()), account.deployment_name()
    named = os.environ.get("COMMIT")
    if other and not named:
        raise CommandError(f"Name a stored release: DEPLOYMENT={other} make rollback COMMIT=...")
    good = find(named) if named else releases.last_good()
    if not good:
        raise CommandError("No release was good yet.")
    outcome = go_back(good, releases)
    if other:  # the last good release is that of the first deployment
        return outcome
    return record(outcome, lambda: releases.record_good(good))


def watch() -> Outcome | None:
    """Test the last good release on the live site, and compare the totals with the days."""
    releases = store.connect(Terraform())
    good = releases.last_good()
    if not good:
        runner.say("There is no good release yet, so there is nothing to test.", "notice")
        return None
    report = smoke.test(checkout(good, releases))
    wrong = totals.compare(account.deployed())
    text = " ".join([decisions.describe(good, Applied.NOTHING, report), *wrong])
    return Outcome(text, report.verdict is Verdict.HEALTHY and not wrong)


def go_back(good: str, releases: store.Store) -> Outcome:
    """Deploy a stored release again, and test it."""
    report = Report(Verdict.UNKNOWN)
    try:
        folder = checkout(good, releases)
        applied = deployed(folder, rollback=True)
    except CommandError as error:
        return Outcome(
            f"Going back to {decisions.short(good)} failed before anything was applied: {error}"
        )
    if applied is Applied.ALL:
        report = smoke.test(folder)
    return decisions.judge_rollback(good, applied, report)


def record(outcome: Outcome, save: Callable[[], None]) -> Outcome:
    """Store the result of a release that works, and say so if that fails."""
    if outcome.healthy:
        try:
            save()
        except CommandError as error:
            return Outcome(f"{outcome.text} But this could not be stored: {error}")
    return outcome


def deployed(root: Path, *, rollback: bool = False) -> Applied:
    """Plan and apply the release in a checkout. A rollback leaves the table as it is."""
    terraform = Terraform(root / "terraform")
    with terraform.override("rollback") if rollback else nullcontext():
        if not deploy.make_plan(terraform):
            return Applied.NOTHING
    try:
        terraform.apply(deploy.PLAN, LIMIT)
    except CommandError as error:
        runner.say(str(error))
        return Applied.PART
    return Applied.ALL


COMMANDS = {"staging": staging, "production": production, "rollback": rollback, "watch": watch}
if __name__ == "__main__":
    main(COMMANDS[sys.argv[1]])
