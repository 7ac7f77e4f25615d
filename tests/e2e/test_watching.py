"""A run of the suite: what it judges on a live site, what it only notes, and what it leaves."""

import os
import subprocess
import sys
from time import monotonic

import pytest
from werkzeug.wrappers import Response

from e2e import conftest
from local.serving import serving
from tests.e2e.broken import application
from tests.e2e.test_broken_sites import fails, no_route, stale_page

OWNERS = """<!doctype html><title>Resume</title>
<script type="module" src="visitor-counter.js"></script>
<script>navigator.serviceWorker.register("worker.js").catch(() => {}); undefinedOnPurpose()</script>
<p>I reduced the error rate to null.</p>
<visitor-counter api="/live" counter="resume" show="today" locale="ar-EG">Visits</visitor-counter>
"""
WORKER = """
addEventListener("activate", event => event.waitUntil(clients.claim()));
addEventListener("fetch", event => event.respondWith(fetch(event.request)));
"""
SKIPPED = """
import pytest
@pytest.mark.skip
def test_something(): ...
"""
SLOW = """
import pytest
from pathlib import Path
from e2e import conftest, summary

conftest.BROKEN_SECONDS, summary.HERE = 0, Path(__file__).parent

@pytest.fixture(autouse=True)
def no_visit_counts_but_on_smoke(): ...

def test_a(): ...
def test_b(): raise AssertionError
def test_c(): ...
def test_d(): ...
"""


def owners_page(call):
    match call.request.path:
        case "/":
            return Response(OWNERS, mimetype="text/html")
        case "/worker.js":
            return Response(WORKER, mimetype="text/javascript")
        case _:
            return stale_page(call)


def test_an_owners_page_is_judged_by_what_we_deploy(sound, tmp_path):
    """Neither its design nor the age of its script is a fault; the script is worth a note."""
    github = tmp_path / "github.md"
    run = watch(sound, owners_page, f"--output={tmp_path}", GITHUB_STEP_SUMMARY=str(github))
    assert run.returncode == 0, run.stdout
    for told in (run.stdout, github.read_text(), (tmp_path / "summary.md").read_text()):
        assert "claims hold, 0 do not" in told
        assert "script was made from contract 00000000, and the repository has" in told
        assert "copy `client/dist/visitor-counter.js`" in told


def test_a_broken_api_is_caught_soon(sound, tmp_path):
    """A run on a site whose API only fails is red long before somebody would look."""
    began = monotonic()
    run = watch(sound, fails, f"--output={tmp_path}")
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout
    assert monotonic() - began < 2 * conftest.BROKEN_SECONDS


def test_a_failure_leaves_what_is_needed_to_understand_it(sound, tmp_path):
    """Evidence of each kind is kept, and the summary says in words what is wrong."""
    run = watch(sound, no_route, "-k", "shows_the_number", f"--output={tmp_path}")
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout
    assert "A visitor sees no number. The page asked: GET" in run.stdout
    assert run.stdout.count("A visitor sees no number.") <= 3
    kept = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert kept == {"console.txt", "network.txt", "screenshot-1.png", "summary.md", "trace.zip"}
    assert "sees no number" in (tmp_path / "summary.md").read_text()


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"REQUIRE_LIVE": "1"}, "set SITE_URL and API_URL too"),
        ({"SITE_URL": "https://resume.example/"}, "set API_URL too"),
    ],
)
def test_a_run_that_would_watch_nothing_is_refused(environment, message):
    """Who asks for a live site never gets the local stack instead."""
    with pytest.raises(pytest.UsageError, match=message):
        conftest.live(environment)


@pytest.mark.parametrize(
    ("required", "code"), [("1", pytest.ExitCode.TESTS_FAILED), ("0", pytest.ExitCode.OK)]
)
def test_a_skip_is_a_failure_where_a_live_site_is_required(tmp_path, required, code):
    """What was not looked at is not reported as sound."""
    run = watch_by(tmp_path, SKIPPED, REQUIRE_LIVE=required)
    assert run.returncode == code, run.stdout
    assert ("this was not looked at" in run.stdout) == (required == "1")


def test_a_broken_site_that_is_slow_is_not_watched_to_the_end(tmp_path):
    """A run that has failed and takes long stops, and says how much it has not looked at."""
    run = watch_by(tmp_path, SLOW)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout
    assert "1 claims hold, 1 do not" in run.stdout
    assert "**Not looked at:** 2 claims" in run.stdout


def watch_by(folder, claims, **environment):
    """Run other claims than the suite's, as on a live site."""
    (folder / "conftest.py").write_text("from e2e.conftest import *")
    (folder / "test_claims.py").write_text(claims)
    site = {"SITE_URL": "https://resume.example/", "API_URL": "https://api.example/live"}
    options = ("--config-file=pyproject.toml", f"--output={folder / 'results'}")
    return suite(str(folder), *options, **site, **environment)


def watch(sound, defect, *arguments, **environment):
    """Run the suite on a live site with a defect."""
    with serving(application(sound, defect)) as url:
        live = {"SITE_URL": f"{url}/", "API_URL": f"{url}/live", "REQUIRE_LIVE": "1"}
        return suite("e2e", *arguments, **live, **environment)


def suite(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
