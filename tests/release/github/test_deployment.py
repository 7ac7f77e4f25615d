"""From a commit to the live site, and back when the smoke test fails.

The tests are one story: each continues where the one before ended.
"""

import shutil

import pytest

from tests.release.github import act, deployment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("terraform"), reason="needs Terraform on the PATH"),
]
BAD = {
    "lambda/visits/handler.py": ("def handle(", "def handle(*_):\n    raise OSError\n\n\ndef _("),
    "terraform/dynamodb.tf": (
        "  billing_mode",
        '  tags         = { new = "yes" }\n  billing_mode',
    ),
}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    with deployment.running(tmp_path_factory.mktemp("deployment")) as running:
        yield running


def test_the_first_release_is_tested_and_recorded(deployed):
    """The planned zip is applied, the smoke test passes, and open incidents are closed."""
    first = act.git(deployed.fork, "rev-parse", "HEAD")
    for kind in ("site", "release"):
        deployed.github.add_issue("Broken", [f"incident-{kind}"])
    run = deployed.runner.run("deploy.yml", first)
    assert (run.code, run.failed) == (0, []), run.printed
    assert list(run.jobs) == ["ready", "release", "smoke", "conclude"]
    assert deployed.last_good == first
    assert deployed.github.open_issues == []
    assert (run.artifacts / f"visits-{first}" / "visits-host.zip").exists()


def test_a_plan_without_changes_is_not_tested(deployed):
    """A change of the README deploys nothing."""
    words = deployed.commit("Words", **{"README.md": ("# Visitor counter", "# My counter")})
    run = deployed.runner.run("deploy.yml", words)
    assert (run.code, run.failed) == (0, []), run.printed
    assert list(run.jobs) == ["ready", "release", "conclude"]


def test_the_daily_smoke_test_opens_an_issue(deployed):
    """A gateway response that was changed by hand is reported as drift."""
    api = deployed.aws.client("apigateway")
    [rest] = api.get_rest_apis()["items"]
    response = {"restApiId": rest["id"], "responseType": "THROTTLED"}
    now = api.get_gateway_response(**response)
    before = {key: now[key] for key in ("statusCode", "responseParameters", "responseTemplates")}
    api.put_gateway_response(**response, **{**before, "statusCode": "503"})
    run = deployed.runner.run("smoke.yml", deployed.last_good, "schedule")
    api.put_gateway_response(**response, **before)
    assert run.failed == ["watch"], run.printed
    assert deployed.github.open_issues == ["The live site is broken"]
    assert "**Drift:** gateway response THROTTLED: statusCode is '503'" in deployed.newest_text()


def test_a_bad_release_is_rolled_back(deployed):
    """After a red smoke test the last good release is deployed again, and an issue is opened.

    Each visit sent meanwhile is counted once, and the changed table keeps its change.
    """
    good, before = deployed.last_good, deployment.count(deployed)
    bad = deployed.commit("Raise", **BAD)
    with deployment.visitors(deployed) as visitors:
        run = deployed.runner.run("deploy.yml", bad)
    assert run.failed == ["smoke", "conclude"], run.printed
    assert list(run.jobs)[-3:] == ["rollback", "smoke-again", "conclude"]
    assert f"{good} is deployed again, and its smoke test passed." in run.printed
    assert deployed.last_good == good
    assert "A release failed" in deployed.github.open_issues
    assert "**Failed:**" in deployed.newest_text()
    visitors.repeat_unanswered()
    assert deployment.count(deployed) == before + len(visitors.visits)
    assert "new" in deployed.table_tags()
