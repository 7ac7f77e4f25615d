"""The commits of the releases: which one is newer, and a checkout of an earlier one."""

import os
import shutil
import subprocess
from pathlib import Path

from contract.command import CommandError
from contract.repository import ROOT
from release.github import runner
from release.rollout.decisions import short
from release.rollout.store import Store

BUILD = ROOT / "build"
LATE = "{commit} is not newer than the last good release {good}: it is not deployed. To deploy it \
anyway, start the workflow by hand."
REWRITTEN = "{commit} does not descend from the last good release {good}: main was rewritten. To \
deploy it anyway, start the workflow deploy.yml by hand."


def is_late(commit: str, good: str) -> bool:
    """Return whether a newer release is deployed already. A run by hand is never late."""
    by_hand = "/deploy.yml@" in os.environ.get("GITHUB_WORKFLOW_REF", "")
    first_attempt = os.environ.get("GITHUB_RUN_ATTEMPT", "1") == "1"
    if not good or (by_hand and first_attempt) or is_ancestor(good, commit):
        return False
    names = {"commit": short(commit), "good": short(good)}
    if not is_ancestor(commit, good):
        raise CommandError(REWRITTEN.format(**names))
    runner.say(LATE.format(**names), "notice")
    return True


def is_ancestor(older: str, newer: str) -> bool:
    return git("merge-base", "--is-ancestor", older, newer).returncode == 0


def find(name: str) -> str:
    """Return the commit that a name, such as a short hash, stands for."""
    found = git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").stdout.strip()
    if not found:
        raise CommandError(f"There is no commit {name}.")
    return found


def checkout(commit: str, releases: Store) -> Path:
    """Check out an earlier commit, with its stored release, and return the folder.

    It uses the AWS provider that this checkout has installed, if both lock the same version.
    """
    folder = BUILD / "checkouts" / commit
    git("worktree", "remove", "--force", str(folder))
    done = git("worktree", "add", "--detach", str(folder), commit)
    if done.returncode:
        raise CommandError(f"The commit {commit} cannot be checked out: {done.stderr}")
    releases.fetch(commit, folder / "build")
    ours, theirs = ROOT / "terraform", folder / "terraform"
    if (ours / "backend.hcl").exists():
        shutil.copy(ours / "backend.hcl", theirs)
    (ours / ".terraform").mkdir(exist_ok=True)
    (theirs / ".terraform").symlink_to(ours / ".terraform")
    return folder


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
