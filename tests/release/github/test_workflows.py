"""Rules for the workflows that no linter of `make lint` checks."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.emulator import act

WORKFLOWS = sorted(Path(".github/workflows").glob("*.yml"))


def load(name):
    return yaml.safe_load(Path(".github", name).read_text())


def jobs():
    return [job for path in WORKFLOWS for job in load(f"workflows/{path.name}")["jobs"].items()]


def steps():
    return [step for _, job in jobs() for step in job.get("steps", [])]


def test_every_job_has_a_time_limit():
    """GitHub's own limit is six hours. Jobs that call a workflow have the limits of its jobs."""
    assert [name for name, job in jobs() if not {"uses", "timeout-minutes"} & job.keys()] == []


def test_no_workflow_reads_a_secret():
    """The run's token signs in to AWS, so no key is stored."""
    for path in [*WORKFLOWS, *Path(".github/actions").glob("*/action.yml")]:
        assert not re.search(r"\bsecrets\.|secret-access-key|secrets: inherit", path.read_text())


def test_only_jobs_that_sign_in_can_get_a_token():
    """Other jobs cannot sign in to AWS, except those that call a workflow or publish the page."""
    for name, job in jobs():
        signs_in = any("role" in step.get("with", {}) for step in job.get("steps", []))
        may = job.get("permissions", {}).get("id-token") == "write"
        assert may == (signs_in or name in {"deploy", "publish"}), name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("test", "rehearse", "contract", "green"),
    [
        ("echo zip=1 >> $GITHUB_OUTPUT", "echo zip=1 >> $GITHUB_OUTPUT", "skipped", True),
        ("echo zip=1 >> $GITHUB_OUTPUT", "echo zip=2 >> $GITHUB_OUTPUT", "skipped", False),
        ("true", "true", "skipped", False),
        ("echo zip=1 >> $GITHUB_OUTPUT", "skipped", "skipped", False),
        ("echo zip=1 >> $GITHUB_OUTPUT", "echo zip=1 >> $GITHUB_OUTPUT", "false", False),
    ],
    ids=["all is well", "other bytes", "no bytes", "a skipped test", "a broken contract"],
)
def test_ci_ok_is_green_if_all_is_well(tmp_path, test, rehearse, contract, green):
    """Only the jobs for pull requests may be skipped, and both platforms build the same zip."""
    ci = load("workflows/ci.yml")
    for name, command in {"test": test, "rehearse": rehearse, "contract": contract}.items():
        job = {"if": command != "skipped", "outputs": {"zip": "${{ steps.zip.outputs.zip }}"}}
        steps = [{"id": "zip", "run": command}]
        ci["jobs"][name] = {"runs-on": "ubuntu-24.04", **job, "steps": steps}
    ci["jobs"]["plan"]["if"] = False
    del ci["jobs"]["deploy"]
    assert act.run_file(tmp_path, {"on": ci.pop(True), **ci}) == (0 if green else 1)


def test_nothing_is_deployed_before_ci_ok():
    """It needs every other job. Without !cancelled(), GitHub would require success of all."""
    ci = load("workflows/ci.yml")["jobs"]
    assert set(ci["ci-ok"]["needs"]) == ci.keys() - {"ci-ok", "deploy"}
    assert ci["deploy"]["needs"] == "ci-ok"
    assert ci["deploy"]["if"].startswith("!cancelled() && needs.ci-ok.result == 'success' && ")


@pytest.mark.parametrize("workflow", ["deploy", "smoke"])
def test_deployments_and_smoke_tests_run_one_at_a_time(workflow):
    """Otherwise one run would remove the lock of another one, which still applies."""
    expected = {"group": "production", "cancel-in-progress": False, "queue": "max"}
    assert load(f"workflows/{workflow}.yml")["concurrency"] == expected


def test_new_packages_become_a_pull_request_with_ci(github, tmp_path):
    """The branch is pushed, the pull request opened, and CI started, which GitHub would not do."""
    [step] = [step for step in steps() if step.get("name") == "Open a pull request"]
    clone = tmp_path / "clone"
    clone.mkdir()
    environment = {**github.environment(), **step["env"], "HOME": str(tmp_path)}

    def run(script):
        command = ["bash", "-eo", "pipefail", "-c", script]
        subprocess.run(command, cwd=clone, env=environment, check=True)

    run(
        "git init --quiet --bare ../origin.git; git init --quiet --initial-branch=main .;"
        "git remote add origin ../origin.git; mkdir requirements;"
        "echo boto3==1 > requirements/run.txt; git add .; git commit --quiet --message=x"
    )
    run(step["run"])
    assert github.calls == []
    run("echo boto3==2 > requirements/run.txt")
    run(step["run"])
    run("test $(git --git-dir=../origin.git show update-packages:requirements/run.txt) = boto3==2")
    assert [" ".join(call.split()[:3]) for call in github.calls] == [
        "auth setup-git", "pr view update-packages", "pr create --head=update-packages",
        "workflow run ci.yml",
    ]  # fmt: skip


def test_dependabot_updates_every_lock_file():
    """Each folder with a lock file is updated in a group, a week after a release.

    `make lock` updates the Python packages, in a pull request of its own.
    """
    updates = load("dependabot.yml")["updates"]
    folders = {
        (update["package-ecosystem"], folder.strip("/"))
        for update in updates
        for folder in update.get("directories", [update.get("directory")])
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
    assert all(update["cooldown"]["default-days"] >= 7 and update["groups"] for update in updates)
