"""The verdict of the one required job."""

import json
import shutil

import pytest

from tests.release.github import steps


@pytest.fixture
def folder(tmp_path):
    """A checkout in which nothing is installed."""
    shutil.copy("Makefile", tmp_path)
    shutil.copytree("release", tmp_path / "release")
    return tmp_path


def verdict(folder, *words, **results):
    needs = {job: {"result": result, "outputs": {}} for job, result in results.items()}
    return steps.make(folder, "ci-ok", *words, NEEDS=json.dumps(needs, indent=2))


def test_all_have_succeeded(folder):
    """It passes, and installs nothing."""
    step = verdict(folder, lint="success", test="success")
    assert (step.code, step.printed) == (0, "All have succeeded: lint, test\n")
    assert not (folder / ".venv").exists()


@pytest.mark.parametrize("result", ["failure", "cancelled", "skipped", "", "neutral"])
def test_one_that_has_not_is_named(folder, result):
    """Skipped and cancelled are not succeeded. Those that have succeeded are not named."""
    step = verdict(folder, lint="success", test=result)
    assert step.code != 0
    assert f"Not every job succeeded. test: {result}\n" in step.printed
    assert "lint" not in step.printed


@pytest.mark.parametrize(
    "needs",
    ["", "  ", "{}", "[]", "null", "no JSON", '"success"', '{"lint": {}}', '{"lint": null}'],
)
def test_without_results_it_fails(folder, needs):
    """A workflow that forgets to pass them is not green, and is told how."""
    step = steps.make(folder, "ci-ok", NEEDS=needs, GITHUB_ACTIONS="true")
    assert step.code != 0
    assert step.printed.startswith("::error::NEEDS ")
    assert "env: NEEDS: ${{ toJSON(needs) }}" in step.printed


def test_without_a_variable_it_fails(folder):
    """The same when there is none at all."""
    step = steps.make(folder, "ci-ok")
    assert step.code != 0
    assert "NEEDS is not set" in step.printed


def test_without_python_it_fails(folder):
    """Make must not take an empty name for a sign to ignore errors."""
    assert verdict(folder, "PYTHON=", lint="success").code != 0
