"""Workflow runs that deploy nothing."""

import shutil

import pytest

from tests import emulator
from tests.emulator import act
from tests.rehearsal import deployment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("terraform"), reason="needs Terraform on the PATH"),
]


@pytest.fixture(scope="module")
def fork(aws, provider, tmp_path_factory):
    with deployment.running(aws, provider, tmp_path_factory.mktemp("fork")) as running:
        yield running


@pytest.fixture
def head(fork):
    return act.git(fork.fork, "rev-parse", "HEAD")


def test_without_settings_nothing_is_deployed(fork, head):
    """A newcomer's fork runs no job that signs in, and opens no issue. Its runs are green."""
    fork.github.answers = {f"commits/{head}/check-runs": deployment.GREEN}
    runner = act.Runner(fork.fork.parent, fork.runner.origin, {}, fork.runner.environment)
    for workflow, jobs in {"deploy.yml": {"checked": "success"}, "smoke.yml": {}}.items():
        run = runner.run(workflow, head)
        assert (run.code, run.jobs) == (0, jobs), run.printed
    for job in ("audit", "packages"):
        run = runner.run("weekly.yml", head, "schedule", job, repository={"fork": True})
        assert (run.code, run.jobs) == (0, {}), run.printed


@pytest.mark.parametrize("conclusion", ["failure", None])
def test_a_deployment_by_hand_needs_a_green_check(fork, head, conclusion):
    """A release whose checks failed or did not run is not deployed."""
    checks = {"check_runs": [{"conclusion": conclusion}]}
    fork.github.answers = {f"commits/{head}/check-runs": checks}
    run = fork.runner.run("deploy.yml", head)
    assert run.jobs == {"checked": "failure"}, run.printed


def test_pull_requests_of_forks_and_dependabot_get_no_plan(fork, head):
    """The job that could sign in to AWS does not run, and neither does the test of the site on
    another branch, where a healthy site would seem broken."""
    for name, login in {"another/fork": "another", "robin/visits": "dependabot[bot]"}.items():
        request = {"number": 1, "head": {"repo": {"full_name": name}}, "user": {"login": login}}
        run = fork.runner.run("ci.yml", head, "pull_request", "plan", pull_request=request)
        assert (run.code, run.jobs) == (0, {}), run.printed
    run = fork.runner.run("smoke.yml", head, ref="refs/heads/feature")
    assert (run.code, run.jobs) == (0, {}), run.printed


def test_a_pull_request_gets_comments_with_its_changes(fork):
    """One has the plan; the other one the breaking change, which fails only after a release."""
    head = fork.commit("Fewer days", **{"openapi.yaml": ("maximum: 366", "maximum: 20")})
    request = {"head": {"repo": {"full_name": "robin/visits"}}, "user": {"login": "robin"}}
    comments = {}
    for job in ("contract", "plan"):
        run = fork.runner.run("ci.yml", head, "pull_request", job, pull_request=request)
        assert run.jobs == {job: "success"}, run.printed
        comments[job] = (run.artifacts / "comments" / f"{job}.md").read_text()
    assert "must be 2.0.0 or higher" in comments["contract"]
    assert "  create  aws_api_gateway_rest_api.visits" in comments["plan"]
    values = ("Bucket", "arn:", emulator.ACCOUNT)
    assert not [value for value in values if value in comments["plan"] + run.printed]
