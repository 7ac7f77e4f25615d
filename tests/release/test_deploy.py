"""Questions and answers of `make deploy`, without Terraform and AWS."""

import io
from contextlib import nullcontext

import pytest

from contract.command import CommandError
from release import deploy
from release.terraform import State

LOCK = """terraform plan failed: Error acquiring the state lock
Lock Info:
  ID:        0a1b-2c
  Path:      state/visits/terraform.tfstate
  Operation: OperationTypeApply
  Who:       robin@laptop
  Version:   1.11.4
  Created:   2026-11-30 15:31:07.1 +0000 UTC
"""
OLD, NEW = '<script integrity="sha512-old"></script>', '<script integrity="sha512-new"></script>'


def test_a_stale_document_is_refused(monkeypatch):
    """Before anything else, make deploy names the command that generates the document anew."""
    monkeypatch.setattr(deploy.generation, "is_stale", lambda: True)
    with pytest.raises(CommandError, match="Run make generate"):
        deploy.main("deploy")


class Stand:
    """Stands for Terraform and the account: a deployment exists, and a plan changes its lines."""

    def __init__(self, folder):
        self.folder, self.applied, self.locked = folder, False, ""
        self.planned = {"applyable": True, "output_changes": {"html": {"actions": ["update"]}}}

    def plan(self, *_):
        if self.locked:
            raise CommandError(LOCK.replace("robin@laptop", self.locked))
        return self.planned

    def state(self):
        values = {"api_url": "https://api/live", "html": OLD, "markdown": "![badge]"}
        return State({"outputs": {name: {"value": value} for name, value in values.items()}})

    def outputs(self):
        return self.state().outputs

    def run(self, command, *options):
        assert (command, *options) == ("force-unlock", "-force", "0a1b-2c")
        self.locked = ""

    def apply(self, _):
        self.applied = True


@pytest.fixture
def stand(monkeypatch, tmp_path):
    stand = Stand(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "build").mkdir()
    (tmp_path / deploy.WHOLE_PLAN).write_text("the whole plan")
    monkeypatch.setattr(deploy.settings, "check", lambda _: None)
    monkeypatch.setattr(deploy.account, "connect", lambda _: "123456789012")
    monkeypatch.setattr(deploy.package, "main", lambda _: None)
    monkeypatch.setattr(deploy, "plan_completion", stand.plan)
    return stand


@pytest.fixture
def run(stand, monkeypatch, capsys):
    """Returns a function that runs `make deploy` with answers, and returns what it printed."""

    def run(*answers):
        typed = io.StringIO("".join(f"{answer}\n" for answer in answers))
        monkeypatch.setattr("sys.stdin", typed)
        code = 0
        try:
            deploy.deploy(stand)
        except SystemExit as end:
            code = end.code
        assert code == 0  # declining is no error of make
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    ("answers", "applied"),
    [(["YES"], True), (["p", "y"], True), (["n"], False), (["p", ""], False), ([], False)],
)
def test_only_a_yes_applies_the_plan(stand, run, answers, applied):
    """y or yes applies it, after p has shown all of it. The lines to paste follow, once."""
    printed = run(*answers)
    assert stand.applied == applied
    assert ("Nothing was changed." in printed) == (not applied)
    assert ("the whole plan\n" in printed) == ("p" in answers)
    assert printed.count("sha512-old") == applied


@pytest.mark.parametrize(("html", "announced"), [(OLD, False), (NEW, True), (None, False)])
def test_another_hash_of_the_scripts_is_announced(stand, run, html, announced):
    """Before the question, since a page with the old hash alone would show nothing."""
    stand.planned["output_changes"]["html"]["after"] = html
    assert ("The scripts have changed" in run("n").partition("Apply this plan")[0]) == announced


def test_an_unchanged_deployment_has_no_question(stand, run):
    """The lines to paste are printed again."""
    stand.planned = {"applyable": False}
    printed = run()
    assert "Nothing changes." in printed
    assert "sha512-old" in printed
    assert "[y/N" not in printed


def test_a_lock_is_removed_only_after_a_question(stand, run):
    """The question names who has locked the state, and since when. Declining removes nothing."""
    stand.locked = "robin@laptop"
    assert "OperationTypeApply of robin@laptop, since 2026-11-30 15:31:07" in run("n")
    assert stand.locked


@pytest.mark.parametrize(("who", "removed"), [("runner@host", True), ("robin@laptop", False)])
def test_on_github_the_lock_of_a_killed_run_is_removed(stand, monkeypatch, who, removed):
    """Deployments wait for each other, so the lock of a runner has no owner; a person's has one."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    stand.locked = who
    with nullcontext() if removed else pytest.raises(CommandError, match=who):
        assert deploy.save_plan(stand, None) == stand.planned
