"""A whole run of the suite on a live site: its result, its summary and its evidence.

These runs need a process each; the checks themselves are tested in test_broken_sites.py.
"""

import os
import subprocess
import sys
from base64 import b64encode
from hashlib import sha512

import pytest
from werkzeug.wrappers import Response

from e2e import conftest
from e2e.visitor import SCRIPT
from local.serving import serving
from tests.e2e.broken import application
from tests.e2e.test_broken_sites import no_page, no_route, stale_page, unavailable

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
# A suite that a test writes and runs. Its skipped check must be reported as a failure.
OTHER_CHECKS = """
import pytest
from pathlib import Path
from e2e import conftest, summary

conftest.FAILED_RUN_SECONDS, summary.HERE = 0, Path(__file__).parent

@pytest.fixture(autouse=True)
def count_on_smoke_only(): ...

def test_a(): ...
@pytest.mark.skip(reason="this run has no page")
def test_b(): ...
def test_c(): ...
def test_d(): ...
"""

INTEGRITY = f"sha512-{b64encode(sha512(SCRIPT.read_bytes()).digest()).decode()}"

pytestmark = pytest.mark.slow


def owners_page(call):
    match call.request.path:
        case "/":
            return Response(OWNERS_PAGE, mimetype="text/html")
        case "/worker.js":
            return Response(WORKER, mimetype="text/javascript")
        case _:
            return stale_page(call)


def test_the_design_of_a_live_page_is_not_checked(healthy_site, tmp_path):
    """Errors of a live page do not fail a run; an older script adds a note to each summary."""
    github = tmp_path / "github.md"
    run = watch(healthy_site, owners_page, f"--output={tmp_path}", GITHUB_STEP_SUMMARY=str(github))
    assert run.returncode == 0, run.stdout
    for text in (run.stdout, github.read_text(), (tmp_path / "summary.md").read_text()):
        assert "checks passed, 0 failed" in text
        assert "script is 0000000000000000, and the repository's is" in text
        assert "copy `client/dist/visitor-counter.js`" in text


def test_a_failed_run_keeps_evidence(healthy_site, tmp_path):
    """Evidence of each kind is kept, and the summary says what is wrong."""
    run = watch(healthy_site, no_route, "-k", "shows_the_number", f"--output={tmp_path}")
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout
    assert "The page shows no number. The page requested: GET" in run.stdout
    assert run.stdout.count("The page shows no number.") <= 3
    kept = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert kept == {"console.txt", "network.txt", "screenshot-1.png", "summary.md", "trace.zip"}
    assert "shows no number" in (tmp_path / "summary.md").read_text()


def test_a_missing_page_is_not_a_broken_release(healthy_site):
    """The exit code says that the result is not known, so nothing is rolled back."""
    run = watch(healthy_site, no_page, "-k", "shows_the_number")
    assert run.returncode == conftest.NOT_KNOWN, run.stdout
    assert "There is no page" in run.stdout


def script_of_the_api(call):
    script = f'src="/live/elements/visitor-counter.js" integrity="{INTEGRITY}"'
    page = call.altered("/", 'src="visitor-counter.js"', script)
    return unavailable(call) if call.is_api else page


@pytest.mark.parametrize("defect", [unavailable, script_of_the_api, None])
def test_a_page_is_tested_with_another_api(healthy_site, defect):
    """All requests of the page go to API_URL: those of a page whose API is down, or of site/.

    A page that loads its script from the API and names the script's hash gets that of API_URL, too.
    """
    api = {"API_URL": healthy_site.api.url}
    own = {"SITE_URL": "http://resume.localhost/", "SITE_FOLDER": "site"}
    api |= {"REROUTE": "1"} if defect else own
    checks = "not contract_of_the_repository"
    run = watch(healthy_site, defect or unavailable, "-k", checks, **api)
    assert run.returncode == 0, run.stdout


def test_a_hash_of_another_script_fails_the_run(healthy_site, monkeypatch):
    """A page that names the hash of an older script shows no counter with the new API."""
    monkeypatch.setitem(globals(), "INTEGRITY", f"sha512-{b64encode(bytes(64)).decode()}")
    api = {"API_URL": healthy_site.api.url, "REROUTE": "1"}
    run = watch(healthy_site, script_of_the_api, "-k", "shows_the_number", **api)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout
    assert "its script did not load" in run.stdout


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"REQUIRE_SITE": "1"}, "set SITE_URL and API_URL too"),
        ({"SITE_URL": "https://resume.example/"}, "set API_URL too"),
    ],
)
def test_an_incomplete_live_site_is_refused(environment, message):
    """A run that needs a live site never falls back to the local stack."""
    with pytest.raises(pytest.UsageError, match=message):
        conftest.live_site(environment)


@pytest.mark.parametrize(("value", "required"), [("1", True), ("0", False), ("", False)])
def test_a_site_is_required_unless_the_flag_is_zero(value, required):
    """REQUIRE_SITE=0 is the same as leaving it out."""
    assert conftest.site_required({"REQUIRE_SITE": value}) == required


def test_a_skipped_check_fails_and_stops_a_slow_run(tmp_path):
    """With REQUIRE_SITE a skip is a failure; a failed, slow run stops and counts what is left."""
    (tmp_path / "conftest.py").write_text("from e2e.conftest import *")
    (tmp_path / "test_checks.py").write_text(OTHER_CHECKS)
    run = suite(
        str(tmp_path),
        "--config-file=pyproject.toml",
        f"--output={tmp_path / 'results'}",
        SITE_URL="https://resume.example/",
        API_URL="https://api.example/live",
        REQUIRE_SITE="1",
    )
    assert run.returncode == conftest.NOT_KNOWN, run.stdout
    assert "this check was skipped" in run.stdout
    assert "1 checks passed, 1 failed" in run.stdout
    assert "**Not run:** 2 checks" in run.stdout


def watch(healthy_site, defect, *arguments, **environment):
    """Run the suite on a live site with a defect."""
    with serving(application(healthy_site.url.rstrip("/"), defect)) as url:
        site = {"SITE_URL": f"{url}/", "API_URL": f"{url}/live", "REQUIRE_SITE": "1"}
        return suite("e2e", *arguments, **{**site, **environment})


def suite(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
