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
CERTIFICATE = 'certificate_arn = "arn:aws:acm:{}:123456789012:certificate/0a1b2c3d"'
# Each line is refused, whatever the others are.
WRONG = (
    f"""\
allowed_origins          = ["https://example.com/"]
counters                 = {{ Resume = {{}} }}
name                     = "Visits"
table_name               = "my table"
shards                   = 0
visit_cap                = -1
memory                   = 512.5
reserved_concurrency     = -2
permissions_boundary_arn = "visits-boundary"
throttle                 = {{ rate = 0, burst = 50 }}
rate_limits              = {{ recordVisit = {{ rate = 5, burst = 0.5 }} }}
flood_alarm              = 0
waf_rate_limit           = 9
domain                   = {{ name = "https://a.example.com", {CERTIFICATE.format("eu-west-1")} }}
log_retention_days       = 2
alarm_email              = "me"
""",
    """\
region               = "Ireland"
allowed_origins      = []
counters             = {}
name                 = "v"
table_name           = "visits-secrets"
shards               = 100
visit_cap            = 1000000
memory               = 64
reserved_concurrency = 0.5
throttle             = { rate = 10, burst = 0 }
rate_limits          = { readCounter = { rate = 5, burst = 5 } }
flood_alarm          = 10.5
waf_rate_limit       = 10.5
monthly_budget       = 5 # without alarm_email
""",
    f'domain = {{ name = "a.example.com", {CERTIFICATE.format("us-east-1")} }}\n',
    'allowed_origins = ["example.com"]\ncounters = { resume = { visit = 1234 } }\n',
    'allowed_origins = ["https://*.example.com"]\ncounters = { resume = { visits = -1 } }\n',
    'allowed_origins = ["https://Example.com"]\ncounters = { resume = { visitors = 0.5 } }\n',
    'allowed_origins = ["https://example.com:443"]\ncounters = ["resume"]\n',
    'counters = { resume = { visits = "1234" } }\n',
    "counters = { resume = { visits = 1e15 } }\n",
    'counters = { blog = {}, resume = { allowed_origins = ["https://example.com/blog"] } }\n',
    'counters = { resume = { allowed_origins = "https://example.com" } }\n',
    "counters = { smoke = {} }\n",
)


@pytest.fixture
def terraform(tmp_path):
    """A folder with nothing that needs a provider, credentials or an initialisation."""
    (tmp_path / "terraform").mkdir()
    shutil.copy(ROOT / "terraform" / "variables.tf", tmp_path / "terraform")
    shutil.copy(ROOT / "openapi.yaml", tmp_path)
    (tmp_path / "terraform" / "terraform.tfvars").write_text(RIGHT)
    return Terraform(tmp_path / "terraform")


def refused(terraform):
    """Return the message of the settings that are refused, without line breaks."""
    with pytest.raises(CommandError) as caught:
        settings.check(terraform)
    return " ".join(str(caught.value).split())


@pytest.mark.parametrize("lines", WRONG)
def test_a_wrong_value_is_refused(terraform, lines):
    """Terraform shows each wrong line. It reads all files *.auto.tfvars."""
    (terraform.folder / "wrong.auto.tfvars").write_text(lines)
    message = refused(terraform)
    missing = [line for line in lines.splitlines() if " ".join(line.split()) not in message]
    assert missing == []


def test_a_name_that_is_no_setting_is_named(terraform):
    """Terraform would only warn. The message has the setting that was probably meant."""
    (terraform.folder / "terraform.tfvars").write_text(f"{RIGHT}visit_capp = 5\n")
    assert "terraform/terraform.tfvars sets. Do you mean visit_cap?" in refused(terraform)


def test_the_file_of_a_deployment_is_read(terraform, monkeypatch):
    """It is that of DEPLOYMENT, and no other command reads it."""
    (terraform.folder / "blog.tfvars").write_text("shards = 100\n")
    settings.check(terraform)
    monkeypatch.setenv("DEPLOYMENT", "blog")
    assert "Use a whole number from 1 to 99" in refused(terraform)
