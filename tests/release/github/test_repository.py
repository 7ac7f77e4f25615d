"""`make github` on the owner's machine."""

from pathlib import Path

import pytest

from contract.command import CommandError
from release.github import repository

ROLE = "arn:aws:iam::123456789012:role/github-visits"
VARIABLES = {
    "AWS_REGION": "eu-west-1",
    "AWS_PLAN_ROLE": f"{ROLE}-plan",
    "AWS_DEPLOY_ROLE": f"{ROLE}-deploy",
    "TF_STATE_BUCKET": "state",
}
POLICIES = [f"environments/{name}/deployment-branch-policies" for name in repository.ENVIRONMENTS]
ENABLE = [f"actions/workflows/{name}/enable" for name in repository.SCHEDULED]
REGION = 'region = "eu-west-1"\n'
BOUNDARY = 'permissions_boundary_arn = "arn:aws:iam::1:policy/x"\n'


@pytest.fixture
def owner(github, monkeypatch, tmp_path):
    """An owner who has run `make bootstrap` and has signed in to GitHub."""
    monkeypatch.delenv("GITHUB_ACTIONS")
    outputs = {"github_variables": VARIABLES}
    monkeypatch.setattr("release.terraform.Terraform.outputs", lambda _: outputs)
    monkeypatch.chdir(tmp_path)
    Path("terraform").mkdir()
    Path("terraform/terraform.tfvars").write_text(REGION + BOUNDARY)
    github.answers = {
        "rulesets": [],
        "environments": {"environments": [{"name": "production"}]},
        **{path: {"branch_policies": []} for path in POLICIES},
    }
    environments = ["environments/staging", "environments/production"]
    github.allowed = ["rulesets", *POLICIES, *ENABLE, *environments, "actions/permissions/workflow"]
    return github


def test_make_github_configures_and_starts(owner, monkeypatch, capsys):
    """Variables, environments, the required check and schedules are set, and CI starts."""
    monkeypatch.setenv("SITE_URL", "https://example.com/")
    repository.main()
    assert owner.variables == {**VARIABLES, "SITE_URL": "https://example.com/"}
    assert [owner.sent[path] for path in POLICIES] == 2 * [{"name": "main"}]
    assert "environments/staging" in owner.sent
    assert "environments/production" not in owner.sent  # it exists, and may have reviewers
    [rule] = owner.sent["rulesets"]["rules"]
    assert rule["parameters"]["required_status_checks"] == [{"context": "ci-ok"}]
    assert owner.sent.keys() >= {*ENABLE}
    assert owner.calls[-1] == "workflow run ci.yml --ref=main"
    assert "gh run watch" in capsys.readouterr().out


def test_what_the_plan_of_the_account_does_not_allow_is_said(owner, capsys):
    """Private repositories on the free plan have no rules. What holds then is said, too."""
    owner.allowed = ["actions/permissions/workflow"]
    repository.main()
    printed = capsys.readouterr().out
    assert "Not set: Only main may deploy to production. On the free plan, GitHub has no" in printed
    assert "The role that deploys accepts only jobs of main in any case." in printed
    assert "What you push to main is deployed only if the check is green." in printed
    assert owner.calls[-1] == "workflow run ci.yml --ref=main"


@pytest.mark.parametrize(
    ("variables", "settings", "message"),
    [
        ({}, REGION + BOUNDARY, "Name your repository in terraform/bootstrap/terraform.tfvars"),
        (VARIABLES, "", "terraform.tfvars has no permissions_boundary_arn. Without it"),
        (VARIABLES, f'region = "us-east-1"\n{BOUNDARY}', "is us-east-1, but bootstrap's is eu-w"),
    ],
)
def test_without_the_settings_nothing_is_set(owner, monkeypatch, variables, settings, message):
    """Bootstrap must know the repository; the settings need its region and the boundary."""
    outputs = {"github_variables": variables}
    monkeypatch.setattr("release.terraform.Terraform.outputs", lambda _: outputs)
    Path("terraform/terraform.tfvars").write_text(settings)
    with pytest.raises(CommandError, match=message):
        repository.main()
    assert owner.calls == []
