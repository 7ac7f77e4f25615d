"""`make plan`, `apply`, `deploy` and `destroy` as a person runs them, on a local AWS."""

import os
import re
import shutil

import pytest

from release.terraform import Terraform
from tests import emulator
from tests.rehearsal import checkout
from tests.rehearsal.checkout import BACKEND, refused, succeeded

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("terraform"), reason="Terraform is not installed"),
]


@pytest.fixture
def folder(tmp_path):
    """A checkout with terraform.tfvars and backend.hcl."""
    return checkout.make(tmp_path)


@pytest.fixture
def account(started_aws, provider):
    """A local AWS with a state bucket, and the environment of a user who is signed in to it."""
    started_aws.reset()
    started_aws.create_bucket("state")
    return {**checkout.account(started_aws.endpoint), **provider}, started_aws


def test_a_deployment_from_its_first_plan_to_its_end(folder, account, zip_file):
    """plan reports the changes and applies nothing; apply ignores later edits, and applies once.
    deploy keeps a table that an interrupted apply has left as tainted. destroy asks, and works on
    no other deployment than the selected."""
    checkout.place_zip(folder, zip_file.read_bytes())
    environment, aws = account
    (folder / "terraform" / "backend.hcl").unlink()
    environment |= {
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "TF_STATE_BUCKET": "state",
        "TF_CLI_ARGS_init": "-backend-config=use_path_style=true",
    }
    no_plan = "There is no plan to apply. Run make plan first."
    assert no_plan in refused(folder, "apply", **environment)
    assert "Run make apply to apply it." in succeeded(folder, "plan", **environment)
    report = (folder / "build" / "plan.md").read_text()
    assert "  create  aws_dynamodb_table.visits\n" in report
    assert report == (folder / "summary.md").read_text()
    assert not aws.client("dynamodb").list_tables()["TableNames"]

    table = folder / "terraform" / "dynamodb.tf"
    text = table.read_text()
    table.write_text(text.replace("  ttl {", '  tags = { new = "yes" }\n  ttl {'))
    assert "new" not in succeeded(folder, "apply", **environment)
    assert no_plan in refused(folder, "apply", **environment)
    assert aws.client("lambda").list_functions()["Functions"]

    terraform = Terraform(folder / "terraform", {"PATH": os.environ["PATH"], **environment})
    terraform.run("taint", "aws_dynamodb_table.visits")
    printed = succeeded(folder, "deploy", "y", **environment)
    assert re.search(r"change\W+aws_dynamodb_table\.visits\W+tags", printed)
    assert f"Apply this plan to account {emulator.ACCOUNT}?" in printed
    assert printed.count("<visitor-counter api=") == 1
    assert "![Number of visits](https://" in printed
    assert not (folder / "terraform" / "visits.tfplan").exists()

    destroy = {"module": "destroy", **environment}
    (folder / "terraform" / "blog.tfvars").write_text("counters = { blog = {} }")
    other = refused(folder, "", "delete", DEPLOYMENT="blog", **destroy)
    assert "Nothing is deployed as visits-blog" in other
    asked = succeeded(folder, "", "y", **destroy)
    assert (
        f"deletes the deployment visits from account {emulator.ACCOUNT}: its API, and its table"
        " visits with 0 visits."
    ) in asked
    assert "Nothing was changed." in asked
    assert "visits" in aws.client("dynamodb").list_tables()["TableNames"]


def test_what_is_missing_is_reported(folder, account):
    """A deployment, the state bucket, credentials, and the files of settings. The message says what
    to do."""
    environment, terraform = account[0], folder / "terraform"
    missing = "Nothing is deployed yet. Run make deploy first."
    assert missing in refused(folder, module="drift", **environment)
    (terraform / "backend.hcl").write_text(BACKEND.replace('"state"', '"other"'))
    assert re.search('bucket "?other', refused(folder, **environment))
    assert "There are no valid AWS credentials" in refused(folder)
    assert "profile (robin) could not be found" in refused(folder, AWS_PROFILE="robin")
    (terraform / "backend.hcl").unlink()
    assert "There is no terraform/backend.hcl" in refused(folder)
    (terraform / "terraform.tfvars").unlink()
    assert "There is no terraform/terraform.tfvars. Create it" in refused(folder)
