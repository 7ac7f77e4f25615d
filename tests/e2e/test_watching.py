"""A whole run of the suite on a live site: its result, its verdict and its evidence.

These runs need a process each; the checks themselves are tested in test_sites.py.
"""

import json
import os
import subprocess
import sys

import pytest

from e2e import conftest
from tests.e2e import sites
from tests.serving import serving

pytestmark = pytest.mark.slow


def test_a_failed_run_says_why_and_keeps_evidence(healthy_site, tmp_path):
    """One sentence says what is wrong, without a traceback, beside a trace and a screenshot."""
    undeclared = sites.page(sites.READS.replace("resume", "cv"))
    checks = ("-k", "shows_the_number or undeclared")
    printed = watch(healthy_site, undeclared, tmp_path, 1, *checks)
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    assert (verdict["page"], verdict["api"]) == ("broken", "healthy")
    assert "The page asks for the counter 'cv'" in verdict["reason"]
    assert verdict["reason"] in printed
    assert "Traceback" not in printed
    assert {path.suffix for path in tmp_path.glob("*/*")} == {".png", ".zip"}


def test_the_page_of_a_folder_is_tested_with_another_api(healthy_site, tmp_path):
    """The browser loads site/ as if it came from SITE_URL, and it calls API_URL. The summary is
    also GitHub's."""
    own = {"SITE_URL": "http://resume.localhost/", "SITE_FOLDER": "site"}
    api = {"API_URL": healthy_site.api.url}
    github = {"GITHUB_STEP_SUMMARY": str(tmp_path / "github.md")}
    checks = ("-k", "shows_the_number or undeclared")
    watch(healthy_site, sites.page(""), tmp_path, 0, *checks, **own, **api, **github)
    for name in ("github.md", "summary.md"):
        assert "page healthy, API healthy" in (tmp_path / name).read_text()


@pytest.mark.parametrize("environment", [{"REQUIRE_SITE": "1"}, {"SITE_URL": "https://a.example/"}])
def test_an_incomplete_live_site_is_refused(environment):
    """A run that needs a live site never falls back to the local stack."""
    with pytest.raises(pytest.UsageError, match="set SITE_URL and API_URL"):
        conftest.live_site(environment)


def watch(healthy_site, change, folder, code, *arguments, **environment):
    """Run the suite on a live site, check its exit code, and return what it prints."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "e2e", *arguments]
    with serving(sites.application(healthy_site.url.rstrip("/"), change)) as url:
        site = {"SITE_URL": f"{url}/", "API_URL": f"{url}/live", "REQUIRE_SITE": "1"}
        environment = {**os.environ, **site, **environment}
        command.append(f"--output={folder}")
        run = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, check=False
        )
    assert run.returncode == code, run.stdout
    return run.stdout
