"""Rules for the workflows that no linter of `make lint` checks."""

import re
from pathlib import Path

import pytest
import yaml

from release.github import configured

WORKFLOWS = sorted(Path(".github/workflows").glob("*.yml"))
TARGETS = " ".join(
    re.findall(r"^\.PHONY: (.+)", Path("Makefile").read_text(), re.MULTILINE)
).split()
# Commands that are not make targets, with the reason.
INLINE = {
    "diff --recursive from-ubuntu-24.04 from-ubuntu-24.04-arm",  # one command, without a checkout
    # Only GitHub's arm64 runners lack a browser's libraries.
    "make .venv/dev && sudo .venv/bin/playwright install-deps chromium",
}


def load(name):
    return yaml.safe_load(Path(".github", name).read_text())


def jobs():
    return [job for path in WORKFLOWS for job in load(f"workflows/{path.name}")["jobs"].items()]


def steps():
    return [step for _, job in jobs() for step in job.get("steps", [])]


def test_every_job_has_a_time_limit():
    """GitHub's own limit is six hours. Jobs that call a workflow have the limits of its jobs."""
    assert [name for name, job in jobs() if not {"uses", "timeout-minutes"} & job.keys()] == []


def test_every_step_runs_a_make_target():
    """Everything that a workflow runs can be run by hand."""
    for step in steps():
        command = step.get("run", "make help")
        target = re.fullmatch(r"make ([a-z0-9-]+)( [A-Z]+=[\w./-]+)*", command)
        assert command in INLINE or (target and target[1] in TARGETS), command


def test_no_workflow_reads_a_secret():
    """The run's token signs in to AWS, so no key is stored."""
    for path in [*WORKFLOWS, *Path(".github/actions").glob("*/action.yml")]:
        assert not re.search(r"\bsecrets\.|secret-access-key|secrets: inherit", path.read_text())


def test_every_variable_is_checked():
    """`make configured` checks all variables that the workflows use, and gets all of them."""
    names = {each.name for each in configured.SETTINGS}
    for path in WORKFLOWS:
        assert set(re.findall(r"\bvars\.(\w+)", path.read_text())) <= names, path
    signing_in = 0
    for path in WORKFLOWS:
        workflow = load(f"workflows/{path.name}")
        for job in workflow["jobs"].values():
            if any("role" in step.get("with", {}) for step in job.get("steps", [])):
                signing_in += 1
                assert names <= {**workflow.get("env", {}), **job.get("env", {})}.keys()
    assert signing_in == 4  # plan, staging, production, watch


def test_only_jobs_that_sign_in_can_get_a_token():
    """Other jobs cannot sign in to AWS, except those that call a workflow or publish the page."""
    for name, job in jobs():
        signs_in = any("role" in step.get("with", {}) for step in job.get("steps", []))
        may = job.get("permissions", {}).get("id-token") == "write"
        assert may == (signs_in or name in {"deploy", "publish"}), name


def test_ci_ok_needs_every_job():
    """No job is missing, and only the plan may be skipped. Nothing is deployed before ci-ok."""
    ci = load("workflows/ci.yml")["jobs"]
    assert set(ci["ci-ok"]["needs"]) == ci.keys() - {"ci-ok", "deploy"}
    assert ci["ci-ok"]["if"] == "always()"
    assert [name for name in ci["ci-ok"]["needs"] if "if" in ci[name]] == ["plan"]
    assert ci["deploy"]["needs"] == "ci-ok"
    # Otherwise GitHub adds success(), which is false after the plan was skipped.
    assert ci["deploy"]["if"].startswith("!cancelled() && needs.ci-ok.result == 'success' && ")


@pytest.mark.parametrize("workflow", ["deploy", "smoke"])
def test_deployments_and_smoke_tests_run_one_at_a_time(workflow):
    """None is cancelled or dropped. Two at once would count each other's visits."""
    expected = {"group": "production", "cancel-in-progress": False, "queue": "max"}
    assert load(f"workflows/{workflow}.yml")["concurrency"] == expected


def test_a_cancelled_release_is_reported():
    """`!cancelled()` would skip the report of a run that was cancelled."""
    condition = load("workflows/deploy.yml")["jobs"]["report"]["if"]
    assert condition == "always() && needs.staging.result != 'skipped'"


def test_dependabot_updates_every_lock_file():
    """Each folder with a lock file is updated in a group, a week after a release.

    `make lock` updates the Python packages, in a pull request of its own.
    """
    updates = load("dependabot.yml")["updates"]
    folders = {
        (each["package-ecosystem"], folder.strip("/"))
        for each in updates
        for folder in each.get("directories", [each.get("directory")])
    }
    locks = {
        ("npm", str(path.parent))
        for path in Path().rglob("package-lock.json")
        if not {"node_modules", ".venv"} & set(path.parts)
    }
    locked = ("terraform", "terraform/bootstrap")
    terraform = {("terraform", folder) for folder in locked}
    actions = {("github-actions", str(path.parent)) for path in Path().glob(".github/actions/*/*")}
    assert folders == {*locks, *terraform, *actions, ("github-actions", "")}
    assert all(each["cooldown"]["default-days"] >= 7 and each["groups"] for each in updates)
