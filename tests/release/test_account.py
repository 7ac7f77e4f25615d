"""Which deployment the commands work on, and what they need before anything else."""

import pytest

from contract.command import CommandError
from release import account, bootstrap
from release.rollout import store
from release.terraform import Terraform

FIRST = 'region = "eu-west-1"\nallowed_origins = ["https://example.com"]\n'
VERSIONS = 'terraform {\n  required_version = ">= 1.11"\n}\n'


@pytest.fixture
def terraform(tmp_path, monkeypatch):
    """Terraform in a folder with the settings of two deployments and a third name."""
    folder = tmp_path / "terraform"
    folder.mkdir()
    (folder / "versions.tf").write_text(VERSIONS)
    (folder / "terraform.tfvars").write_text(FIRST + "counters = { resume = {} }\n")
    (folder / "blog.tfvars").write_text("counters = { blog = {} }\n")
    (folder / "backend.hcl").write_text('bucket = "state"\nregion = "eu-west-1"\n')
    monkeypatch.delenv("DEPLOYMENT", raising=False)
    return Terraform(folder, {})


@pytest.mark.parametrize(
    ("name", "options", "key", "data"),
    [
        ("", [], [], ".terraform"),
        (
            "staging",
            ["-var=name=visits-staging", "-var=staging=true"],
            ["-backend-config=key=visits-staging/terraform.tfstate"],
            ".terraform/deployments/staging",
        ),
        (
            "blog",
            ["-var=name=visits-blog", "-var-file=blog.tfvars"],
            ["-backend-config=key=visits-blog/terraform.tfstate"],
            ".terraform/deployments/blog",
        ),
    ],
)
def test_each_deployment_has_its_own_state_and_names(
    terraform, monkeypatch, name, options, key, data
):
    """DEPLOYMENT selects settings, a state and a folder for Terraform's connection with it."""
    monkeypatch.setenv("DEPLOYMENT", name)
    account.select(terraform)
    assert account.variables(terraform) == options
    assert account.backend(terraform)[1] == ["-backend-config=backend.hcl", *key]
    assert terraform.data == terraform.folder / data
    counters = {"blog": {}} if name == "blog" else {"resume": {}}
    assert account.settings(terraform)["counters"] == counters


@pytest.mark.parametrize(
    ("variables", "first", "message"),
    [
        ({"DEPLOYMENT": "../blog"}, "", "DEPLOYMENT=../blog is no name of a deployment"),
        ({"DEPLOYMENT": "terraform"}, "", "DEPLOYMENT=terraform is no name of a deployment"),
        ({"DEPLOYMENT": "shop"}, "", "there is no terraform/shop.tfvars"),
        ({"DEPLOYMENT": "copy"}, "", "that of terraform.tfvars have the same name, visits."),
        ({"DEPLOYMENT": "old"}, "", "that of staging have the same name, visits-staging."),
        ({"DEPLOYMENT": "blog"}, 'table_name = "visits-restored"', "Write table_name = null"),
    ],
)
def test_settings_of_another_deployment_are_refused(
    terraform, monkeypatch, variables, first, message
):
    """No command works on names or a state that belong to another deployment."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with (terraform.folder / "terraform.tfvars").open("a") as file:
        file.write(first)
    for name, value in {"copy": "visits", "old": "visits-staging"}.items():
        if variables.get("DEPLOYMENT") == name:
            (terraform.folder / f"{name}.tfvars").write_text(f'name = "{value}"\n')
    with pytest.raises(CommandError, match=message.replace(".", r"\.")):
        account.select(terraform)


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"AWS_PROFILE": "login"}, True),
        ({"AWS_PROFILE": "role"}, True),
        ({"AWS_PROFILE": "sso"}, False),
        ({"AWS_PROFILE": "login", "AWS_ACCESS_KEY_ID": "exported"}, False),
        ({}, False),
    ],
)
def test_profile_of_aws_login_is_refused_before_anything_else(
    tmp_path, terraform, monkeypatch, variables, found
):
    """Terraform reads no profile that `aws login` made; exported credentials work."""
    config = tmp_path / "config"
    config.write_text(
        "[profile login]\nlogin_session = arn:x\n[profile sso]\nsso_session = x\n"
        "[profile role]\nrole_arn = arn:y\nsource_profile = login\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name, value in {"AWS_CONFIG_FILE": str(config), "PATH": "", **variables}.items():
        monkeypatch.setenv(name, value)
    expected = "aws configure export-credentials --profile login" if found else "not installed"
    for command in (account.connect, bootstrap.bootstrap):
        with pytest.raises(CommandError, match=expected):
            command(terraform)
    if found:
        with pytest.raises(CommandError, match=expected):
            store.connect(terraform)


def test_old_terraform_is_refused(tmp_path, terraform):
    """The message has the version that is installed and the one that is needed."""
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text("""#!/bin/sh\necho '{"terraform_version": "1.9.8"}'\n""")
    program.chmod(0o755)
    terraform.environment["PATH"] = f"{program.parent}:/bin"
    with pytest.raises(CommandError, match=r"1\.9\.8 is too old.* needs version 1\.11 or newer"):
        terraform.check()
