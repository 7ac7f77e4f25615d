"""The suite can fail: each way for a site to be broken is caught by the test meant for it.

A broken site is the local stack behind a proxy with one defect.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import BrowserContext, Page
from werkzeug.wrappers import Request, Response

from e2e import test_api, test_counter, test_page
from e2e.api import Api
from e2e.conftest import live
from e2e.evidence import Evidence
from e2e.visitor import Site, Visitor
from tests import stack
from tests.serving import served
from visits import contract

PASSED = {"Access-Control-Allow-Origin", "Cache-Control", "Content-Type"}
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"
ALWAYS_THE_SAME = str(uuid4())


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a stack in which nothing is broken."""
    environment = {
        "ALLOWED_ORIGINS": "*",
        "COUNTERS": '{"resume": {"visits": 1000}, "smoke": {"visits": 500}}',
    }
    with stack.running(stack.checkout(tmp_path_factory.mktemp("sound")), **environment) as running:
        yield running.url


@dataclass
class Call:
    """A request to a broken site, and how it is passed on to the sound one."""

    sound: str
    request: Request

    @property
    def is_api(self) -> bool:
        return self.request.path.startswith("/live/")

    @property
    def counts(self) -> bool:
        return self.request.method == "POST"

    def forward(self, *, path: str = "", visit_id: str = "", user_agent: str = "") -> Response:
        """Answer as the sound site does, to this request or to a changed one."""
        agent = user_agent or self.request.headers["User-Agent"]
        answer = requests.request(
            self.request.method,
            self.sound + (path or self.request.path),
            params={"visitId": visit_id} if visit_id else self.request.args,
            headers={"User-Agent": agent},
            timeout=10,
        )
        passed = {name: answer.headers[name] for name in PASSED if name in answer.headers}
        return Response(answer.content, answer.status_code, headers=passed)

    def altered(self, name: str, old: str, new: str) -> Response:
        """The same with another text in one of the files."""
        response = self.forward()
        if self.request.path == name:
            text = response.get_data(as_text=True)
            assert old in text, "a defect that changes nothing proves nothing"
            response.set_data(text.replace(old, new))
        return response


def sound_site(call):
    return call.forward()


def stuck(call):
    return call.forward(visit_id=ALWAYS_THE_SAME if call.counts else "")


def counts_double(call):
    if call.counts:
        call.forward(visit_id=str(uuid4()))
    return call.forward()


def counts_the_suite(call):
    if call.counts:
        path = call.request.path.replace("smoke", "resume")
        call.forward(path=path, visit_id=str(uuid4()), user_agent=PERSON)
    return call.forward()


def takes_programs_for_people(call):
    return call.forward(user_agent=PERSON)


def no_counter(call):
    return call.altered("/", "visitor-counter", "visitor-center")


def wrong_number(call):
    return call.altered("/", ' counter="resume">Visits<', ' counter="resume" show="today">Visits<')


def hidden_number(call):
    return call.altered("/style.css", "::part(number) {", "::part(number) { display: none;")


def stale_page(call):
    return call.altered("/visitor-counter.js", contract.load().sha256, 64 * "0")


def stale_api(call):
    return call.altered("/live/health", contract.load().sha256, 64 * "0")


def no_cors(call):
    response = call.altered("/", 'api="/live"', f'api="{elsewhere(call.request.host_url)}live"')
    if call.is_api:
        del response.headers["Access-Control-Allow-Origin"]
    return response


def down(call):
    return Response("Bad gateway", 502) if call.is_api else call.forward()


def no_route(call):
    if not call.is_api:
        return call.forward()
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}
    return Response('{"message": "Missing Authentication Token"}', 403, headers=headers)


def fragile(call):
    script = """<script>addEventListener("visitor-counter:failure",
        event => document.querySelector("h1").append(event.detail.visits))</script>"""
    return call.altered("/", "</body>", f"{script}</body>")


def no_page(call):
    return call.forward() if call.is_api else Response("Access denied", 403)


def ours(visitor: Visitor) -> None:
    test_api.test_the_service_answers(visitor, "readCounter")


def whole(visitor: Visitor) -> None:
    test_page.test_without_the_api_the_page_stays_whole(visitor, "down")


right = test_counter.test_the_page_shows_the_number_of_the_api
exact = test_counter.test_a_visit_raises_the_number_by_exactly_one
quiet = test_counter.test_watching_does_not_move_the_public_number
nobody = test_counter.test_the_suite_is_nobody_elsewhere
one_contract = test_counter.test_page_api_and_repository_have_one_contract
CAUGHT = [
    (stuck, exact, r"sees (\d+), and \1 again"),
    (counts_double, exact, "one visit is one"),
    (counts_the_suite, quiet, "because the suite looked at the page"),
    (takes_programs_for_people, nobody, "sees a number that programs have raised"),
    (no_counter, right, "sees no counter"),
    (hidden_number, right, "sees no number"),
    (wrong_number, right, r"sees \d, and the API says 1\d\d\d"),
    (stale_page, one_contract, "gets an old page"),
    (stale_api, one_contract, "is counted by an old API"),
    (no_cors, right, "sees no number"),
    (no_cors, test_api.test_the_page_may_call_the_api, "the browser keeps /health from the page"),
    (no_cors, test_api.test_every_page_may_read_the_api, "no Access-Control-Allow-Origin"),
    (down, right, "sees no number.* 502"),
    (no_route, right, "sees no number.* 403"),
    (no_route, ours, "Missing Authentication Token.* it is not our service that speaks"),
    (fragile, whole, "Without the API a visitor reads 'undefined'"),
    (no_page, right, "sees no page.* 403"),
]


@pytest.fixture
def visit(sound: str, page: Page, evidence: Evidence) -> Iterator[Callable[..., Visitor]]:
    """Visit a site with a defect."""
    with ExitStack() as servers:

        def visit(defect: Callable[[Call], Response]) -> Visitor:
            url = servers.enter_context(served(application(sound, defect)))
            api = elsewhere(f"{url}/") if defect is no_cors else f"{url}/"
            return Visitor(page, Site(f"{url}/", Api(f"{api}live")), evidence)

        yield visit


def application(sound: str, defect: Callable[[Call], Response]) -> Any:
    """A sound site with a defect."""

    def serve(request: Request) -> Response:
        return defect(Call(sound, request))

    return Request.application(serve)


def elsewhere(url: str) -> str:
    """The same server by another name, which makes it another origin."""
    return url.replace("127.0.0.1", "localhost")


@pytest.fixture
def evidence(context: BrowserContext) -> Evidence:
    return Evidence(context)


@pytest.mark.parametrize(
    ("defect", "test", "message"),
    [pytest.param(*each, id=f"{each[0].__name__}, {each[1].__name__}") for each in CAUGHT],
)
def test_a_broken_site_is_caught(visit, defect, test, message):
    """The test that is meant for a defect fails, and says what a visitor sees."""
    with pytest.raises((AssertionError, pytest.fail.Exception)) as caught:
        test(visit(defect))
    assert re.search(message, str(caught.value))


@pytest.mark.parametrize(
    "test", dict.fromkeys(test for _, test, _ in CAUGHT), ids=attrgetter("__name__")
)
def test_a_sound_site_is_not(visit, test):
    """Behind the same proxy without a defect every one of these tests passes."""
    test(visit(sound_site))


def test_a_failure_leaves_what_is_needed_to_understand_it(sound, tmp_path):
    """Evidence of each kind is kept, and the summary says in words what is wrong."""
    with served(application(sound, no_route)) as url:
        live = {"SITE_URL": f"{url}/", "API_URL": f"{url}/live", "REQUIRE_LIVE": "1"}
        run = suite("-k", "shows_the_number", f"--output={tmp_path}", **live)
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
        live(environment)


def suite(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-q", "e2e", *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
