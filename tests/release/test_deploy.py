"""`make deploy` and `make destroy`, as somebody meets them, against a local AWS."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local import emulator
from tests.local import stack

TFVARS = 'region = "eu-west-1"\nallowed_origins = ["https://resume.example"]\n'
BACKEND = """\
bucket                      = "state"
region                      = "eu-west-1"
use_path_style              = true
skip_credentials_validation = true
"""

pytestmark = pytest.mark.skipif(
    not shutil.which("terraform"), reason="deploying needs Terraform on the PATH"
)


@pytest.fixture
def folder(tmp_path):
    """A checkout with its two files of settings."""
    stack.checkout(tmp_path)
    ignore = shutil.ignore_patterns(".terraform*", "*.tfstate*", "backend.hcl", "terraform.tfvars")
    shutil.copytree("terraform", tmp_path / "terraform", ignore=ignore)
    (tmp_path / "terraform" / "terraform.tfvars").write_text(TFVARS)
    (tmp_path / "terraform" / "backend.hcl").write_text(BACKEND)
    return tmp_path


def run(folder, command="deploy", answer="", module="deploy", **environment):
    """Run a command with an answer typed in; what it exits with, and all that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", f"release.{module}", command],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": f"lambda{os.pathsep}.",
            "CHECKPOINT_DISABLE": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            **{name: os.environ[name] for name in ["TERRAFORM_PLUGIN_DIR"] if name in os.environ},
            **environment,
        },
        input=f"{answer}\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout
    return done.returncode, done.stdout


@pytest.fixture
def account(tmp_path_factory):
    """The environment of somebody who is signed in to the local AWS, with a state bucket there."""
    with emulator.running(tmp_path_factory.mktemp("aws")) as aws:
        aws.client("s3").create_bucket(
            Bucket="state", CreateBucketConfiguration={"LocationConstraint": emulator.REGION}
        )
        yield (
            {
                **emulator.ROOT_USER,
                "AWS_ENDPOINT_URL": aws.endpoint,
                "AWS_ENDPOINT_URL_S3": aws.endpoint,
            },
            aws,
        )


def test_deploy_shows_asks_applies_and_destroy_deletes(folder, account, zip_file):
    """No without a yes; after a yes the URL and the lines to paste; a second time nothing to do;
    and destroy takes everything away after the word was typed."""
    environment, aws = account
    (folder / "build").mkdir()
    shutil.copy(zip_file, folder / "build" / "visits.zip")
    code, printed = run(folder, answer="no", **environment)
    assert (code, "Nothing was changed." in printed) == (1, True)
    assert not aws.client("lambda").list_functions()["Functions"]

    code, printed = run(folder, answer="y", **environment)
    assert code == 0, printed
    assert f"Apply this plan to account {emulator.ACCOUNT}?" in printed
    assert "execute-api" in printed
    assert "<visitor-counter api=" in printed
    assert aws.client("lambda").list_functions()["Functions"]
    assert not list(folder.rglob("*.tfplan"))

    code, printed = run(folder, "destroy", answer="y", **environment)
    assert (code, "Nothing was changed." in printed) == (1, True)
    code, printed = run(folder, "destroy", answer="delete", **environment)
    assert code == 0, printed
    assert aws.client("dynamodb").list_tables()["TableNames"] == []
    assert not (folder / "terraform" / "destroy_override.tf").exists()


def test_what_is_applied_is_the_plan_that_was_saved(folder, account, zip_file):
    """plan tells what it is and whether there is something to do; apply does that, once. A plan
    for going back leaves the table as it is."""
    environment, aws = account
    told = {name: str(folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    (folder / "terraform" / "backend.hcl").unlink()
    pipeline = {
        **environment,
        **told,
        "TF_STATE_BUCKET": "state",
        "TF_CLI_ARGS_init": "-backend-config=use_path_style=true",
    }
    (folder / "build").mkdir()
    shutil.copy(zip_file, folder / "build" / "visits.zip")
    code, printed = run(folder, "apply", **pipeline)
    assert (code, "There is no plan to apply. Make one" in printed) == (1, True)

    code, printed = run(folder, "plan", **pipeline)
    assert code == 0, printed
    assert "Apply it: make apply" in printed
    assert (folder / "GITHUB_OUTPUT").read_text() == "changed=true\n"
    report = (folder / "build" / "plan.md").read_text()
    assert "| create | `aws_dynamodb_table.visits` |  |" in report
    assert report == (folder / "GITHUB_STEP_SUMMARY").read_text()
    assert not aws.client("dynamodb").list_tables()["TableNames"]

    table = folder / "terraform" / "dynamodb.tf"
    good = table.read_text()
    table.write_text(good.replace("  ttl {", '  tags = { new = "yes" }\n  ttl {'))
    code, printed = run(folder, "apply", **pipeline)
    assert code == 0, printed
    assert "new" not in printed
    code, printed = run(folder, "apply", **pipeline)
    assert (code, "There is no plan to apply" in printed) == (1, True)

    assert "`aws_dynamodb_table.visits` | tags" in planned(folder, pipeline)
    assert "aws_dynamodb_table.visits" not in planned(folder, pipeline, ROLLBACK="1")
    assert not (folder / "terraform" / "rollback_override.tf").exists()


def planned(folder, environment, **more):
    code, printed = run(folder, "plan", **environment, **more)
    assert code == 0, printed
    return (folder / "build" / "plan.md").read_text()


def test_without_a_build_it_says_so(folder, account):
    """The zip is made by another command, which is named."""
    code, printed = run(folder, answer="y", **account[0])
    assert code == 1
    assert "run `make build` first" in " ".join(printed.replace("│", "").split())


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("terraform.tfvars", "There is no terraform/terraform.tfvars. Write one"),
        ("backend.hcl", "There is no terraform/backend.hcl"),
    ],
)
def test_a_missing_file_is_named_with_its_content(folder, file, message):
    """What has to be written once is shown."""
    (folder / "terraform" / file).unlink()
    code, printed = run(folder)
    assert code == 1
    assert message in printed


def test_without_credentials_it_says_how_to_sign_in(folder):
    """Nobody is signed in."""
    code, printed = run(folder)
    assert code == 1
    assert "AWS does not know who you are" in printed


def test_a_bucket_that_is_not_there_is_named(folder, account):
    """Another account or region, or no bootstrap yet."""
    (folder / "terraform" / "backend.hcl").write_text(BACKEND.replace('"state"', '"other"'))
    code, printed = run(folder, **account[0])
    assert code == 1
    assert "The state bucket other cannot be used by account" in printed


@pytest.mark.parametrize("module", ["smoke", "drift"])
def test_what_is_not_deployed_is_not_watched(folder, account, module):
    """They say so, after they have looked into the state."""
    environment = {**account[0], "SITE_URL": "https://resume.example/"}
    code, printed = run(folder, module=module, **environment)
    assert (code, "Nothing is deployed here yet: make deploy" in printed) == (1, True), printed


def test_a_smoke_test_needs_a_page(folder):
    """Which one, Terraform does not know."""
    code, printed = run(folder, module="smoke")
    assert (code, "make smoke SITE_URL=https://example.com/" in printed) == (1, True)


def test_without_terraform_it_says_where_to_get_it(folder):
    """Terraform is the one thing that is not installed for you."""
    code, printed = run(folder, PATH=str(Path(sys.executable).parent))
    assert code == 1
    assert "Terraform is not installed" in printed
