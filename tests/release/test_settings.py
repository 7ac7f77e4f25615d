"""Mistakes in the settings are found first, in Terraform's words."""

import shutil

import pytest

from contract.command import CommandError
from contract.repository import ROOT
from release import settings
from release.terraform import Terraform

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("terraform"), reason="Terraform is not installed"),
]
RIGHT = 'region = "eu-west-1"\nallowed_origins = ["https://example.com"]\n'


@pytest.fixture
def terraform(tmp_path):
    """A folder with nothing that needs a provider, credentials or an initialisation."""
    (tmp_path / "terraform").mkdir()
    for name in ("variables.tf", "versions.tf"):
        shutil.copy(ROOT / "terraform" / name, tmp_path / "terraform")
    shutil.copy(ROOT / "openapi.yaml", tmp_path)
    return Terraform(tmp_path / "terraform")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RIGHT.replace('"]', '"'), "Unterminated tuple constructor expression"),
        (RIGHT.replace('com"]', 'com/"]'), "List origins as browsers send them"),
        (RIGHT + "visit_capp = 5\n", "terraform/terraform.tfvars sets. Do you mean visit_cap?"),
        (RIGHT + "counters = { resume = { visits = 1e15 } }\n", "whole numbers of 0"),
        ('region = "eu-west-1"\n', "allowed_origins"),
    ],
)
def test_mistake_in_the_settings_is_named(terraform, text, message):
    """Syntax, names and values, also those that only the function would refuse."""
    (terraform.folder / "terraform.tfvars").write_text(text)
    with pytest.raises(CommandError) as caught:
        settings.check(terraform)
    assert message in " ".join(str(caught.value).split())


def test_other_files_with_settings_are_read(terraform, monkeypatch):
    """Those that Terraform reads by itself, and those of the deployment in DEPLOYMENT."""
    (terraform.folder / "terraform.tfvars").write_text('region = "eu-west-1"\n')
    (terraform.folder / "more.auto.tfvars").write_text('allowed_origins = ["https://a.example"]\n')
    settings.check(terraform)
    monkeypatch.setenv("DEPLOYMENT", "blog")
    (terraform.folder / "blog.tfvars").write_text("shards = 100\n")
    with pytest.raises(CommandError, match="Use a whole number from 1 to 99"):
        settings.check(terraform)
    (terraform.folder / "blog.tfvars").write_text("shards = [\n")
    with pytest.raises(CommandError, match="Error: "):
        settings.check(terraform)
