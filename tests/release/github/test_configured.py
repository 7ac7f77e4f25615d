"""What a person sets once, so that GitHub can deploy."""

import re
from pathlib import Path

import pytest

from release.github import runner, settings
from tests.release.github import steps

EXAMPLES = {each.name: each.example for each in settings.SETTINGS}
BOUNDARY = 'permissions_boundary_arn = "arn:aws:iam::123456789012:policy/visits-boundary"\n'
TFVARS = f'region          = "eu-west-1" # "Ireland"\n{BOUNDARY}'


@pytest.fixture
def configured(tmp_path):
    """Run the command with these variables, and with this file if there is one."""

    def run(variables, tfvars=TFVARS, **environment):
        (tmp_path / "terraform").mkdir()
        if tfvars is not None:
            (tmp_path / "terraform" / "terraform.tfvars").write_text(tfvars)
        return steps.run(tmp_path, "settings", **variables, **environment)

    return run


def test_the_readme_lists_the_variables():
    """README's table is what is checked."""
    readme = Path("README.md").read_text()
    table = readme.partition("## Deploy from GitHub")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    assert rows == [(each.name, each.meaning, each.source) for each in settings.SETTINGS]


def test_bootstrap_prints_what_is_checked():
    """Terraform's output has the variables that the table says it prints."""
    outputs = Path("terraform/bootstrap/outputs.tf").read_text()
    printed = re.findall(r"^    ([A-Z_]+) += ", outputs, re.MULTILINE)
    assert printed == [each.name for each in settings.SETTINGS if "bootstrap" in each.source]


def test_the_region_is_what_terraform_takes():
    """One rule for both."""
    variables = Path("terraform/variables.tf").read_text()
    assert f'regex("^{settings.SETTINGS[0].rule}$", var.region)' in variables


def test_all_is_set(configured):
    """It passes, and the jobs that deploy may start."""
    step = configured(EXAMPLES)
    assert (step.code, step.outputs, step.summary) == (0, {"configured": "true"}, "")
    assert step.printed == "Deploying is configured.\n"


@pytest.mark.parametrize("tfvars", [TFVARS, None])
@pytest.mark.parametrize("variables", [{}, dict.fromkeys(EXAMPLES, "")])
def test_nothing_is_set(configured, tfvars, variables):
    """Who does not deploy from GitHub has no red run, and reads how one does."""
    step = configured(variables, tfvars, GITHUB_ACTIONS="true")
    assert (step.code, step.outputs) == (0, {"configured": "false"})
    said = 'Deploying is not configured. README.md says how, in "Deploy from GitHub".\n'
    assert (step.printed, step.summary) == (f"::notice::{said}", said)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_missing_is_named(configured, name):
    """With what it is, the command that sets it, and where its value comes from."""
    step = configured({**EXAMPLES, name: ""})
    (setting,) = (each for each in settings.SETTINGS if each.name == name)
    assert (step.code, step.outputs) == (1, {})
    assert f"{name} is not set: the {setting.meaning}." in step.printed
    assert f"gh variable set {name} --body {setting.example} (its value: " in step.printed
    assert step.printed.count("is not set") == 1


def test_everything_that_is_missing_is_named_at_once(configured):
    """Nobody starts five runs to learn five names."""
    step = configured({"SITE_URL": "https://example.com/"}, None)
    assert all(f"{name} is not set" in step.printed for name in EXAMPLES if name != "SITE_URL")
    assert "terraform.tfvars is missing" in step.printed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_URL", "example.com"),
        ("SITE_URL", "https://"),
        ("SITE_URL", "ftp://example.com/"),
        ("SITE_URL", "https://example.com/a page"),
        ("AWS_REGION", "Ireland"),
        ("AWS_REGION", "eu-west-1a"),
        ("AWS_PLAN_ROLE", "github-visits-plan"),
        ("AWS_PLAN_ROLE", "arn:aws:iam::123456789012:user/me"),
        ("AWS_DEPLOY_ROLE", "arn:aws:iam::12345:role/github-visits-deploy"),
        ("TF_STATE_BUCKET", "s3://visits-terraform-state"),
        ("TF_STATE_BUCKET", "Visits"),
    ],
)
def test_what_is_malformed_is_shown_beside_an_example(configured, name, value):
    """What it is, and what it has to look like."""
    step = configured({**EXAMPLES, name: value})
    assert (step.code, step.outputs) == (1, {})
    assert f"{name} is {value!r}, and has to look like {EXAMPLES[name]}." in step.printed


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_every_partition_of_aws_is_fine(configured, partition):
    """A role outside of the usual regions is a role."""
    role = EXAMPLES["AWS_PLAN_ROLE"].replace("arn:aws:", f"arn:{partition}:")
    assert configured({**EXAMPLES, "AWS_PLAN_ROLE": role}).code == 0


@pytest.mark.parametrize(
    ("tfvars", "message"),
    [
        (None, "terraform.tfvars is missing. Copy terraform/terraform.tfvars.example, fill it in"),
        (f'region = "us-east-1"\n{BOUNDARY}', "AWS_REGION is eu-west-1, but region in "),
        (f'# region = "eu-west-1"\n{BOUNDARY}', "terraform.tfvars is None."),
        ('region = "eu-west-1"\n', "has no permissions_boundary_arn, without which"),
        (f'region = "eu-west-1"\n# {BOUNDARY}', "bootstrap output -raw tfvars"),
    ],
)
def test_what_is_committed_has_to_fit(configured, tfvars, message):
    """A plan of another region, or one that GitHub's role may not apply, is found before it."""
    step = configured(EXAMPLES, tfvars)
    assert (step.code, step.outputs) == (1, {})
    assert message in step.printed


def test_the_example_becomes_what_is_committed(configured):
    """terraform.tfvars.example has everything but the line that bootstrap prints."""
    example = Path("terraform/terraform.tfvars.example").read_text()
    assert configured(EXAMPLES, example.replace("# permissions", "permissions")).code == 0


def test_on_github_each_finding_is_an_annotation(configured):
    """On one line each, so that what somebody has set ends none and begins none."""
    step = configured({"SITE_URL": "a\n::notice::b%0A"}, GITHUB_ACTIONS="true")
    lines = step.printed.splitlines()
    assert all(line.startswith("::error::") for line in lines)
    assert len(lines) == 6
    assert "::error::SITE_URL is 'a\\n::notice::b%250A'" in step.printed


def test_what_a_step_tells_is_added_to_what_it_has_told(tmp_path, monkeypatch):
    """Two commands in one step both reach the steps that follow."""
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    runner.output(one="1")
    runner.output(two="2", three="3")
    assert (tmp_path / "output").read_text() == "one=1\ntwo=2\nthree=3\n"


def test_a_message_of_more_lines_is_one_command():
    """GitHub's own way to write a line's end and a per cent."""
    assert runner.escaped("50%\r\n::error::") == "50%25%0D%0A::error::"
