"""Each defect of a site fails the check of e2e/ that is meant for it.

The broken site is the healthy local stack behind a proxy with one defect. The checks run in this
process, with one browser for all of them.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from operator import attrgetter
from uuid import uuid4

import pytest
import requests
from e2e.evidence import Evidence
from playwright.sync_api import Page
from werkzeug.wrappers import Response

from contract import repository
from e2e import test_api, test_counter, test_page
from e2e.conftest import browser_context_args, count_on_smoke_only  # noqa: F401
from e2e.visitor import Site, Visitor, code_of_repository, local_site
from local.serving import serving
from tests.conftest import PERSON
from tests.e2e.broken import ProxiedRequest, application, other_origin

SAME_VISIT_ID = str(uuid4())
SCRIPT = "/visitor-counter.js"

pytestmark = pytest.mark.slow


def healthy(call):
    return call.forward()


def counts_nothing(call):
    return call.forward(visit_id=SAME_VISIT_ID if call.counts else "")


def counts_twice(call):
    if call.counts:
        call.forward(visit_id=str(uuid4()))
    return call.forward()


def counts_suite_publicly(call):
    if call.counts:
        path = call.request.path.replace("smoke", "resume")
        call.forward(path=path, visit_id=str(uuid4()), user_agent=PERSON)
    return call.forward()


def popular(call):
    """Record a visit of another visitor before each read of the number; nothing is broken."""
    if call.request.path.endswith("/counters/resume"):
        path = f"{call.request.path}/visits"
        requests.post(
            call.healthy + path, params={"visitId": str(uuid4())}, headers={"User-Agent": PERSON}
        ).raise_for_status()
    return call.forward()


def counts_bots(call):
    return call.forward(user_agent=PERSON)


def no_counter(call):
    return call.altered("/", "visitor-counter", "visitor-center")


def wrong_number(call):
    script = """<script>addEventListener("visitor-counter:update", ({target}) =>
        target.shadowRoot.querySelector("[part=number]").append("7"))</script>"""
    return call.altered("/", "</body>", f"{script}</body>")


def hidden_number(call):
    return call.altered("/style.css", "::part(number) {", "::part(number) { display: none;")


def no_script(call):
    return Response("Not found", 404) if call.request.path == SCRIPT else call.forward()


def shows_label_without_number(call):
    script = """<script>addEventListener("visitor-counter:failure", ({target}) => {
        target.dataset.state = "known";
        target.shadowRoot.append("Visits");
    })</script>"""
    return call.altered("/", "</body>", f"{script}</body>")


def stale_page(call):
    return call.altered(SCRIPT, code_of_repository(), 16 * "0")


def stale_api(call):
    return call.altered("/live/health", repository.load().sha256, 64 * "0")


def no_cors(call):
    response = call.altered("/", 'api="/live"', f'api="{other_origin(call.request.host_url)}live"')
    if call.is_api:
        del response.headers["Access-Control-Allow-Origin"]
    return response


def unavailable(call):
    return Response("Bad gateway", 502) if call.is_api else call.forward()


def internal_error(call):
    return Response("Internal server error", 500) if call.is_api else call.forward()


def omits_visits(call):
    response = call.forward()
    if call.is_api and response.is_json:
        response.set_data(re.sub(r'"visits": \d+, ', "", response.get_data(as_text=True)))
    return response


def no_route(call):
    if not call.is_api:
        return call.forward()
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}
    return Response('{"message": "Missing Authentication Token"}', 403, headers=headers)


def shows_undefined(call):
    script = """<script>addEventListener("visitor-counter:failure",
        event => document.querySelector("h1").append(event.detail.visits))</script>"""
    return call.altered("/", "</body>", f"{script}</body>")


def no_page(call):
    return call.forward() if call.is_api else Response("Access denied", 403)


def check_response(visitor: Visitor) -> None:
    test_api.test_responses_match_the_contract(visitor.site, "readCounter")


def check_api_contract(visitor: Visitor) -> None:
    test_api.test_the_api_runs_the_contract_of_the_repository(visitor.site)


def check_no_number(visitor: Visitor) -> None:
    test_counter.test_without_the_api_there_is_no_number(visitor, "down")


def check_rest_of_page(visitor: Visitor) -> None:
    test_page.test_without_the_api_the_rest_of_the_page_works(visitor, "down")


check_number = test_counter.test_the_page_shows_the_number_of_the_api
check_increment = test_counter.test_a_visit_increments_the_number_by_one
check_suite_uncounted = test_counter.test_the_suite_does_not_change_the_public_number
check_bots = test_counter.test_the_public_counter_rejects_bots
check_one_request = test_counter.test_a_page_view_sends_one_counting_request
check_cors = test_api.test_the_page_may_call_the_api
check_script = test_page.test_the_script_is_that_of_the_repository

CAUGHT = [
    (counts_nothing, check_increment, r"shows (\d+), and \1 again"),
    (counts_twice, check_increment, "one visit is one"),
    (counts_suite_publicly, check_suite_uncounted, "the suite's visits were counted"),
    (counts_bots, check_bots, "includes visits of bots"),
    (no_counter, check_number, "shows no counter"),
    (hidden_number, check_number, "shows no number"),
    (wrong_number, check_number, r"shows \d+7, and the API returns 1\d\d\d"),
    (no_script, check_number, "shows no counter"),
    (shows_label_without_number, check_no_number, "Without the API the page shows .*Visits"),
    (stale_page, check_script, "The page is old"),
    (stale_api, check_api_contract, "An old API counts"),
    (no_cors, check_number, "shows no number"),
    (no_cors, check_cors, "the browser does not let it read /health"),
    (no_cors, check_response, "Missing required header: Access-Control-Allow-Origin"),
    (unavailable, check_number, "shows no number.* 502"),
    (unavailable, check_response, "returned 502"),
    (internal_error, check_cors, r"does not let it read /health \(500\)"),
    (omits_visits, check_number, "shows no number.* 200"),
    (omits_visits, check_response, r"required \(\['counterId', 'visits'"),
    (no_route, check_number, "shows no number.* 403"),
    (no_route, check_response, "Missing Authentication Token.*another service answered"),
    (shows_undefined, check_rest_of_page, "Without the API the page shows 'undefined'"),
    (no_page, check_number, "There is no page.* 403"),
]
RETRIED = [
    ("/", check_number),
    (SCRIPT, check_number),
    ("/live/health", check_api_contract),
    ("/live/health", check_cors),
    ("/live/counters/smoke", check_response),
    ("/live/counters/resume", check_number),
    ("/live/counters/smoke/visits", check_increment),
    ("/live/counters/smoke/visits", check_one_request),
]
FAILURES = {
    "lost": ProxiedRequest.lost,
    "unavailable": lambda _call: Response("Unavailable", 503),
}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a deployment that never comes."""
    monkeypatch.setattr(test_api, "DEPLOYMENT_SECONDS", 0)
    monkeypatch.setattr(test_api, "POLL_SECONDS", 0.1)


@pytest.fixture
def visit(
    healthy_site: Site, page: Page, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Visitor]]:
    """Return a function that creates a visitor of a site with a defect."""
    with ExitStack() as servers:

        def visit(defect: Callable[[ProxiedRequest], Response]) -> Visitor:
            if defect in (no_counter, no_script):  # Otherwise a slow page would be loaded twice.
                monkeypatch.setattr("e2e.visitor.AFTER_LOAD", 100)
            proxy = application(healthy_site.url.rstrip("/"), defect)
            url = servers.enter_context(serving(proxy))
            site = local_site(url)
            if defect is no_cors:
                site = replace(site, api=local_site(other_origin(url)).api)
            return Visitor(page, site, Evidence(page.context))

        yield visit


@pytest.mark.parametrize(
    ("defect", "check", "message"),
    [pytest.param(*each, id=f"{each[0].__name__}, {each[1].__name__}") for each in CAUGHT],
)
def test_a_broken_site_fails_its_check(visit, defect, check, message):
    """The check that is meant for a defect fails and describes it."""
    with pytest.raises((AssertionError, pytest.fail.Exception)) as caught:
        check(visit(defect))
    assert re.search(message, str(caught.value))


@pytest.mark.parametrize(
    "check",
    [check_bots, check_no_number, check_rest_of_page, check_script],
    ids=attrgetter("__name__"),
)
def test_a_healthy_site_passes(visit, check):
    """Without a defect these checks pass behind the proxy; the tests below show the others."""
    check(visit(healthy))


@pytest.mark.parametrize("check", [check_number, check_suite_uncounted], ids=attrgetter("__name__"))
def test_visits_of_others_fail_no_check(visit, check):
    """Other visitors who come during a run do not fail it."""
    check(visit(popular))


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(("path", "check"), RETRIED)
def test_one_failed_request_is_retried(visit, path, check, failure):
    """A request for page, script or API that fails once and then works fails no check."""
    check(visit(first(1, path, FAILURES[failure])))


def test_the_suite_waits_for_a_new_deployment(visit, monkeypatch):
    """After a deployment the API may report the old contract for some seconds."""
    monkeypatch.setattr(test_api, "DEPLOYMENT_SECONDS", 60)
    check_api_contract(visit(first(3, "/live/health", stale_api)))


def first(times, path, defect):
    """Return a defect that affects only the first requests for a path."""
    left = [path] * times

    def limited(call):
        if call.request.path not in left:
            return call.forward()
        left.pop()
        return defect(call)

    return limited
