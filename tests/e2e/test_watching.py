"""A whole run of the suite on a live site: its result, its verdict and its evidence.

These runs need a process each; the checks themselves are tested in test_sites.py.
"""

import json
import os
import subprocess
import sys

import pytest
from werkzeug.wrappers import Response

from e2e import conftest, summary
from e2e.visitor import code_of_repository
from tests.e2e import pages
from tests.e2e.broken import SCRIPT, application
from tests.serving import serving

OWNERS_PAGE = """<!doctype html><title>Resume</title>
<script type="module" src="visitor-counter.js"></script>
<script>navigator.serviceWorker.register("worker.js").catch(() => {}); undefinedOnPurpose()</script>
<p>I reduced the error rate to null.</p>
<visitor-counter api="/live" counter="resume" show="today" locale="ar-EG">Visits</visitor-counter>
<visitor-counter api="/live" counter="blog" label="{n} visits" compact></visitor-counter>
"""
WORKER = """
addEventListener("activate", event => event.waitUntil(clients.claim()));
addEventListener("fetch", event => event.respondWith(fetch(event.request)));
"""

pytestmark = pytest.mark.slow


def owners_page(call):
    match call.request.path:
        case "/":
            return Response(OWNERS_PAGE, mimetype="text/html")
        case "/worker.js":
            return Response(WORKER, mimetype="text/javascript")
        case _:
            return call.altered(SCRIPT, code_of_repository(), 16 * "0")


def test_the_design_of_a_live_page_is_not_checked(healthy_site, tmp_path):
    """Errors of a live page do not fail a run; an older script adds a note to each summary."""
    github = tmp_path / "github.md"
    run = watch(healthy_site, owners_page, f"--output={tmp_path}", GITHUB_STEP_SUMMARY=str(github))
    assert run.returncode == 0, run.stdout
    for text in (run.stdout, github.read_text(), (tmp_path / "summary.md").read_text()):
        assert "page healthy, API healthy" in text
        assert "script is 0000000000000000, and the repository's is" in text
    assert verdict(tmp_path) == ("healthy", "healthy")


def test_a_failed_run_keeps_evidence(healthy_site, tmp_path):
    """Evidence of each kind is kept, and one sentence says what is wrong, without a traceback."""
    page = pages.page(pages.POLICY)
    run = watch(healthy_site, page, "-k", "shows_the_number or undeclared", f"--output={tmp_path}")
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout
    assert "The Content Security Policy of the page blocks" in run.stdout
    assert "Error" not in run.stdout
    kept = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    evidence = {"console.txt", "network.txt", "screenshot.png", "trace.zip"}
    assert kept == {"summary.md", "verdict.json", *evidence}
    assert verdict(tmp_path) == ("broken", "healthy")


def test_a_page_that_never_asks_is_not_a_broken_release(healthy_site, tmp_path):
    """The exit code says that the result is not known, so nothing is rolled back."""
    page = pages.page(pages.SIGN_IN)
    run = watch(healthy_site, page, "-k", "shows_the_number or undeclared", f"--output={tmp_path}")
    assert run.returncode == summary.NOT_KNOWN, run.stdout
    assert verdict(tmp_path) == ("unknown", "healthy")


def test_the_page_of_a_folder_is_tested_with_another_api(healthy_site):
    """The browser loads site/ as if it came from SITE_URL, and it calls API_URL."""
    own = {"SITE_URL": "http://resume.localhost/", "SITE_FOLDER": "site"}
    api = {"API_URL": healthy_site.api.url}
    run = watch(healthy_site, pages.page(""), "-k", "shows_the_number", **own, **api)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"REQUIRE_SITE": "1"}, "set SITE_URL and API_URL too"),
        ({"SITE_URL": "https://resume.example/", "REQUIRE_SITE": "0"}, "set API_URL too"),
    ],
)
def test_an_incomplete_live_site_is_refused(environment, message):
    """A run that needs a live site never falls back to the local stack."""
    with pytest.raises(pytest.UsageError, match=message):
        conftest.live_site(environment)


def verdict(folder):
    """Return the verdict on the page and on the API."""
    found = json.loads((folder / "verdict.json").read_text())
    assert found["reason"]
    return found["page"], found["api"]


def watch(healthy_site, defect, *arguments, **environment):
    """Run the suite on a live site with a defect."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "e2e", *arguments]
    with serving(application(healthy_site.url.rstrip("/"), defect)) as url:
        site = {"SITE_URL": f"{url}/", "API_URL": f"{url}/live", "REQUIRE_SITE": "1"}
        environment = {**os.environ, **site, **environment}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
