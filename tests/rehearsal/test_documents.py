"""The README's section "Deploy it" and the owner's pages, executed word for word."""

import gzip
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from contract.repository import ROOT
from tests import emulator
from tests.checkouts import clone_work_tree
from tests.rehearsal import checkout

pytestmark = pytest.mark.slow
SECTION = (ROOT / "README.md").read_text().split("## Deploy it")[1].split("\n## ")[0]
OWNER = ROOT / "docs" / "owner"
ANSWERS = {"make bootstrap": "yes", "make deploy": "y", "make destroy": "delete"}
# The provider waits a minute for new lifecycle rules.
NO_RULES = 'resource "aws_s3_bucket_lifecycle_configuration" "state" {\n  count = 0\n}\n'
PLAUSIBLE = """\
date,visitors,pageviews,bounces,visits,visit_duration
2026-11-01,9,22,4,11,310
2026-11-02,8,19,3,9,280
2026-11-03,12,33,6,15,520
"""
GOATCOUNTER = (
    "2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Referrer scheme,Screen size,"
    "Location,FirstVisit,Date\n"
    "/,Home,false,,,Linux,a,0,,,,NL,true,2026-01-02T09:58:00Z\n"
    "/resume,Resume,false,,,Linux,a,0,,,,NL,false,2026-01-02T10:00:00Z\n"
    "/resume,Resume,false,,,Linux,a,0,,,,NL,false,2026-01-02T11:00:00Z\n"
    "/resume,Resume,false,,,,b,150,,,,US,true,2026-01-02T12:00:00Z\n"
)


def blocks(language: str, text: str = SECTION) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of this work tree, with the installed environment linked into it."""
    return clone_work_tree(tmp_path / "clone")


@pytest.fixture
def run(clone, aws, provider):
    """Returns a function that runs a command of the README in the clone, on the local AWS."""
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        **{name: os.environ[name] for name in checkout.PASSED_ON if name in os.environ},
        **emulator.ROOT_USER,
        **provider,
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_ENDPOINT_URL_S3": aws.endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "BUILD_OPTIONS": "--platform=host",
        "GIT_AUTHOR_NAME": "Robin",
        "GIT_AUTHOR_EMAIL": "robin@resume.example",
        "GIT_COMMITTER_NAME": "Robin",
        "GIT_COMMITTER_EMAIL": "robin@resume.example",
        "TF_CLI_ARGS_init": checkout.INIT,
        "TF_VAR_lambda_zip": "../build/visits-host.zip",
    }
    (clone / "terraform" / "here_override.tf").write_text(checkout.override(aws))
    (clone / "terraform" / "bootstrap" / "here_override.tf").write_text(NO_RULES)

    def command(line: str) -> str:
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=clone,
            env=environment,
            input=f"{ANSWERS.get(line, '')}\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{line}:\n{done.stdout}"
        return done.stdout

    return command


@pytest.mark.skipif(not shutil.which("terraform"), reason="Terraform is not installed")
def test_the_deploy_section_works_in_its_order(clone, aws, run):
    """Bootstrap, deployment, commit, visit, drift and destroy, with committed settings. Before the
    end, the sites of docs/owner/counters.md are added, and the numbers are exported."""
    for block in blocks("hcl"):
        name, text = block.removeprefix("# ").split("\n", 1)
        (clone / name).write_text(text)
    [commands] = blocks("sh")
    *before, destroy = commands.splitlines()
    printed = {line: run(line) for line in before}
    assert len(printed["make deploy"].splitlines()) <= 100
    [url] = re.findall(r"^http://\S+/live$", printed["make deploy"], re.MULTILINE)
    visit = f"{url}/counters/resume/visits?visitId={uuid4()}"
    headers = {"Origin": "https://example.com", "User-Agent": "Mozilla/5.0 Firefox/156.0"}
    assert requests.post(visit, headers=headers, timeout=60).json()["visits"] == 1235

    sites = blocks("hcl", (OWNER / "counters.md").read_text())[-1]
    (clone / "terraform" / "terraform.tfvars").write_text(f'region          = "eu-west-1"\n{sites}')
    run("make deploy")
    blog = visit.replace("/resume/", "/blog/")
    headers["Origin"] = "https://blog.example.com"
    assert requests.post(blog, headers=headers, timeout=60).json()["visits"] == 1
    assert requests.get(f"{url}/counters/resume", timeout=60).json()["visits"] == 1235
    assert "visits.csv: 2 days of 2 counters" in run("make export")
    assert "What is live matches openapi.yaml and the last deployment." in run("make drift")

    assert destroy == "make destroy"
    run(destroy)
    assert aws.client("dynamodb").list_tables()["TableNames"] == []
    assert aws.client("apigateway").get_rest_apis()["items"] == []


@pytest.mark.parametrize("name", ["numbers.md", "move-in.md"])
def test_the_owners_commands_print_what_the_page_shows(clone, api, name):
    """Every command of the page, in its order, on a counter with five visits of today."""
    for number in range(5):
        api.user_agent = f"Mozilla/5.0 Firefox/{150 + number}.0"
        assert api.visit().status_code == 201
    page = (OWNER / name).read_text()
    if name == "move-in.md":
        (clone / "days.csv").write_text(*blocks("csv", page))
        with zipfile.ZipFile(clone / "plausible.zip", "w") as file:
            file.writestr("imported_visitors_20261101_20261103.csv", PLAUSIBLE)
        with gzip.open(clone / "goatcounter.csv.gz", "wt") as file:
            file.write(GOATCOUNTER)
    # make passes variables of its own to what it starts, such as this test.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment = {**inherited, "COUNTERS": '{"resume": {}}'}
    for block in blocks("console", page):
        for line, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            done = subprocess.run(
                ["sh", "-c", line],
                cwd=clone,
                env=environment,
                input="y\n",
                capture_output=True,
                text=True,
                check=False,
            )
            printed = done.stdout.replace("[y/N] ", "[y/N] y\n") + done.stderr
            assert without_dates(printed) == without_dates(expected)


def without_dates(text: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d", "DATE", text)
