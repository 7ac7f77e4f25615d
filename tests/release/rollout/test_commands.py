"""How a release is reported and stored, and which commit is newer."""

from functools import partial
from types import SimpleNamespace

import pytest

from contract.command import CommandError
from release import smoke
from release.rollout import __main__ as rollout
from release.rollout import commits
from release.rollout.decisions import Outcome
from tests.emulator import act


def fail(*_):
    raise CommandError("The bucket state-123456789012\nis missing.")


def test_a_result_that_cannot_be_stored_is_no_success():
    """The text still says what is deployed."""
    outcome = rollout.record(Outcome("It works.", healthy=True), fail)
    assert not outcome.healthy
    assert outcome.text.startswith("It works. But this could not be stored: The bucket")


def test_a_command_that_cannot_start_is_reported_without_account_id(monkeypatch, tmp_path):
    """Nothing is applied. GitHub would drop an output with a masked value, and with it the reason
    in the issue."""
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setattr(rollout, "checkout", fail)
    for command in (fail, lambda: rollout.go_back(40 * "a", None)):
        with pytest.raises(SystemExit):
            rollout.main(command)
    assert (tmp_path / "output").read_text() == (
        "outcome=Nothing was applied. The bucket state-(account) is missing.\nhealthy=false\n"
        "outcome=Going back to aaaaaaa failed before anything was applied: The bucket "
        "state-(account) is missing.\nhealthy=false\n"
    )


def test_the_daily_test_fails_if_a_total_is_wrong(monkeypatch):
    """The text, which opens the issue, names the counter."""
    releases = SimpleNamespace(last_good=lambda: 40 * "a")
    monkeypatch.setattr(rollout.store, "connect", lambda _: releases)
    monkeypatch.setattr(rollout, "checkout", lambda *_: None)
    monkeypatch.setattr(rollout.smoke, "test", lambda _: smoke.Report(smoke.Verdict.HEALTHY))
    monkeypatch.setattr(rollout.account, "deployed", dict)
    monkeypatch.setattr(rollout.totals, "compare", lambda _: ["The total is wrong."])
    assert rollout.watch() == Outcome("The smoke test of aaaaaaa passed. The total is wrong.")


@pytest.fixture
def history(tmp_path, monkeypatch):
    """The commits of a repository: three on main, and one on another branch."""
    git = partial(act.git, tmp_path)
    git("init", "--quiet", "--initial-branch=main")
    hashes = {}
    for name in ("first", "second", "third", "other"):
        if name == "other":
            git("switch", "--quiet", "--create", "other", hashes["first"])
        git("commit", "--quiet", "--allow-empty", "--message", name)
        hashes[name] = git("rev-parse", "HEAD")
    monkeypatch.setattr(commits, "ROOT", tmp_path)
    return hashes


@pytest.mark.parametrize(("commit", "late"), [("first", True), ("second", False), ("third", False)])
def test_a_run_that_is_late_deploys_nothing(history, monkeypatch, commit, late):
    """A slow or repeated run never replaces a newer release, unless a person started deploy.yml."""
    workflow = "robin/visits/.github/workflows/{}@refs/heads/main"
    cases = {("ci.yml", "1"): late, ("deploy.yml", "1"): False, ("deploy.yml", "2"): late}
    for (name, attempt), expected in cases.items():
        monkeypatch.setenv("GITHUB_WORKFLOW_REF", workflow.format(name))
        monkeypatch.setenv("GITHUB_RUN_ATTEMPT", attempt)
        assert commits.is_late(history[commit], history["second"]) == expected
    assert not commits.is_late(history[commit], "")


@pytest.mark.parametrize("good", ["other", 40 * "c"])
def test_a_rewritten_main_is_reported(history, good):
    """Neither commit is newer, so a person has to decide."""
    with pytest.raises(CommandError, match="main was rewritten"):
        commits.is_late(history["third"], history.get(good, good))
