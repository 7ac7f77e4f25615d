"""The Terraform configuration itself: style, security, validity and its own tests."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from release.terraform import Terraform
from tests import emulator
from tests.emulator import scratch

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("terraform"), reason="Terraform is not installed"),
]


@pytest.fixture(scope="module")
def unapplied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """A copy of the configuration that is not applied."""
    folder = tmp_path_factory.mktemp("terraform")
    with scratch.copied(folder, emulator.ROOT_USER) as terraform:
        yield terraform


@pytest.fixture(scope="module", params=[".", "bootstrap"])
def root(request: pytest.FixtureRequest, unapplied: Terraform) -> Terraform:
    """Each of the two root modules."""
    terraform = Terraform(unapplied.folder / request.param, unapplied.environment)
    terraform.run("init", "-input=false", "-backend=false")
    return terraform


def test_configuration_is_formatted(unapplied):
    """terraform fmt changes nothing. The owner's settings may have any format."""
    unapplied.run("fmt", "-check", "-recursive", "-diff")


def test_configuration_is_secure():
    """checkov finds nothing."""
    done = subprocess.run(
        # Not the script beside it, whose first line names a path, which must have no space.
        [
            *(".venv/checkov/bin/python", "-m", "checkov.main"),
            *("--directory=terraform", "--framework=terraform", "--skip-download", "--compact"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]},
    )
    assert "Failed checks: 0" in done.stdout, done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize("folder", ["terraform", "terraform/bootstrap"])
def test_every_setting_is_used(folder):
    """A variable that nothing reads would be a setting without an effect."""
    files = {path.name: path.read_text() for path in Path(folder).glob("*.tf")}
    declared = re.findall(r'variable "(\w+)"', files.pop("variables.tf"))
    used = re.findall(r"\bvar\.(\w+)", "".join(files.values()))
    assert set(declared) == set(used)


def test_its_own_tests_pass_whatever_the_owner_has_set(root):
    """terraform test passes in both root modules, without a warning. Each has a file with a value
    for every variable that its tests rely on, which goes before the owner's settings."""
    declared = re.findall(r'variable "(\w+)"', (root.folder / "variables.tf").read_text())
    defaults = (root.folder / "tests" / "defaults.auto.tfvars").read_text()
    fixed = re.findall(r"^\w+", defaults, re.MULTILINE)
    assert set(declared) - set(fixed) <= {"staging", "lambda_zip"}
    settings = root.folder / "terraform.tfvars"
    settings.write_text('region = "us-east-1"\nname = "counter"\n')
    try:
        printed = root.run("test")
    finally:
        settings.unlink()
    assert "Success!" in printed
    assert "Warning" not in printed
