"""Each check of e2e/ passes on a healthy site, whatever its script, and finds what is broken.

The site is the local stack behind a proxy, which adds a page or a defect. The checks run in this
process, with one browser for all of them.
"""

from contextlib import ExitStack
from dataclasses import replace
from uuid import uuid4

import pytest
from werkzeug.wrappers import Response

from contract import repository
from e2e import test_api, test_page
from e2e.conftest import browser_context_args  # noqa: F401
from e2e.finding import Finding
from e2e.visitor import Visitor, local_site
from tests.conftest import PERSON
from tests.e2e import sites
from tests.e2e.sites import FETCH, Call, page, shows, where
from tests.serving import serving

VISITS = "/live/counters/resume/visits"
pytestmark = pytest.mark.slow


def fails(_call):
    return Response("Bad gateway", 502)


def without_cors(call):
    response = call.forward()
    del response.headers["Access-Control-Allow-Origin"]
    return response


def stale(call):
    return call.altered(repository.load().sha256, 64 * "0")


def other_origin(call):
    """Serve a page that asks the same server by another host name, which is another origin."""
    other = call.request.host_url.replace("127.0.0.1", "localhost")
    return page(FETCH.replace('"/live', f'"{other}live'))(call)


def and_another(path="", site=Call.forward):
    """Return a change that counts the visit of a person, too."""
    return lambda call: (call.forward("POST", path, str(uuid4()), PERSON), site(call))[1]


def check_page(visitor):
    """Run the check of the number and return its notes."""
    notes = []
    test_page.test_the_page_shows_the_number_of_the_api(visitor, lambda _, text: notes.append(text))
    return notes


def check_contract(visitor):
    test_api.test_the_api_runs_the_contract_of_the_repository(visitor.site)


# The check that is meant for a site, if it is another one than check_page.
CHECKS = {
    "suite counted": test_api.test_the_suite_does_not_change_the_public_number,
    "bots counted": test_api.test_the_public_counter_rejects_bots,
    "old": check_contract,
    "other service": lambda visitor: test_api.test_responses_match_the_contract(
        visitor.site, "readCounter"
    ),
    "undefined": test_page.test_without_the_api_there_is_no_error_text,
}


@pytest.fixture
def visit(healthy_site, new_context, monkeypatch):
    """Return a function that creates a visitor of a changed site, with options of `Site`."""
    monkeypatch.setattr(test_api, "DEPLOYMENT_SECONDS", 0)
    monkeypatch.setattr(test_api, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(test_page, "FAILURES", {"503": test_page.FAILURES["unavailable"]})
    with ExitStack() as servers:

        def visit(change, waits=(60, 60, 0.1), path="", **options):
            proxy = sites.application(healthy_site.url.rstrip("/"), change)
            site = local_site(servers.enter_context(serving(proxy)))
            site = replace(site, url=site.url + path, **options)
            return Visitor(site, new_context, *waits)

        yield visit


HEALTHY_PAGES = {
    "banner": (sites.BANNER, {"click": "#accept", "selector": "#count"}),
    "frame": (sites.FRAME, {}),
    "hash routes": (sites.ROUTES, {"path": "#/home"}),
    "digits in a shadow root, late": (sites.COMPONENT, {}),
    "slot": (sites.SLOT, {}),
    "the same number elsewhere": (sites.IN_A_LIST, {}),
}


def test_the_design_of_a_page_is_not_checked(visit):
    """Its errors, a second counter and a service worker fail no check."""
    assert check_page(visit(page(sites.OWNERS_PAGE, worker=sites.WORKER))) == []


@pytest.mark.parametrize("case", HEALTHY_PAGES)
def test_a_page_with_any_script_passes(visit, case):
    """The number is found wherever and however the page shows it, and each visit is counted."""
    html, options = HEALTHY_PAGES[case]
    assert check_page(visit(page(html), **options)) == []


def test_visits_of_others_fail_no_check(visit):
    """Other visitors come during the run of a page that only reads the number, which is noted."""
    reads = page(sites.READS)
    visitor = visit(where("/counters/resume", and_another(VISITS, reads), reads))
    assert check_page(visitor) == [test_page.READS_ONLY]
    CHECKS["suite counted"](visitor)


def test_a_page_is_tested_with_another_api(visit, healthy_site):
    """Page and scripts ask API_URL, so a page whose own API is down passes."""
    down = where("/live/", fails, page(ELEMENT))
    assert check_page(visit(down, api=healthy_site.api, reroute=True)) == []


def test_an_error_text_that_is_always_there_is_none(visit):
    """Only a text that comes with the failure counts."""
    CHECKS["undefined"](visit(page(f"<p>I reduced the error rate to null.</p>{FETCH}")))


# The waits for a request, for the number, and for another request: short for what never comes.
NEVER_ASKS, NEVER_SHOWS = {"waits": (0.1, 60, 0.1)}, {"waits": (60, 0.3, 0.1)}
NO_ELEMENT = NEVER_SHOWS | {"selector": "#other"}
SAME_ID = str(uuid4())
ELEMENT = sites.ELEMENT.format("")
OTHER_HASH = sites.ELEMENT.format(f' integrity="sha512-{"A" * 86}=="')
THROWS = where("/elements/", lambda _: Response("no();", mimetype="text/javascript"), page(ELEMENT))
AS_PERSON = lambda call: call.forward(user_agent=PERSON)  # noqa: E731
NOT_COUNTED = where("POST", lambda call: call.forward(visit_id=SAME_ID))
HIDDEN_FRAME = sites.FRAME.replace("<iframe", "<iframe style='visibility: hidden'")
OWN_SCRIPT = "<script>fetch('/live/no')</script><script>nope()</script>"
NOT_ASKED = "nope is not defined .* It asks .*/live/no instead.* without a password"
NO_CORS = where("POST", without_cors, other_origin)
FAILING = {
    "api broken": {
        "not counted": (NOT_COUNTED, r"is (\d+), and \1 again", {}),
        "counted twice": (where("POST", and_another()), "one visit is one", {}),
        "suite counted": (where("POST", and_another(VISITS)), "visits were counted", {}),
        "bots counted": (AS_PERSON, "includes visits of bots", {}),
        "old": (where("/health", stale), "An old API counts", {}),
        "CORS": (NO_CORS, "says: .*No 'Access-Control-Allow-Origin", {"reroute": True}),
        "502": (where("POST", fails, page(FETCH)), "shows no number: POST .* 502", {}),
        "other service": (lambda _: Response("[]"), "another service .* MissingRequiredHeader", {}),
        "script throws": (THROWS, "says: ReferenceError: no is not defined", NEVER_ASKS),
        "no script": (where("/elements/", fails, page(ELEMENT)), "status of 502", NEVER_ASKS),
    },
    "page broken": {
        "hash": (page(OTHER_HASH), "hash, to the page", NEVER_ASKS),
        "constant": (page(shows("1234")), "no number that follows", NEVER_SHOWS),
        "wrong": (page(shows("n.visits + 7")), "shows '73525'", NEVER_SHOWS),
        "hidden": (page(f"<style>p {{opacity: 0}}</style>{FETCH}"), "no number", NEVER_SHOWS),
        "hidden frame": (page(HIDDEN_FRAME), "no number", NEVER_SHOWS),
        "policy": (page(sites.POLICY), "connect-src .* page's policy", NEVER_ASKS),
        "undefined": (page(sites.UNCHECKED), "'undefined'", {"waits": (60, 60, 60)}),
        "two IDs": (page(FETCH + sites.FRAME), "sends 2 visits", {}),
        "no counter": (page(sites.READS.replace("resume", "cv")), "'cv'", {}),
    },
    "page unknown": {
        "no page": (fails, "There is no page: .* 502", NEVER_ASKS),
        "other API": (where("localhost", fails, other_origin), "another API: http://localhost", {}),
        "no element": (page(FETCH), "No element matches", NO_ELEMENT),
        "own script": (page(OWN_SCRIPT), NOT_ASKED, NEVER_ASKS),
        "broken badge": (page(sites.BADGE), "a badge alone, an image", NEVER_ASKS),
    },
}


@pytest.mark.parametrize(
    ("verdict", "case"), [(verdict, case) for verdict in FAILING for case in FAILING[verdict]]
)
def test_the_verdict_says_what_is_wrong_and_where(visit, verdict, case):
    """The check that is meant for a defect fails, and says what it is and what to do."""
    change, message, options = FAILING[verdict][case]
    with pytest.raises(Finding, match=message) as caught:
        CHECKS.get(case, check_page)(visit(change, **options))
    assert f"{caught.value.part} {caught.value.verdict}" == verdict


@pytest.mark.parametrize(
    ("path", "check", "failure", "site"),
    [
        ("GET", check_page, fails, page(FETCH)),
        ("/health", check_contract, fails, Call.forward),
        ("/health", check_contract, stale, Call.forward),
        ("/smoke/visits", check_page, Call.lost, page(FETCH)),
    ],
)
def test_what_fails_once_is_repeated(visit, monkeypatch, path, check, failure, site):
    """A request that fails once fails no check, and a new deployment may answer as the old one."""
    answers = [failure]
    once = where(path, lambda call: answers.pop()(call) if answers else site(call), site)
    visitor = visit(once, (5, 60, 0.1))
    monkeypatch.setattr(test_api, "DEPLOYMENT_SECONDS", 60)
    check(visitor)
    assert not answers
