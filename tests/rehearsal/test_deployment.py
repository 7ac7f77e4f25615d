"""From a commit over staging to the live site, and back when the smoke test fails.

The tests are one story: each continues where the one before ended.
"""

import shutil

import pytest

from tests.emulator import act
from tests.rehearsal import deployment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("terraform"), reason="needs Terraform on the PATH"),
]
RAISES = {
    "lambda/visits/handler.py": ("def handle(", "def handle(*_):\n    raise OSError\n\n\ndef _("),
}
# The function refuses this value.
WRONG = {
    "terraform/lambda.tf": ("tostring(var.shards)", '"none"'),
    "terraform/dynamodb.tf": (
        "  billing_mode",
        '  tags         = { new = "yes" }\n  billing_mode',
    ),
}


@pytest.fixture(scope="module")
def deployed(aws, provider, tmp_path_factory):
    with deployment.running(aws, provider, tmp_path_factory.mktemp("deployment")) as running:
        yield running


def test_the_first_release_passes_staging_and_is_recorded(deployed):
    """Both deployments get the same zip, the release is stored, and open incidents are closed."""
    first = act.git(deployed.fork, "rev-parse", "HEAD")
    for kind in ("site", "release"):
        deployed.github.add_issue("Broken", f"incident-{kind}")
    run = deployed.deploy(first)
    assert (run.code, run.failed) == (0, []), run.printed
    assert "2 passed" in run.printed  # the checks of deployment.DECISIVE
    assert list(run.jobs) == ["checked", "staging", "production"]
    assert deployed.last_good == first
    assert deployed.github.open_issues == []
    client = deployed.aws.client("lambda")
    functions = {each["FunctionName"]: each for each in client.list_functions()["Functions"]}
    assert functions["visits"]["CodeSha256"] == functions["visits-staging"]["CodeSha256"]


def test_a_broken_release_stops_on_staging(deployed):
    """Production is not touched: each visit is answered and counted once. An issue is opened."""
    good, before = deployed.last_good, deployed.count()
    bad = deployed.commit("Raise", **RAISES)
    with deployment.Visitors(deployed) as visitors:
        run = deployed.deploy(bad)
    assert run.failed == ["staging"], run.printed
    assert "production" not in run.jobs
    assert "Production was not changed." in run.printed
    assert visitors.unanswered == []
    assert deployed.count() == before + len(visitors.visits)
    assert deployed.last_good == good
    assert deployed.github.open_issues == ["A release failed"]
    text = deployed.github.texts[-1]
    assert text.startswith(f"**On staging: The smoke test of {bad[:7]} failed. ")


def test_a_release_that_fails_only_in_production_is_rolled_back(deployed):
    """The last good release is deployed again, without a build. Each visit is counted once.

    The table keeps its change: going back never changes it. The story starts after staging.
    """
    act.git(deployed.fork, "revert", "--no-edit", "HEAD")
    good, before = deployed.last_good, deployed.count()
    bad = deployed.commit("Wrong in production", **WRONG)
    deployed.pass_staging(bad)
    with deployment.Visitors(deployed) as visitors:
        run = deployed.deploy(bad, passed="staging")
    assert run.failed == ["production"], run.printed
    assert f"{good[:7]} is deployed again. The smoke test of {good[:7]} passed." in run.printed
    assert deployed.last_good == good
    assert f"{good[:7]} is deployed again" in deployed.github.texts[-1]
    visitors.repeat_unanswered()
    assert deployed.count() == before + len(visitors.visits)
    assert "new" in deployed.table_tags()


def test_the_daily_smoke_test_opens_an_issue(deployed):
    """A gateway response that was changed by hand is reported as drift."""
    api = deployed.aws.client("apigateway")
    rest = deployed.api.split("/")[-2]
    response = {"restApiId": rest, "responseType": "THROTTLED"}
    now = api.get_gateway_response(**response)
    before = {key: now[key] for key in ("statusCode", "responseParameters", "responseTemplates")}
    api.put_gateway_response(**response, **{**before, "statusCode": "503"})
    run = deployed.runner.run("smoke.yml", deployed.last_good, "schedule")
    api.put_gateway_response(**response, **before)
    assert run.failed == ["watch"], run.printed
    assert "The live site is broken" in deployed.github.open_issues
    text = deployed.github.texts[-1]
    assert "differs from openapi.yaml: gateway response THROTTLED: statusCode is '503'" in text
