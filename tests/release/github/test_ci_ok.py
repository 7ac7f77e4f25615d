"""The result of the only required job."""

import json
import shutil

import pytest

from contract.repository import ROOT
from tests.release.github import steps


def results(**jobs):
    return json.dumps({job: {"result": result, "outputs": {}} for job, result in jobs.items()})


@pytest.fixture
def make(tmp_path):
    """Run make in a checkout without .venv."""
    shutil.copy("Makefile", tmp_path)
    (tmp_path / "release").symlink_to(ROOT / "release")
    return lambda *words, **environment: steps.make(tmp_path, "ci-ok", *words, **environment)


def test_success_of_every_job_is_a_success(make, tmp_path):
    """The command passes, and installs nothing."""
    step = make(NEEDS=results(lint="success", test="success"))
    assert (step.code, step.printed) == (0, "All jobs succeeded: lint, test\n")
    assert not (tmp_path / ".venv").exists()


def test_make_fails_when_a_job_failed(make):
    """The exit code reaches the workflow."""
    assert make(NEEDS=results(lint="failure")).code != 0


def test_without_python_it_fails(make):
    """Make must not read an empty command as a prefix that ignores errors."""
    assert make("PYTHON=", NEEDS=results(lint="success")).code != 0


@pytest.mark.parametrize("result", ["failure", "cancelled", "skipped", "", "neutral"])
def test_any_other_result_fails_and_is_named(tmp_path, result):
    """A skipped or cancelled job is a failure. Jobs that succeeded are not named."""
    step = steps.run(tmp_path, "ci_ok", NEEDS=results(lint="success", test=result))
    assert (step.code, step.printed) == (1, f"Not every job succeeded. test: {result}\n")


@pytest.mark.parametrize(
    "needs",
    ["  ", "{}", "[]", "null", "no JSON", '"success"', '{"lint": {}}', '{"lint": null}'],
)
def test_without_results_it_fails(tmp_path, needs):
    """A workflow that does not pass the results fails, and the message says how to pass them."""
    step = steps.run(tmp_path, "ci_ok", NEEDS=needs, GITHUB_ACTIONS="true")
    assert step.code == 1
    assert step.printed.startswith("::error::NEEDS ")
    assert "env: NEEDS: ${{ toJSON(needs) }}" in step.printed


def test_only_the_plan_may_be_skipped(tmp_path):
    """Runs of forks and of Dependabot get no plan."""
    step = steps.run(tmp_path, "ci_ok", NEEDS=results(test="success", plan="skipped"))
    assert (step.code, step.printed) == (0, "All jobs succeeded: test\n")
    assert steps.run(tmp_path, "ci_ok", NEEDS=results(plan="failure")).code == 1


@pytest.mark.parametrize(
    ("conclusion", "code", "text"),
    [("success", 0, "is green"), ("failure", 1, "is failure"), (None, 1, "unchecked=true")],
)
def test_a_deployment_by_hand_needs_a_green_check(run, github, conclusion, code, text):
    """Without NEEDS the check of the commit is read from GitHub."""
    path = f"commits/{40 * '0'}/check-runs"
    github.answers = {path: {"check_runs": [{"conclusion": conclusion}]}}
    step = run("ci_ok")
    assert step.code == code
    assert text in step.printed
