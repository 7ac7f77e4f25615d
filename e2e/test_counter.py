"""The number on the page is right, counts visits, ignores the suite, and may be unavailable."""

from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from e2e.api import Api
from e2e.visitor import COUNTER, VISITS_PATH, Visitor, code_of_repository

MANY = 10  # visits; more than other visitors make meanwhile, and below the API's rate limit
FAILURES = {
    "down": lambda route: route.abort(),
    "unavailable": lambda route: route.fulfill(status=503, json={"title": "Store unavailable"}),
    "no route": lambda route: route.fulfill(status=403, json={"message": "Forbidden"}),
    "not JSON": lambda route: route.fulfill(status=200, body="<html>"),
}
OLDER_SCRIPT = (
    "The page's script is {}, and the repository's is {}. Both work; when convenient, copy "
    "`client/dist/visitor-counter.js` to the page again."
)


def test_the_page_shows_the_number_of_the_api(visitor: Visitor):
    """The page shows the numbers that the API returns, even if other visitors come meanwhile."""
    visitor.open_page()
    for counter in visitor.counters_of_page():
        before = visits(visitor.site.api, counter)
        shown = visitor.open_page(counter)
        after = visits(visitor.site.api, counter)
        assert before <= shown <= after, f"The page shows {shown}, and the API returns {after}."


def test_a_visit_increments_the_number_by_one(visitor: Visitor):
    """Each number of the page is one higher when a visitor loads the page again."""
    visitor.load_page()
    for counter in visitor.counters_of_page():
        visitor.be_counted(counter)
        first = visitor.open_page(counter)
        second = visitor.open_page(counter)
        if second == first:
            pytest.fail(
                f"The page shows {first}, and {second} again at the next visit: not counted."
            )
        if second != first + 1:
            pytest.fail(
                f"The page shows {first}, and {second} at the next visit: one visit is one."
            )
        assert visits(visitor.site.api, "smoke") == second


def test_the_suite_does_not_change_the_public_number(visitor: Visitor):
    """Visits that the suite records on `smoke` do not change a public counter."""
    visitor.load_page()
    counters = visitor.counters_of_page()
    before = {counter: visits(visitor.site.api, counter) for counter in counters}
    for _ in range(MANY):
        visitor.site.api.call("recordVisit", 201, counterId="smoke", visitId=str(uuid4()))
    for counter in counters:
        after = visits(visitor.site.api, counter)
        if after >= before[counter] + MANY:
            pytest.fail(
                f"The page shows {after} after {before[counter]}: the suite's visits were counted."
            )


def test_the_public_counter_rejects_bots(visitor: Visitor):
    """The API does not count a visit of the suite on a public counter, with reason `bot`."""
    visitor.load_page()
    for counter in visitor.counters_of_page():
        visit = {"counterId": counter, "visitId": str(uuid4())}
        receipt = visitor.site.api.call("recordVisit", 200, 201, **visit)
        assert not receipt["counted"], "The public number includes visits of bots."
        assert receipt["reason"] == "bot"


def test_a_page_view_sends_one_counting_request(visitor: Visitor):
    """A page view sends one POST per counter without a preflight; a retry repeats the visitId."""
    visitor.load_page()
    counters = visitor.counters_of_page()
    sent = set()
    visitor.page.on("request", lambda request: sent.add((request.method, request.url)))
    visitor.be_counted(counters[0])
    for counter in counters:
        visitor.open_page(counter)
        counting = {(method, urlsplit(url)) for method, url in sent if VISITS_PATH.search(url)}
        methods = [method for method, url in counting if f"/counters/{counter}/" in url.path]
        assert methods == ["POST"]
        sent.clear()


@pytest.mark.parametrize("failure", FAILURES)
def test_without_the_api_there_is_no_number(visitor: Visitor, failure):
    """When the API fails, the element shows neither number nor label nor error."""
    visitor.open_page_without_api(FAILURES[failure])
    for counter in visitor.page.locator(COUNTER).all():
        text = counter.aria_snapshot().removeprefix("- status")
        assert not text, f"Without the API the page shows {text!r} instead of the number."


def test_the_script_of_the_page_may_be_older(visitor: Visitor, record_property):
    """The page's script reports its hash; an older one is noted, not failed."""
    visitor.load_page()
    script, repository = visitor.code_of_page(), code_of_repository()
    if script != repository:
        record_property("note", OLDER_SCRIPT.format(script, repository))


def visits(api: Api, counter: str) -> int:
    """Return the total of a counter."""
    return int(api.call("readCounter", counterId=counter)["visits"])
