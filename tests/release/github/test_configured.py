"""The check of the settings that GitHub needs to deploy."""

import re
from pathlib import Path

import pytest

from release.github import configured, runner
from tests.release.github import steps

EXAMPLES = {setting.name: setting.example for setting in configured.SETTINGS}
BOUNDARY = 'permissions_boundary_arn = "arn:aws:iam::123456789012:policy/visits-boundary"\n'
TFVARS = f'region          = "eu-west-1" # "Ireland"\n{BOUNDARY}'


@pytest.fixture
def check(tmp_path):
    """Run the command with these variables, and with this file if there is one."""

    def run(variables, tfvars=TFVARS, **environment):
        (tmp_path / "terraform").mkdir()
        if tfvars is not None:
            (tmp_path / "terraform" / "terraform.tfvars").write_text(tfvars)
        environment = {"GITHUB_ACTIONS": "true", **environment}
        return steps.run(tmp_path, "configured", **variables, **environment)

    return run


def test_the_documentation_lists_the_variables():
    """The table in docs/github.md has exactly the variables that are checked."""
    table = Path("docs/github.md").read_text().partition("| variable | what it is |")[2]
    rows = re.findall(
        r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", table.partition("\n\n")[0], re.MULTILINE
    )
    assert rows == [(row.name, row.meaning, row.source) for row in configured.SETTINGS]


def test_bootstrap_prints_what_is_checked():
    """Bootstrap's output has the variables that the table attributes to it."""
    outputs = Path("terraform/bootstrap/outputs.tf").read_text()
    printed = re.findall(r"^    ([A-Z_]+) += ", outputs, re.MULTILINE)
    assert printed == [row.name for row in configured.SETTINGS if "bootstrap" in row.source]


def test_the_region_has_the_same_rule_in_terraform():
    """terraform/variables.tf validates the region with the same expression."""
    variables = Path("terraform/variables.tf").read_text()
    assert f'regex("^{configured.SETTINGS[0].rule}$", var.region)' in variables


def test_complete_settings_pass(check):
    """The page is optional: without it the page in site/ is tested."""
    step = check({name: EXAMPLES[name] for name in [*EXAMPLES][:4]})
    assert step.code == 0
    assert step.printed == "Deploying is configured.\n"


def test_all_missing_settings_are_named_at_once(check):
    """Each message has the meaning, the command that sets it, and the source of the value."""
    step = check({}, None)
    required = [setting for setting in configured.SETTINGS if setting.required]
    for setting in required:
        assert f"{setting.name} is not set: the {setting.meaning}." in step.printed
        command = f"gh variable set {setting.name} --body {setting.example} (its value: "
        assert command in step.printed
    assert step.printed.count("is not set") == len(required)
    assert "terraform.tfvars is missing" in step.printed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_URL", "example.com"),
        ("SITE_URL", "https://example.com/a page"),
        ("AWS_REGION", "eu-west-1a"),
        ("AWS_PLAN_ROLE", "arn:aws:iam::123456789012:user/me"),
        ("AWS_DEPLOY_ROLE", "arn:aws:iam::12345:role/github-visits-deploy"),
        ("TF_STATE_BUCKET", "s3://visits-terraform-state"),
    ],
)
def test_a_malformed_value_is_shown_with_an_example(check, name, value):
    """The message has the value and an example."""
    step = check({**EXAMPLES, name: value})
    assert step.code == 1
    assert f"{name} is {value!r}, but must look like {EXAMPLES[name]}." in step.printed


@pytest.mark.parametrize(
    ("tfvars", "message"),
    [
        (None, "terraform.tfvars is missing. Copy terraform/terraform.tfvars.example, fill it in"),
        (f'region = "us-east-1"\n{BOUNDARY}', "AWS_REGION is eu-west-1, but region in "),
        (f'# region = "eu-west-1"\n{BOUNDARY}', "terraform.tfvars is None."),
        ('region = "eu-west-1"\n', "has no permissions_boundary_arn. Without it"),
        (f'region = "eu-west-1"\n# {BOUNDARY}', "bootstrap output -raw tfvars"),
        ("region = ", "terraform.tfvars cannot be read: "),
    ],
)
def test_an_error_in_the_committed_settings_is_reported(check, tfvars, message):
    """The file must be readable, have the same region, and name the permissions boundary."""
    step = check(EXAMPLES, tfvars)
    assert step.code == 1
    assert message in step.printed


def test_the_example_file_passes(check):
    """terraform.tfvars.example is complete once the line that bootstrap prints is added."""
    example = Path("terraform/terraform.tfvars.example").read_text()
    assert check(EXAMPLES, example.replace("# permissions", "permissions")).code == 0


def test_on_github_each_error_is_one_annotation(check):
    """A value with line breaks cannot start a workflow command."""
    step = check({"SITE_URL": "a\n::notice::b%0A"})
    lines = step.printed.splitlines()
    assert all(line.startswith("::error::") for line in lines)
    assert len(lines) == 6
    assert "::error::SITE_URL is 'a\\n::notice::b%250A'" in step.printed


def test_outputs_are_appended(tmp_path, monkeypatch):
    """Two commands in one step both set outputs."""
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    runner.output(one="1")
    runner.output(two="2", three="3")
    assert (tmp_path / "output").read_text() == "one=1\ntwo=2\nthree=3\n"
