"""`make plan`, `apply`, `deploy` and `destroy` as a person runs them, against a local AWS."""

import json
import os
import re
import shutil
from contextlib import contextmanager

import pytest

from release.deploy import LOCKED
from release.smoke import Verdict
from release.terraform import Terraform
from tests import emulator
from tests.emulator.scratch import running_provider
from tests.rehearsal import checkout
from tests.rehearsal.checkout import BACKEND, KEY, refused, run, succeeded

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("terraform"), reason="Terraform is not installed"),
]


@pytest.fixture
def folder(tmp_path):
    """A checkout with terraform.tfvars and backend.hcl."""
    return checkout.make(tmp_path)


@pytest.fixture
def built(folder, zip_file):
    """The checkout after `make build`."""
    checkout.place_zip(folder, zip_file.read_bytes())
    return folder


@pytest.fixture
def account(started_aws):
    """A local AWS with a state bucket, and the environment of a user who is signed in to it."""
    started_aws.reset()
    started_aws.create_bucket("state")
    return checkout.account(started_aws.endpoint), started_aws


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
    """Without the right answer nothing changes. A first deployment prints at most 100 lines, with
    the URL and the lines to paste. The next one keeps a table that an interrupted apply has left as
    tainted. destroy works on no other deployment than the selected."""
    environment, aws = account
    with with_provider(built, environment) as environment:
        assert "Nothing was changed." in succeeded(built, "deploy", "no", **environment)
        assert not aws.client("lambda").list_functions()["Functions"]

        printed = succeeded(built, "deploy", "y", **environment)
        assert f"Apply this plan to account {emulator.ACCOUNT}?" in printed
        assert printed.count("<visitor-counter api=") == 1
        assert "![Number of visits](https://" in printed
        assert len(printed.splitlines()) <= 100
        assert aws.client("lambda").list_functions()["Functions"]
        assert not list(built.rglob("*.tfplan"))

        terraform = Terraform(built / "terraform", {"PATH": os.environ["PATH"], **environment})
        terraform.run("taint", "aws_dynamodb_table.visits")
        assert "aws_dynamodb_table" not in succeeded(built, "deploy", "no", **environment)

        destroy = {"module": "destroy", **environment}
        (built / "terraform" / "blog.tfvars").write_text("counters = { blog = {} }")
        other = refused(built, "", "delete", DEPLOYMENT="blog", **destroy)
        assert "Nothing is deployed as visits-blog" in other
        asked = succeeded(built, "", "y", **destroy)
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
        assert "  create  aws_dynamodb_table.visits\n" in report
        assert report == (built / "GITHUB_STEP_SUMMARY").read_text()
        assert not aws.client("dynamodb").list_tables()["TableNames"]

        table = built / "terraform" / "dynamodb.tf"
        text = table.read_text()
        table.write_text(text.replace("  ttl {", '  tags = { new = "yes" }\n  ttl {'))
        assert "new" not in succeeded(built, "apply", **in_a_pipeline)
        assert no_plan in refused(built, "apply", **in_a_pipeline)

        assert re.search(r"change  aws_dynamodb_table.visits +tags", planned(built, in_a_pipeline))
        with Terraform(built / "terraform").override("rollback"):
            assert "aws_dynamodb_table.visits" not in planned(built, in_a_pipeline)
        staging = planned(built, {**in_a_pipeline, "DEPLOYMENT": "staging"})
        assert "  create  aws_dynamodb_table.visits\n" in staging
        assert "alarm" not in staging


def planned(folder, environment):
    """Run plan, and return its report."""
    succeeded(folder, "plan", **environment)
    return (folder / "build" / "plan.md").read_text()


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
    """Terraform names the bucket of backend.hcl."""
    (folder / "terraform" / "backend.hcl").write_text(BACKEND.replace('"state"', '"other"'))
    assert 'S3 bucket "other" does not exist' in refused(folder, **account[0])


def test_missing_deployment_is_reported(folder, account):
    """smoke and drift report an empty state."""
    environment = {**account[0], "SITE_URL": "https://resume.example/"}
    for module, expected in (("smoke", Verdict.UNKNOWN), ("drift", 1)):
        code, printed = run(folder, module=module, **environment)
        assert code == expected
        assert "Nothing is deployed yet. Run make deploy first." in printed


def test_a_lock_is_recognised_in_the_words_of_terraform(built, account):
    """A plan fails, and the message has what the question to remove the lock needs."""
    environment, aws = account
    lock = {"ID": "0a1b-2c", "Created": "2026-11-24T00:00:00Z", "Operation": "", "Info": ""}
    body = json.dumps({**lock, "Who": "robin@laptop"})
    aws.client("s3").put_object(Bucket="state", Key=f"{KEY}.tflock", Body=body)
    printed = refused(built, "plan", GITHUB_ACTIONS="true", **environment)
    found = LOCKED.search(printed)
    assert found
    assert (found["id"], found["who"]) == ("0a1b-2c", "robin@laptop")
