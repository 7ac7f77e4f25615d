"""Each check of e2e/ passes on a healthy site, whatever its script, and finds what is broken.

The site is the local stack behind a proxy, which adds a page or a defect. The checks run in this
process, with one browser for all of them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import requests
from werkzeug.wrappers import Response

from contract import repository
from e2e import test_api, test_page
from e2e.conftest import browser_context_args  # noqa: F401
from e2e.finding import API, BROKEN, PAGE, UNKNOWN, Finding
from e2e.visitor import Visitor, local_site
from tests.conftest import PERSON
from tests.e2e import pages
from tests.e2e.broken import SCRIPT, ProxiedRequest, application, other_origin
from tests.e2e.pages import Defect, page, script, shows
from tests.serving import serving

SAME_VISIT_ID = str(uuid4())
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
        requests.post(
            f"{call.healthy}{call.request.path}/visits?visitId={uuid4()}",
            headers={"User-Agent": PERSON},
        ).raise_for_status()
    return page(pages.READS)(call)


def counts_bots(call):
    return call.forward(user_agent=PERSON)


def stale_api(call):
    return call.altered("/live/health", repository.load().sha256, 64 * "0")


def no_cors(call):
    response = call.altered("/", 'api="/live"', f'api="{other_origin(call.request.host_url)}live"')
    if call.counts:
        del response.headers["Access-Control-Allow-Origin"]
    return response


def unavailable(call):
    return Response("Bad gateway", 502) if call.is_api else call.forward()


def refuses_visits(call):
    return Response("Bad gateway", 502) if call.counts else page(pages.FETCH)(call)


def no_route(call):
    if not call.is_api:
        return call.forward()
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}
    return Response('{"message": "Missing Authentication Token"}', 403, headers=headers)


def no_page(call):
    return call.forward() if call.is_api else Response("Access denied", 403)


def another_api(call):
    """Serve a page that asks another API than API_URL, and that one is down."""
    if call.is_api and "localhost" in call.request.host:
        return unavailable(call)
    other = other_origin(call.request.host_url)
    return page(pages.FETCH.replace('"/live', f'"{other}live'))(call)


def script_of_the_api(attributes: str = "", body: str = "", status: int = 200) -> Defect:
    """Return a defect that loads the element from the API, with attributes or another body."""

    def serve(call):
        if body and "/elements/" in call.request.path:
            return Response(body, status, mimetype="text/javascript")
        return call.altered("/", f'src="{SCRIPT[1:]}"', f'src="/live/elements{SCRIPT}"{attributes}')

    return serve


check_number = test_page.test_the_page_shows_the_number_of_the_api
check_survival = test_page.test_without_the_api_there_is_no_error_text
check_suite_uncounted = test_api.test_the_suite_does_not_change_the_public_number
check_bots = test_api.test_the_public_counter_rejects_bots


def check_increment(visitor: Visitor) -> list[str]:
    notes: list[str] = []
    note = lambda _name, text: notes.append(text)  # noqa: E731
    test_page.test_a_visit_increments_the_number_by_one(visitor, note)
    return notes


def check_response(visitor: Visitor) -> None:
    test_api.test_responses_match_the_contract(visitor.site, "readCounter")


def check_api_contract(visitor: Visitor) -> None:
    test_api.test_the_api_runs_the_contract_of_the_repository(visitor.site)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a deployment that never comes."""
    monkeypatch.setattr(test_api, "DEPLOYMENT_SECONDS", 0)
    monkeypatch.setattr(test_api, "POLL_SECONDS", 0.1)


@pytest.fixture
def visit(healthy_site, new_context) -> Iterator[Callable[..., Visitor]]:
    """Return a function that creates a visitor of a site with a defect.

    The waits are short for what never comes. The options are those of `Site`.
    """
    with ExitStack() as servers:

        def visit(
            defect: Defect,
            path: str = "/",
            after_load: float = 60,
            after_answer: float = 60,
            after_failure: float = 0.1,
            **options: Any,
        ) -> Visitor:
            proxy = application(healthy_site.url.rstrip("/"), defect)
            url = servers.enter_context(serving(proxy))
            api = local_site(other_origin(url) if defect is no_cors else url).api
            site = replace(local_site(url), **{"url": url + path, "api": api, **options})
            return Visitor(site, new_context, after_load, after_answer, after_failure)

        yield visit


@pytest.mark.parametrize(
    ("html", "options"),
    [
        pytest.param(pages.FETCH, {"selector": "#count"}, id="fetch"),
        pytest.param(pages.GENERATED, {}, id="generated client"),
        pytest.param(pages.BANNER, {"click": "#accept"}, id="banner"),
        pytest.param(pages.FRAME, {}, id="frame"),
        pytest.param(pages.ROUTES, {"path": "/#/home"}, id="hash routes"),
        pytest.param(pages.COMPONENT, {}, id="digits in a shadow root, late"),
        pytest.param(pages.COMPACT, {}, id="abbreviated"),
        pytest.param(shows("n.visitors"), {}, id="visitors"),
    ],
)
def test_a_page_with_any_script_passes(visit, html, options):
    """The number is found wherever and however the page shows it, and each visit is counted."""
    assert check_increment(visit(page(html), **options)) == []


def test_the_page_of_the_repository_passes(visit):
    """The page in site/ passes all checks behind the proxy."""
    visitor = visit(healthy)
    for check in (check_increment, check_survival, check_bots):
        check(visitor)


@pytest.mark.parametrize("check", [check_number, check_suite_uncounted])
def test_visits_of_others_fail_no_check(visit, check):
    """Other visitors who come during a run do not fail it."""
    check(visit(popular))


# The waits of checks that fail: for a request, for the number, and for another try of the page.
NEVER_ASKS, NEVER_SHOWS, PATIENT = {"after_load": 0.1}, {"after_answer": 0.3}, {"after_failure": 60}
HIDDEN = "<style>#count { opacity: 0 }</style>"
ELSEWHERE = '<b id="other">62</b>'
THROWS = script_of_the_api(body="no();")
NO_SCRIPT = script_of_the_api(body="Down", status=503)
OTHER_HASH = script_of_the_api(attributes=f' integrity="sha512-{"A" * 86}=="')
SELECTOR = {"selector": "#other", **NEVER_SHOWS}

BROKEN_SITES = {
    "not counted": (counts_nothing, check_increment, API, r"is (\d+), and \1 again", {}),
    "counted twice": (counts_twice, check_increment, API, "one visit is one", {}),
    "public": (counts_suite_publicly, check_suite_uncounted, API, "visits were counted", {}),
    "bots": (counts_bots, check_bots, API, "includes visits of bots", {}),
    "old": (stale_api, check_api_contract, API, "An old API counts", {}),
    "CORS": (no_cors, check_number, API, "browser says: .*No 'Access-Control-Allow-Origin", {}),
    "page's 502": (refuses_visits, check_number, API, "shows no number: POST .* 502", {}),
    "502": (unavailable, check_response, API, "returned 502", {}),
    "403": (no_route, check_response, API, "another service answered", {}),
    "throws": (THROWS, check_number, API, "no is not defined", NEVER_ASKS),
    "503": (
        script_of_the_api(body="Down", status=503),
        check_number,
        API,
        "not load: .* 503",
        NEVER_ASKS,
    ),
    "hash": (OTHER_HASH, check_number, PAGE, "page names in `integrity`", NEVER_ASKS),
    "constant": (page(shows("1234")), check_number, PAGE, "no number that follows", NEVER_SHOWS),
    "wrong": (page(shows("n.visits + 7")), check_number, PAGE, "shows '62944'", NEVER_SHOWS),
    "hidden": (page(pages.FETCH + HIDDEN), check_number, PAGE, "shows no number", NEVER_SHOWS),
    "elsewhere": (page(pages.FETCH + ELSEWHERE), check_number, PAGE, "SELECTOR=#other", SELECTOR),
    "policy": (page(pages.POLICY), check_number, PAGE, "`connect-src`", NEVER_ASKS),
    "undefined": (page(pages.UNCHECKED), check_survival, PAGE, "'undefined'", PATIENT),
    "one ID": (page(pages.ONE_ID), check_increment, PAGE, "same visitId", {}),
    "two IDs": (page(pages.TWO_IDS), check_increment, PAGE, "sends 2 visits", {}),
    "no counter, API": (
        *(page(pages.READS.replace("resume", "cv")), check_bots, PAGE, "'cv'", {}),
    ),
    "no counter": (page(pages.READS.replace("resume", "cv")), check_number, PAGE, "'cv'", {}),
}


@pytest.mark.parametrize("case", BROKEN_SITES)
def test_a_broken_site_fails_its_check(visit, case, monkeypatch):
    """The check that is meant for a defect fails, and says what it is and whose."""
    monkeypatch.setattr(test_page, "FAILURES", {"503": test_page.FAILURES["unavailable"]})
    defect, check, part, message, options = BROKEN_SITES[case]
    with pytest.raises(Finding, match=message) as caught:
        check(visit(defect, **options))
    assert (caught.value.part, caught.value.verdict) == (part, BROKEN)


@pytest.mark.parametrize(
    ("defect", "message", "options"),
    [
        (no_page, "There is no page: .* 403", {}),
        (another_api, "asks another API: http://localhost", {"after_load": 60}),
        (page(""), "CLICK_FIRST=", {}),
        (page(pages.BANNER), "Nothing on it .* CLICK_FIRST=#ok", {"click": "#ok"}),
        (page(pages.FETCH), "CLICK_FIRST=## is no CSS selector", {"click": "##"}),
        (page(pages.FETCH), "No element matches", {"after_load": 60, **SELECTOR}),
        (page(pages.SIGN_IN), "password", {}),
        (page(pages.BADGE), "only the badge", {}),
        (page('<script src="own.js"></script>'), "does not load: .*/own.js", {}),
        (page(script("nope()")), "nope is not defined", {}),
        (page("<script>fetch('/live/counter')</script>"), "ask .*/live/counter instead", {}),
    ],
)
def test_a_page_that_never_asks_is_not_known(visit, defect, message, options):
    """Nothing is known about such a page; the message says why, and what to do."""
    with pytest.raises(Finding, match=message) as caught:
        check_number(visit(defect, **{**NEVER_ASKS, **options}))
    assert (caught.value.part, caught.value.verdict) == (PAGE, UNKNOWN)


@pytest.mark.parametrize(
    ("defect", "options"),
    [
        (unavailable, {"reroute": True}),
        (NO_SCRIPT, {"reroute": True}),
    ],
)
def test_a_page_is_tested_with_another_api(visit, healthy_site, defect, options):
    """All requests of the page go to API_URL, so a page whose own API is down passes."""
    check_number(visit(defect, api=healthy_site.api, **options))


def test_a_page_that_only_reads_is_noted(visit):
    """A page that sends no visit is healthy, whatever digits it uses."""
    [note] = check_increment(visit(page(pages.READS)))
    assert "sends no visit" in note


@pytest.mark.parametrize("failure", [ProxiedRequest.lost, lambda _call: Response("No", 503)])
@pytest.mark.parametrize(
    ("path", "check", "site"),
    [
        ("/visitor-counter.js", check_number, healthy),
        ("/live/health", check_api_contract, healthy),
        ("/live/counters/smoke/visits", check_increment, page(pages.FETCH)),
    ],
)
def test_one_failed_request_is_retried(visit, path, check, site, failure):
    """A request for a script or the API that fails once and then works fails no check."""
    check(visit(first(1, path, failure, site), after_load=5))


def test_the_suite_waits_for_a_new_deployment(visit, monkeypatch):
    """After a deployment the API may report the old contract for some seconds."""
    monkeypatch.setattr(test_api, "DEPLOYMENT_SECONDS", 60)
    check_api_contract(visit(first(3, "/live/health", stale_api)))


def first(times, path, defect, otherwise=healthy):
    """Return a defect that affects only the first requests for a path."""
    left = [path] * times

    def limited(call):
        if call.request.path not in left:
            return otherwise(call)
        left.pop()
        return defect(call)

    return limited
