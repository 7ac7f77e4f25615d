"""Rules for the workflows that no linter of `make lint` checks."""

import re
from pathlib import Path

import pytest
import yaml

from release.github import configured

WORKFLOWS = sorted(Path(".github/workflows").glob("*.yml"))
TARGETS = re.findall(r"^([a-z0-9-]+):", Path("Makefile").read_text(), re.MULTILINE)
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
    checked = [step for step in steps() if step.get("run") == "make configured"]
    assert [set(step["env"]) for step in checked] == len(checked) * [names]


def test_ci_ok_needs_every_job():
    """No job is missing, and none is skipped as a whole. Nothing is deployed before ci-ok."""
    ci = load("workflows/ci.yml")["jobs"]
    assert set(ci["ci-ok"]["needs"]) == ci.keys() - {"ci-ok", "deploy"}
    assert ci["ci-ok"]["if"] == "always()"
    assert [name for name in ci["ci-ok"]["needs"] if "if" in ci[name]] == []
    assert ci["deploy"]["needs"] == "ci-ok"


def test_deployments_run_one_at_a_time():
    """A deployment is never cancelled, and a waiting one is never dropped."""
    expected = {"group": "production", "cancel-in-progress": False, "queue": "max"}
    assert load("workflows/deploy.yml")["concurrency"] == expected


@pytest.mark.parametrize("job", ["release", "smoke"])
def test_a_partly_repeated_run_deploys_nothing(job):
    """GitHub repeats failed jobs with the outputs of an earlier attempt."""
    jobs = load("workflows/deploy.yml")["jobs"]
    assert jobs["ready"]["outputs"]["attempt"] == "${{ github.run_attempt }}"
    assert jobs[job]["if"].startswith("needs.ready.outputs.attempt == github.run_attempt ")


def test_a_green_daily_smoke_test_closes_the_issue():
    """The red one, which opens it, is run in test_deployment.py."""
    report = load("workflows/smoke.yml")["jobs"]["report"]["steps"]
    [close] = [step for step in report if step.get("run") == "make incident-close"]
    assert (close["if"], close["env"]["KIND"]) == ("needs.watch.result == 'success'", "site")


def test_dependabot_updates_every_lock_file():
    """Each folder with a lock file is updated in a group, a week after a release."""
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
    actions = {("github-actions", str(path.parent)) for path in Path().glob(".github/actions/*/*")}
    assert folders == {*locks, *actions, ("github-actions", ""), ("pip", "requirements")}
    assert all(each["cooldown"]["default-days"] >= 7 and each["groups"] for each in updates)
