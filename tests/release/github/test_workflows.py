"""The workflows keep to rules that no linter of `make lint` knows."""

import re
from pathlib import Path

import pytest
import yaml

from release.github import settings

WORKFLOWS = sorted(Path(".github/workflows").glob("*.yml"))
FILES = [*WORKFLOWS, *Path(".github/actions").glob("*/action.yml")]
TARGETS = re.findall(r"^([a-z0-9-]+):", Path("Makefile").read_text(), re.MULTILINE)
# What is no make target, and why.
INLINE = {
    "diff --recursive from-ubuntu-24.04 from-ubuntu-24.04-arm",  # one word, on a bare runner
    # Only GitHub's arm64 runners come without a browser's libraries.
    "make .venv/dev && sudo .venv/bin/playwright install-deps chromium",
}


def load(path):
    return yaml.safe_load(path.read_text())


def jobs():
    return [(path, name, job) for path in WORKFLOWS for name, job in load(path)["jobs"].items()]


def steps():
    return [step for _, _, job in jobs() for step in job.get("steps", [])]


@pytest.mark.parametrize("path", WORKFLOWS, ids=str)
def test_nothing_is_permitted_but_by_a_job(path):
    """The workflow itself grants nothing."""
    assert load(path)["permissions"] == {}


def test_every_job_has_a_time_limit():
    """None hangs for GitHub's six hours. Jobs that call a workflow have those of its jobs."""
    endless = [
        name for _, name, job in jobs() if "uses" not in job and "timeout-minutes" not in job
    ]
    assert endless == []


def test_every_action_is_a_commit_with_its_version():
    """A tag can be moved; a commit cannot. The comment is for people and Dependabot."""
    for path in FILES:
        for line in re.findall(r"uses: (.*)", path.read_text()):
            assert re.fullmatch(r"\./\S+|\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), (path, line)


def test_an_action_has_one_version():
    """The same action is the same commit everywhere."""
    used = {line for path in FILES for line in re.findall(r"uses: ([^./].*)", path.read_text())}
    names = [line.split("@")[0] for line in used]
    assert sorted(names) == sorted(set(names))


def test_no_checkout_keeps_a_token():
    """What runs afterwards cannot push."""
    checkouts = [each for each in steps() if "actions/checkout@" in each.get("uses", "")]
    assert checkouts
    assert all(each["with"]["persist-credentials"] is False for each in checkouts)


def test_every_step_runs_what_people_run():
    """A command is a make target, which anybody can type."""
    for step in steps():
        command = step.get("run", "make help")
        made = re.fullmatch(r"make ([a-z0-9-]+)( [A-Z]+=[\w./-]+)*", command)
        assert command in INLINE or (made and made[1] in TARGETS), command


def test_no_key_is_stored():
    """AWS is signed in to by the run's token, and no workflow reads a secret."""
    for path in FILES:
        assert not re.search(r"\bsecrets\.|secret-access-key|secrets: inherit", path.read_text()), (
            path
        )


def test_every_setting_is_one_that_is_checked():
    """What the workflows read of the repository's variables is what `make configured` looks at."""
    named = {each.name for each in settings.SETTINGS}
    for path in WORKFLOWS:
        assert set(re.findall(r"\bvars\.(\w+)", path.read_text())) <= named, path
    checked = [step for step in steps() if step.get("run") == "make configured"]
    assert [set(step["env"]) for step in checked] == len(checked) * [named]


def test_ci_ok_needs_every_job():
    """One check to require; nothing is forgotten, nor passes by being skipped as a whole."""
    ci = load(Path(".github/workflows/ci.yml"))["jobs"]
    assert set(ci["ci-ok"]["needs"]) == ci.keys() - {"ci-ok", "deploy"}
    assert ci["ci-ok"]["if"] == "always()"
    assert [name for name in ci["ci-ok"]["needs"] if "if" in ci[name]] == []
    assert ci["deploy"]["needs"] == "ci-ok"


def test_a_deployment_is_never_cut_short():
    """One at a time, and the next one waits. Only pull requests' runs are cancelled."""
    deploy, ci = (load(Path(f".github/workflows/{name}.yml")) for name in ("deploy", "ci"))
    one_by_one = {"group": "production", "cancel-in-progress": False, "queue": "max"}
    assert deploy["concurrency"] == one_by_one
    assert ci["concurrency"] == {
        "group": "ci-${{ github.event.pull_request.number || github.sha }}",
        "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
    }


@pytest.mark.parametrize("job", ["release", "smoke"])
def test_a_part_of_a_run_deploys_nothing(job):
    """GitHub repeats failed jobs with what the others said in an earlier attempt."""
    jobs = load(Path(".github/workflows/deploy.yml"))["jobs"]
    assert jobs["ready"]["outputs"]["attempt"] == "${{ github.run_attempt }}"
    assert jobs[job]["if"].startswith("needs.ready.outputs.attempt == github.run_attempt ")


def test_the_contract_is_compared_with_what_the_change_is_merged_into():
    """`base.sha` is older when main has gone on: then somebody else's step would count for ours."""
    [base] = [step["env"]["BASE"] for step in steps() if "BASE" in step.get("env", {})]
    assert base == (
        "${{ (github.event_name == 'pull_request' || github.event.forced) && 'HEAD^'"
        " || github.event.before }}"
    )


def test_evidence_is_found_wherever_it_is_put():
    """A single artifact gets no folder: https://github.com/actions/download-artifact/issues/426."""
    [told] = [step["env"] for step in steps() if "EVIDENCE" in step.get("env", {})]
    assert told["EVIDENCE"] == "evidence/summary.md"
    assert [
        each["with"].get("merge-multiple")
        for each in load(Path(".github/workflows/smoke.yml"))["jobs"]["report"]["steps"]
        if "download-artifact" in each.get("uses", "")
    ] == [True]


def test_all_pythons_are_tested():
    """Every version that the project takes, and that exists."""
    ci = load(Path(".github/workflows/ci.yml"))["jobs"]
    assert ci["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert 'requires-python = ">=3.11"' in Path("pyproject.toml").read_text()


def test_dependabot_looks_after_every_lock_file():
    """Each folder with a lock file, in groups, and not on the day of a release."""
    updates = load(Path(".github/dependabot.yml"))["updates"]
    folders = {
        (each["package-ecosystem"], folder.strip("/"))
        for each in updates
        for folder in each.get("directories", [each.get("directory")])
    }
    locks = {
        ("npm", str(path.parent))
        for path in Path().rglob("package-lock.json")
        if "node_modules" not in str(path)
    }
    actions = {("github-actions", str(path.parent)) for path in Path().glob(".github/actions/*/*")}
    assert folders == {*locks, *actions, ("github-actions", ""), ("pip", "requirements")}
    assert all(each["cooldown"]["default-days"] >= 7 and each["groups"] for each in updates)
