"""Which deployment the commands work on, and what they need before anything else."""

import pytest

from contract.command import CommandError
from release import account
from release.terraform import Terraform

FIRST = 'region = "eu-west-1"\nallowed_origins = ["https://example.com"]\ncounters = null\n'


@pytest.fixture
def terraform(tmp_path, monkeypatch):
    """Terraform in a folder with the settings of two deployments."""
    (tmp_path / "terraform.tfvars").write_text(FIRST)
    (tmp_path / "blog.tfvars").write_text("counters = { blog = {} }\n")
    (tmp_path / "backend.hcl").write_text('bucket = "state"\nregion = "eu-west-1"\n')
    monkeypatch.delenv("DEPLOYMENT", raising=False)
    return Terraform(tmp_path, {})


@pytest.mark.parametrize(
    ("name", "options", "key"),
    [
        ("", [], []),
        (
            "staging",
            ["-var=name=visits-staging", "-var=staging=true"],
            ["-backend-config=key=visits-staging/terraform.tfstate"],
        ),
        (
            "blog",
            ["-var=name=visits-blog", "-var-file=blog.tfvars"],
            ["-backend-config=key=visits-blog/terraform.tfstate"],
        ),
    ],
)
def test_each_deployment_has_its_own_state_and_names(terraform, monkeypatch, name, options, key):
    """DEPLOYMENT selects settings and a state. What is not set, or null, has its default."""
    monkeypatch.setenv("DEPLOYMENT", name)
    deployment = account.read(terraform)
    assert deployment.options == options
    assert account.backend(terraform)[1] == ["-backend-config=backend.hcl", *key]
    assert deployment.settings["counters"] == ({"blog": {}} if name == "blog" else {"resume": {}})


@pytest.mark.parametrize(
    ("name", "own", "first", "message"),
    [
        ("../blog", "", "", "DEPLOYMENT=../blog is no name of a deployment"),
        ("terraform", "", "", "DEPLOYMENT=terraform is no name of a deployment"),
        ("shop", "", "", "there is no terraform/shop.tfvars"),
        ("copy", 'name = "visits"', "", "The name of this deployment is visits-copy"),
        ("blog", "shards = 9", 'table_name = "visits-restored"', "Write table_name = null"),
    ],
)
def test_settings_of_another_deployment_are_refused(
    terraform, monkeypatch, name, own, first, message
):
    """No command works on names or a state that belong to another deployment."""
    monkeypatch.setenv("DEPLOYMENT", name)
    (terraform.folder / "terraform.tfvars").write_text(FIRST + first)
    if own:
        (terraform.folder / f"{name}.tfvars").write_text(own)
    with pytest.raises(CommandError) as caught:
        account.connect(terraform)
    assert message in str(caught.value)


def test_a_missing_terraform_is_reported(terraform):
    """Also if PATH has this folder, whose terraform/ is no program."""
    terraform.environment["PATH"] = ""
    with pytest.raises(CommandError, match="Terraform is not installed"):
        terraform.run("version")
