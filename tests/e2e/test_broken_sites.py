"""The suite can fail: each way for a site to be broken is caught by the test meant for it.

A broken site is the local stack behind a proxy with one defect.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from operator import attrgetter
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import BrowserContext, Page
from werkzeug.wrappers import Response

from e2e import test_api, test_counter, test_page
from e2e.api import Api
from e2e.evidence import Evidence
from e2e.visitor import Site, Visitor
from local.serving import serving
from tests.e2e.broken import Call, application, elsewhere
from visits import contract

PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"
ALWAYS_THE_SAME = str(uuid4())
SCRIPT = "/visitor-counter.js"


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


def popular(call):
    """Nothing is broken: whenever the number is asked for, somebody else has just come."""
    if call.request.path.endswith("/counters/resume"):
        path = f"{call.request.path}/visits"
        requests.post(
            call.sound + path, params={"visitId": str(uuid4())}, headers={"User-Agent": PERSON}
        ).raise_for_status()
    return call.forward()


def takes_programs_for_people(call):
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


def speaks_of_what_is_missing(call):
    return call.altered(SCRIPT, "visibility: hidden", "visibility: visible")


def stale_page(call):
    return call.altered(SCRIPT, contract.load().sha256, 64 * "0")


def stale_api(call):
    return call.altered("/live/health", contract.load().sha256, 64 * "0")


def no_cors(call):
    response = call.altered("/", 'api="/live"', f'api="{elsewhere(call.request.host_url)}live"')
    if call.is_api:
        del response.headers["Access-Control-Allow-Origin"]
    return response


def down(call):
    return Response("Bad gateway", 502) if call.is_api else call.forward()


def fails(call):
    return Response("Internal server error", 500) if call.is_api else call.forward()


def has_no_visits(call):
    response = call.forward()
    if call.is_api and response.is_json:
        response.set_data(re.sub(r'"visits": \d+, ', "", response.get_data(as_text=True)))
    return response


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
    test_api.test_the_service_answers(visitor.site, "readCounter")


def current(visitor: Visitor) -> None:
    test_api.test_the_api_runs_the_contract_of_the_repository(visitor.site)


def silent(visitor: Visitor) -> None:
    test_counter.test_without_the_api_there_is_no_number(visitor, "down")


def whole(visitor: Visitor) -> None:
    test_page.test_without_the_api_the_page_stays_whole(visitor, "down")


right = test_counter.test_the_page_shows_the_number_of_the_api
exact = test_counter.test_a_visit_raises_the_number_by_exactly_one
quiet = test_counter.test_watching_does_not_move_the_public_number
nobody = test_counter.test_the_suite_is_nobody_elsewhere
repeated = test_counter.test_a_page_view_is_one_counting_request
called = test_api.test_the_page_may_call_the_api
up_to_date = test_page.test_page_and_repository_have_one_contract
CAUGHT = [
    (stuck, exact, r"sees (\d+), and \1 again"),
    (counts_double, exact, "one visit is one"),
    (counts_the_suite, quiet, "because the suite has counted"),
    (takes_programs_for_people, nobody, "sees a number that programs have raised"),
    (no_counter, right, "sees no counter"),
    (hidden_number, right, "sees no number"),
    (wrong_number, right, r"sees \d+7, and the API says 1\d\d\d"),
    (no_script, right, "sees no counter"),
    (speaks_of_what_is_missing, silent, "Without the API a visitor reads .*Visits"),
    (stale_page, up_to_date, "gets an old page"),
    (stale_api, current, "is counted by an old API"),
    (no_cors, right, "sees no number"),
    (no_cors, called, "the browser keeps /health from the page"),
    (no_cors, ours, "Missing required header: Access-Control-Allow-Origin"),
    (down, right, "sees no number.* 502"),
    (down, ours, "answered 502"),
    (fails, called, r"keeps /health from the page \(500\)"),
    (has_no_visits, right, "sees no number.* 200"),
    (has_no_visits, ours, r"required \(\['counterId', 'visits'"),
    (no_route, right, "sees no number.* 403"),
    (no_route, ours, "Missing Authentication Token.* it is not our service that speaks"),
    (fragile, whole, "Without the API a visitor reads 'undefined'"),
    (no_page, right, "sees no page.* 403"),
]


FORGIVEN = [
    ("/", right),
    (SCRIPT, right),
    ("/live/health", current),
    ("/live/health", called),
    ("/live/counters/smoke", ours),
    ("/live/counters/resume", right),
    ("/live/counters/smoke/visits", exact),
    ("/live/counters/smoke/visits", repeated),
]
HICCUPS = {
    "lost": Call.lost,
    "unavailable": lambda _call: Response("Unavailable", 503),
}


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is far away, and what is broken stays so."""
    monkeypatch.setattr("e2e.visitor.PATIENCE", 3000)
    monkeypatch.setattr(test_api, "DEPLOYED_SECONDS", 1)
    monkeypatch.setattr(test_api, "PAUSE", 0.1)


@pytest.fixture
def visit(sound: str, page: Page, evidence: Evidence) -> Iterator[Callable[..., Visitor]]:
    """Visit a site with a defect."""
    with ExitStack() as servers:

        def visit(defect: Callable[[Call], Response]) -> Visitor:
            url = servers.enter_context(serving(application(sound, defect)))
            api = elsewhere(f"{url}/") if defect is no_cors else f"{url}/"
            return Visitor(page, Site(f"{url}/", Api(f"{api}live")), evidence)

        yield visit


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


@pytest.mark.parametrize("test", [right, quiet], ids=attrgetter("__name__"))
def test_a_popular_site_is_not_broken(visit, test):
    """People who come meanwhile do not roll back a release."""
    test(visit(popular))


@pytest.mark.parametrize("hiccup", HICCUPS)
@pytest.mark.parametrize(("path", "test"), FORGIVEN)
def test_one_lost_request_is_forgiven(visit, path, test, hiccup):
    """Page, script or API: what fails once and then works is not broken."""
    test(visit(first(1, path, HICCUPS[hiccup])))


def test_an_api_that_has_just_been_deployed_is_waited_for(visit):
    """It may serve what was there before for some seconds."""
    current(visit(first(3, "/live/health", stale_api)))


def first(times, path, defect):
    """The defect for so many requests to a path, and a sound site from then on."""
    left = [path] * times

    def passes(call):
        if call.request.path not in left:
            return call.forward()
        left.pop()
        return defect(call)

    return passes
