"""`make plan`, `apply`, `deploy` and `destroy` as a person runs them, against a local AWS."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

from contract.repository import ROOT
from release import adopt
from release.rollout.__main__ import STALE_LOCK
from release.smoke import Verdict
from release.terraform import DeployError, Terraform
from tests import emulator
from tests.emulator.scratch import running_provider

TFVARS = 'region = "eu-west-1"\nallowed_origins = ["https://resume.example"]\n'
KEY = "visits/terraform.tfstate"
BACKEND = """\
bucket                      = "state"
region                      = "eu-west-1"
use_path_style              = true
skip_credentials_validation = true
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("terraform"), reason="Terraform is not installed"),
]


@pytest.fixture
def folder(tmp_path):
    """A checkout with terraform.tfvars and backend.hcl."""
    shutil.copy(ROOT / "openapi.yaml", tmp_path)
    ignore = shutil.ignore_patterns(
        ".terraform*", "*.tfstate*", "*_override.tf", "node_modules", "__pycache__"
    )
    for part in ("client/dist", "lambda", "local", "contract", "release", "terraform"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignore)
    (tmp_path / "terraform" / "terraform.tfvars").write_text(TFVARS)
    (tmp_path / "terraform" / "backend.hcl").write_text(BACKEND)
    return tmp_path


@pytest.fixture
def built(folder, zip_file):
    """The checkout after `make build`."""
    (folder / "build").mkdir()
    shutil.copy(zip_file, folder / "build" / "visits.zip")
    return folder


def run(folder, command="deploy", answer="", module="deploy", **environment):
    """Run a command, type an answer, and return the exit code and everything it printed."""
    done = subprocess.run(
        [sys.executable, "-m", f"release.{module}", command],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
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


def refused(folder, *arguments, **environment):
    """Run a command that must fail, and return what it printed."""
    code, printed = run(folder, *arguments, **environment)
    assert code == 1, printed
    return printed


def succeeded(folder, *arguments, **environment):
    """Run a command that must succeed, and return what it printed."""
    code, printed = run(folder, *arguments, **environment)
    assert code == 0, printed
    return printed


@pytest.fixture
def account(started_aws):
    """A local AWS with a state bucket, and the environment of a user who is signed in to it."""
    started_aws.reset()
    started_aws.create_bucket("state")
    environment = {
        **emulator.ROOT_USER,
        "AWS_ENDPOINT_URL": started_aws.endpoint,
        "AWS_ENDPOINT_URL_S3": started_aws.endpoint,
        "SKIP_PREFLIGHT": "1",  # its tests are in test_preflight.py
    }
    return environment, started_aws


@contextmanager
def with_provider(folder, environment):
    """Add a running provider to the environment, so that not each command starts one."""
    terraform = Terraform(folder / "terraform", {"PATH": os.environ["PATH"], **environment})
    terraform.run("init", "-backend=false")
    with running_provider(terraform):
        yield {
            **environment,
            "TF_REATTACH_PROVIDERS": terraform.environment["TF_REATTACH_PROVIDERS"],
        }


def test_deploy_asks_and_applies_and_destroy_asks_and_deletes(built, account):
    """Without the right answer nothing changes. deploy prints the URL and the lines to paste.

    The next deployment reports that they change, before it asks. It keeps a table that an
    interrupted apply has left as tainted. destroy works on no other deployment than the selected.
    """
    environment, aws = account
    with with_provider(built, environment) as environment:
        assert "Nothing was changed." in refused(built, "deploy", "no", **environment)
        assert not aws.client("lambda").list_functions()["Functions"]

        printed = succeeded(built, "deploy", "y", **environment)
        assert f"Apply this plan to account {emulator.ACCOUNT}?" in printed
        assert "execute-api" in printed
        assert "<visitor-counter api=" in printed
        assert aws.client("lambda").list_functions()["Functions"]
        assert "![Number of visits](https://" in printed
        assert not list(built.rglob("*.tfplan"))

        terraform = Terraform(built / "terraform", {"PATH": os.environ["PATH"], **environment})
        terraform.run("taint", "aws_dynamodb_table.visits")
        with (built / "client" / "dist" / "visitor-counter.js").open("a") as script:
            script.write("// another script")
        printed = refused(built, "deploy", "no", **environment)
        assert "add the new one to it before you deploy" in printed

        destroy = {"module": "destroy", **environment}
        (built / "terraform" / "blog.tfvars").write_text("counters = { blog = {} }")
        other = refused(built, "", "delete", DEPLOYMENT="blog", **destroy)
        assert "Nothing is deployed as visits-blog" in other
        asked = refused(built, "", "y", **destroy)
        assert (
            f"deletes the deployment visits from account {emulator.ACCOUNT}: its API, and its table"
            " visits with 0 visits."
        ) in asked
        assert "Nothing was changed." in asked
        assert "visits" in aws.client("dynamodb").list_tables()["TableNames"]
        succeeded(built, "", "delete", **destroy)
        assert aws.client("dynamodb").list_tables()["TableNames"] == []
        assert not (built / "terraform" / "destroy_override.tf").exists()
        assert "Nothing is deployed as visits" in refused(built, "", "delete", **destroy)


def test_apply_applies_the_saved_plan_once(built, account):
    """plan reports the changes and applies nothing. apply ignores later edits. A rollback does not
    change the table, and staging is a deployment of its own."""
    environment, aws = account
    files = {name: str(built / name) for name in ("GITHUB_STEP_SUMMARY",)}
    (built / "terraform" / "backend.hcl").unlink()
    in_a_pipeline = {
        **environment,
        **files,
        "TF_STATE_BUCKET": "state",
        "TF_CLI_ARGS_init": "-backend-config=use_path_style=true",
    }
    no_plan = "There is no plan to apply. Run make plan first."
    assert no_plan in refused(built, "apply", **in_a_pipeline)
    with with_provider(built, environment) as running:
        in_a_pipeline = {**in_a_pipeline, **running}
        assert "Run make apply to apply it." in succeeded(built, "plan", **in_a_pipeline)
        report = (built / "build" / "plan.md").read_text()
        assert "| create | `aws_dynamodb_table.visits` |  |" in report
        assert report == (built / "GITHUB_STEP_SUMMARY").read_text()
        assert not aws.client("dynamodb").list_tables()["TableNames"]

        table = built / "terraform" / "dynamodb.tf"
        text = table.read_text()
        table.write_text(text.replace("  ttl {", '  tags = { new = "yes" }\n  ttl {'))
        assert "new" not in succeeded(built, "apply", **in_a_pipeline)
        assert no_plan in refused(built, "apply", **in_a_pipeline)

        assert "`aws_dynamodb_table.visits` | tags" in planned(built, in_a_pipeline)
        with Terraform(built / "terraform").override("rollback"):
            assert "aws_dynamodb_table.visits" not in planned(built, in_a_pipeline)
        staging = planned(built, {**in_a_pipeline, "DEPLOYMENT": "staging"})
        assert "| create | `aws_dynamodb_table.visits` |  |" in staging
        assert "alarm" not in staging


def planned(folder, environment):
    """Run plan, and return its report."""
    succeeded(folder, "plan", **environment)
    return (folder / "build" / "plan.md").read_text()


def test_missing_build_is_reported(folder, account):
    """Without build/visits.zip the message names the command that makes it."""
    printed = refused(folder, "deploy", "y", **account[0])
    assert "run `make build` first" in " ".join(printed.replace("│", "").split())


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("terraform.tfvars", "There is no terraform/terraform.tfvars. Create it"),
        ("backend.hcl", "There is no terraform/backend.hcl"),
    ],
)
def test_missing_settings_file_is_reported(folder, file, message):
    """The message names the missing file and how to create it."""
    (folder / "terraform" / file).unlink()
    assert message in refused(folder)


def test_missing_credentials_are_reported(folder):
    """The message says that there are no credentials, and how to sign in."""
    assert "There are no valid AWS credentials" in refused(folder)


def test_missing_state_bucket_is_reported(folder, account):
    """The account and the bucket of backend.hcl are named."""
    (folder / "terraform" / "backend.hcl").write_text(BACKEND.replace('"state"', '"other"'))
    message = f"Account {emulator.ACCOUNT} cannot use the state bucket other"
    assert message in refused(folder, **account[0])


def test_missing_deployment_is_reported(folder, account):
    """smoke and drift report an empty state."""
    environment = {**account[0], "SITE_URL": "https://resume.example/"}
    for module, expected in (("smoke", Verdict.UNKNOWN), ("drift", 1)):
        code, printed = run(folder, module=module, **environment)
        assert code == expected
        assert "Nothing is deployed yet. Run make deploy first." in printed


def test_an_apply_that_reaches_its_limit_can_be_continued(built, account):
    """Terraform finishes its write and unlocks the state, and the next deployment does the rest."""
    environment, aws = account
    terraform = Terraform(built / "terraform", {"PATH": os.environ["PATH"], **environment})
    terraform.run("init", "-backend-config=backend.hcl")
    options = ("-auto-approve", "-input=false")
    with running_provider(terraform):
        assert terraform.on_terminal("apply", *options, limit=4) != 0
        objects = aws.client("s3").list_objects_v2(Bucket="state").get("Contents", [])
        assert {each["Key"] for each in objects} <= {KEY}  # no lock
        adopt.untaint_protected(terraform)
        terraform.run("apply", *options)
    assert (
        aws.client("apigateway").get_rest_apis()["items"][0]["id"] in terraform.outputs()["api_url"]
    )


def test_only_the_lock_of_a_killed_run_is_removed(built, account):
    """Deployments wait for each other, so the lock of a runner has no owner; a person's has one."""
    environment, aws = account
    terraform = Terraform(built / "terraform", {"PATH": os.environ["PATH"], **environment})
    terraform.run("init", "-backend-config=backend.hcl")
    lock = {"ID": "0a1b-2c", "Created": "2026-11-24T00:00:00Z", "Operation": "", "Info": ""}
    for who, stale in {"runner@host": True, "robin@laptop": False}.items():
        body = json.dumps({**lock, "Who": who})
        aws.client("s3").put_object(Bucket="state", Key=f"{KEY}.tflock", Body=body)
        with pytest.raises(DeployError) as caught:
            terraform.run("plan", "-input=false")
        assert bool(STALE_LOCK.search(str(caught.value))) == stale
    terraform.run("force-unlock", "-force", lock["ID"])
