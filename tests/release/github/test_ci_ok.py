"""The result of the only required job."""

import json
import shutil

import pytest

from tests.release.github import steps
from visits.contract import ROOT


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
    ["", "  ", "{}", "[]", "null", "no JSON", '"success"', '{"lint": {}}', '{"lint": null}'],
)
def test_without_results_it_fails(tmp_path, needs):
    """A workflow that does not pass the results fails, and the message says how to pass them."""
    step = steps.run(tmp_path, "ci_ok", NEEDS=needs, GITHUB_ACTIONS="true")
    assert step.code == 1
    assert step.printed.startswith("::error::NEEDS ")
    assert "env: NEEDS: ${{ toJSON(needs) }}" in step.printed


def test_a_missing_variable_fails(tmp_path):
    """The message names the variable."""
    step = steps.run(tmp_path, "ci_ok")
    assert step.code == 1
    assert "NEEDS is not set" in step.printed
