"""`make github` and `make configured` on the owner's machine."""

import pytest

from contract.command import CommandError
from release.github import configured, repository

VALUES = {setting.name: setting.example for setting in configured.SETTINGS}
POLICIES = [f"environments/{name}/deployment-branch-policies" for name in configured.ENVIRONMENTS]
ENABLE = [f"actions/workflows/{name}/enable" for name in repository.SCHEDULED]
TFVARS = 'region = "eu-west-1"\npermissions_boundary_arn = "arn:aws:iam::1:policy/x"\n'


@pytest.fixture
def owner(github, monkeypatch, tmp_path):
    """An owner who has run `make bootstrap` and has signed in to GitHub."""
    for name, value in github.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GITHUB_ACTIONS")
    outputs = {setting.name: setting.example for setting in configured.SETTINGS if setting.required}
    monkeypatch.setattr(
        "release.terraform.Terraform.outputs", lambda _: {"github_variables": outputs}
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / "terraform").mkdir()
    (tmp_path / "terraform" / "terraform.tfvars").write_text(TFVARS)
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
    monkeypatch.setenv("SITE_URL", VALUES["SITE_URL"])
    repository.main()
    required = {setting.name for setting in configured.SETTINGS if setting.required}
    assert owner.variables.keys() == {*required, "SITE_URL"}
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
    assert owner.variables["AWS_DEPLOY_ROLE"] == VALUES["AWS_DEPLOY_ROLE"]


def test_without_roles_nothing_is_set(owner, monkeypatch):
    """The message says that bootstrap must know the repository."""
    monkeypatch.setattr("release.terraform.Terraform.outputs", lambda _: {"github_variables": {}})
    with pytest.raises(CommandError, match="Name your repository in terraform/bootstrap/terraform"):
        repository.main()
    assert owner.calls == []


def test_make_configured_reads_the_repository(owner, capsys):
    """A missing variable is an error. An environment without a rule is said, and is none."""
    with pytest.raises(CommandError, match="not configured completely"):
        configured.main()
    assert "AWS_REGION is not set" in capsys.readouterr().out
    owner.variables = VALUES
    owner.answers = {POLICIES[0]: {"branch_policies": [{"name": "main"}]}}
    configured.main()
    printed = capsys.readouterr().out
    assert "The environment production has no rule for its branches. gh api" in printed
    assert "The environment staging" not in printed
    assert "Deploying is configured." in printed
