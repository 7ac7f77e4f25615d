"""Questions and answers of `make deploy`, without Terraform and AWS."""

import io
from types import SimpleNamespace

import pytest

from contract.command import CommandError
from release import deploy, terminal
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


def test_a_stale_document_is_refused(monkeypatch):
    """Before anything else, make deploy names the command that generates the document anew."""
    monkeypatch.setattr(deploy.generation, "is_stale", lambda: True)
    with pytest.raises(SystemExit, match="Run make generate"):
        deploy.main("deploy")


def lines(script: str) -> str:
    return f'<script src="https://api/x.js" integrity="sha512-{script}"></script>'


def state(script: str = "old") -> State:
    values = {"api_url": "https://api/live", "html": lines(script), "markdown": "![badge]"}
    return State({"outputs": {name: {"value": value} for name, value in values.items()}})


class Stand:
    """Stands for Terraform and the account: a deployment exists, and a plan changes its lines."""

    def __init__(self, monkeypatch, tmp_path):
        self.folder = tmp_path
        self.applied = False
        self.locked = False
        self.planned = {
            "applyable": True,
            "output_changes": {"html": {"actions": ["update"], "after": lines("old")}},
        }
        monkeypatch.chdir(tmp_path)
        (tmp_path / "build").mkdir()
        (tmp_path / "build" / "plan.txt").write_text("the whole plan")
        self.monkeypatch = monkeypatch
        for module, name, result in (
            (deploy.settings, "check", None),
            (deploy.account, "connect", "123456789012"),
            (deploy.package, "main", None),
        ):
            monkeypatch.setattr(module, name, lambda *_, result=result: result)
        monkeypatch.setattr(deploy, "save_plan", self.save_plan)

    def save_plan(self, *_):
        if self.locked:
            raise CommandError(LOCK)
        return self.planned

    def state(self):
        return state()

    outputs = property(lambda self: lambda: state().outputs)

    def run(self, command, *options):
        assert (command, *options) == ("force-unlock", "-force", "0a1b-2c")
        self.locked = False

    def on_terminal(self, *_, **__):
        self.applied = True
        return 0

    def deploy(self, *answers):
        """Run the command with answers, and return its exit code."""
        typed = io.StringIO("".join(f"{answer}\n" for answer in answers))
        self.monkeypatch.setattr("sys.stdin", typed)
        try:
            deploy.deploy(self)
        except SystemExit as end:
            return end.code
        return 0


@pytest.fixture
def stand(monkeypatch, tmp_path):
    return Stand(monkeypatch, tmp_path)


@pytest.mark.parametrize(
    ("answers", "applied"),
    [
        (["y"], True),
        (["YES"], True),
        (["p", "y"], True),
        (["n"], False),
        (["p", ""], False),
        ([], 0),
    ],
)
def test_only_a_yes_applies_the_plan(stand, capsys, answers, applied):
    """y or yes applies it, after p has shown all of it. Declining is no error of make."""
    assert stand.deploy(*answers) == 0
    printed = capsys.readouterr().out
    assert stand.applied == applied
    assert ("Nothing was changed." in printed) == (not applied)
    assert ("the whole plan\n" in printed) == ("p" in answers)
    assert printed.count("sha512-old") == applied  # the lines to paste, once
    assert "The scripts have changed" not in printed


def test_another_hash_of_the_scripts_is_announced(stand, capsys):
    """Before the question, since a page with the old hash alone would show nothing."""
    stand.planned["output_changes"]["html"]["after"] = lines("new")
    stand.deploy("n")
    assert "The scripts have changed" in capsys.readouterr().out.partition("Apply this plan")[0]


def test_an_unchanged_deployment_has_no_question(stand, capsys):
    """The lines to paste are printed again."""
    stand.planned = {"applyable": False}
    assert stand.deploy() == 0
    printed = capsys.readouterr().out
    assert "Nothing changes." in printed
    assert "sha512-old" in printed
    assert "[y/N" not in printed


def test_the_lock_of_a_killed_command_is_removed_after_a_question(stand, capsys):
    """The question names who has locked the state, and since when. Declining removes nothing."""
    stand.locked = True
    assert stand.deploy("n") == 0
    assert stand.locked
    assert stand.deploy("y", "y") == 0
    assert (
        "OperationTypeApply of robin@laptop, since 2026-11-30 15:31:07" in capsys.readouterr().out
    )
    assert stand.applied


def test_an_apply_that_fails_says_what_to_do(stand):
    """The message says that a part may be applied, and that the next deployment completes it."""
    stand.on_terminal = lambda *_, **__: 1
    with pytest.raises(CommandError, match="repeat the command: it completes what is missing"):
        stand.deploy("y")


def test_ctrl_c_at_a_question_says_that_nothing_was_changed(monkeypatch, capsys):
    """And the exit code is that of an interrupted command."""

    def readline():
        raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", SimpleNamespace(readline=readline))
    with pytest.raises(SystemExit) as end:
        terminal.confirm("Really? [y/N] ")
    assert end.value.code == 130
    assert capsys.readouterr().out.endswith("Stopped. Nothing was changed.\n")
