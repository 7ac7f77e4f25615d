"""`make github` and `make configured` on the owner's machine, and the weekly pull request."""

import json
import subprocess

import pytest

from release.github import configured, repository, update_request
from release.github.runner import Failure

VALUES = {each.name: each.example for each in configured.SETTINGS}
POLICIES = [f"environments/{name}/deployment-branch-policies" for name in configured.ENVIRONMENTS]
TFVARS = 'region = "eu-west-1"\npermissions_boundary_arn = "arn:aws:iam::1:policy/x"\n'


@pytest.fixture
def owner(github, monkeypatch, tmp_path):
    """An owner who has run `make bootstrap` and has signed in to GitHub."""
    for name, value in github.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GITHUB_ACTIONS")
    outputs = {name: value for name, value in VALUES.items() if name != "SITE_URL"}
    monkeypatch.setattr(
        "release.terraform.Terraform.outputs", lambda _: {"github_variables": outputs}
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / "terraform").mkdir()
    (tmp_path / "terraform" / "terraform.tfvars").write_text(TFVARS)
    environments = {"environments": [{"name": "production"}]}
    github.answers = {
        "rulesets": [],
        "environments": environments,
        **{path: {"branch_policies": []} for path in POLICIES},
    }
    github.allowed = ["rulesets", *POLICIES, "actions/permissions/workflow"]
    github.allowed = [*github.allowed, "environments/staging", "environments/production"]
    return github


def only_main(github):
    """Let GitHub show the rules that were made."""
    names = {path: {"branch_policies": [{"name": "main"}]} for path in POLICIES}
    github.answers = {**github.answers, **names}


def test_make_github_configures_and_starts(owner, monkeypatch, capsys):
    """Variables, environments and the required check are set, and the checks of main start."""
    monkeypatch.setenv("SITE_URL", VALUES["SITE_URL"])
    repository.main()
    assert owner.variables == VALUES
    assert {path: owner.sent[path] for path in POLICIES} == {
        path: {"name": "main"} for path in POLICIES
    }
    assert "environments/staging" in owner.sent
    assert "environments/production" not in owner.sent  # it exists, and may have reviewers
    [rule] = owner.sent["rulesets"]["rules"]
    assert rule["parameters"]["required_status_checks"] == [{"context": "ci-ok"}]
    assert owner.calls[-1] == "workflow run ci.yml --ref=main"
    assert "gh run watch" in capsys.readouterr().out


def test_what_the_plan_of_the_account_does_not_allow_is_said(owner, capsys):
    """Everything else is configured nevertheless."""
    owner.allowed = ["actions/permissions/workflow"]
    repository.main()
    printed = capsys.readouterr().out
    assert "Only main may deploy to production: GitHub does not allow it" in printed
    assert "Private repositories need a paid plan" in printed
    assert owner.variables["AWS_DEPLOY_ROLE"] == VALUES["AWS_DEPLOY_ROLE"]


def test_without_roles_nothing_is_set(owner, monkeypatch):
    """The message says that bootstrap must know the repository."""
    monkeypatch.setattr("release.terraform.Terraform.outputs", lambda _: {"github_variables": {}})
    with pytest.raises(Failure, match="Name your repository in terraform/bootstrap/terraform"):
        repository.main()
    assert owner.calls == []


def test_make_configured_reads_the_repository(owner, capsys):
    """It reports each missing variable, and each environment that another branch may use."""
    with pytest.raises(Failure, match="not configured completely"):
        configured.main()
    printed = capsys.readouterr().out
    assert "AWS_REGION is not set" in printed
    assert "The environment production must allow only main, and allows []." in printed
    owner.variables = VALUES
    only_main(owner)
    configured.main()
    assert "Deploying is configured." in capsys.readouterr().out


@pytest.fixture
def clone(owner, tmp_path):
    """A clone with pinned packages."""
    origin = tmp_path / "origin.git"
    subprocess.run(["git", "init", "--quiet", "--bare", origin], check=True)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", "."], check=True)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.txt").write_text("boto3==1\n")
    update_request.git("remote", "add", "origin", str(origin))
    update_request.git("add", "requirements")
    update_request.git("-c", "user.name=R", "-c", "user.email=r@example.com", "commit", "-m", "x")
    return tmp_path


def test_new_packages_become_a_pull_request(clone, owner):
    """The branch is pushed, the pull request opened, and CI started for it."""
    update_request.main()
    assert owner.calls == []
    (clone / "requirements" / "run.txt").write_text("boto3==2\n")
    update_request.main()
    pushed = update_request.git(
        "--git-dir=origin.git", "show", "update-packages:requirements/run.txt"
    )
    assert pushed == "boto3==2"
    assert [" ".join(call.split()[:2]) for call in owner.calls] == [
        "auth setup-git",
        "pr list",
        "pr create",
        "workflow run",
    ]
    assert json.dumps(owner.calls[-1]).count("update-packages") == 1
