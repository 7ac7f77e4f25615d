"""A whole run of the suite on a live site: its result, its verdict and its evidence.

This run needs a process of its own; the checks themselves are tested in test_sites.py.
"""

import json
import os
import subprocess
import sys

import pytest

from e2e import conftest
from tests.e2e import sites


@pytest.mark.slow
def test_a_failed_run_says_why_and_keeps_evidence(healthy_site, tmp_path):
    """One sentence says what is wrong, without a traceback, beside a trace and a screenshot. The
    summary is also GitHub's. The browser loads the page of a folder as if it came from SITE_URL,
    and the page calls API_URL."""
    (tmp_path / "index.html").write_text(sites.ONE_ID)
    results = tmp_path / "results"
    site = {
        "SITE_URL": "http://resume.localhost/",
        "SITE_FOLDER": str(tmp_path),
        "API_URL": healthy_site.api.url,
        "GITHUB_STEP_SUMMARY": str(tmp_path / "github.md"),
    }
    checks = ("-k", "shows_the_number or contract_of_the_repository")
    options = ("-q", "-p", "no:cacheprovider", f"--output={results}", *checks)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "e2e", *options],
        env={**os.environ, **site},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stdout
    verdict = json.loads((results / "verdict.json").read_text())
    assert (verdict["page"], verdict["api"]) == ("broken", "healthy")
    assert "The page sends the same visitId at every visit." in verdict["reason"]
    for printed in (run.stdout, *(path.read_text() for path in tmp_path.rglob("*.md"))):
        assert "page broken, API healthy" in printed
        assert verdict["reason"] in printed
        assert "Traceback" not in printed
    assert {path.suffix for path in results.glob("*/*")} == {".png", ".zip"}


@pytest.mark.parametrize("environment", [{"REQUIRE_SITE": "1"}, {"SITE_URL": "https://a.example/"}])
def test_an_incomplete_live_site_is_refused(environment):
    """A run that needs a live site never falls back to the local stack."""
    with pytest.raises(pytest.UsageError, match="set SITE_URL and API_URL"):
        conftest.live_site(environment)
