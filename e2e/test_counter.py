"""The number: it is right, it counts, watching it does not move it, and it may be missing."""

import re
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from e2e.api import Api
from e2e.visitor import COUNTER, COUNTING, Visitor
from visits import contract

MANY = 10  # visits, more than others make meanwhile: an API takes ten requests a second
FAILURES = {
    "down": lambda route: route.abort(),
    "unavailable": lambda route: route.fulfill(status=503, json={"title": "Store unavailable"}),
    "no route": lambda route: route.fulfill(status=403, json={"message": "Forbidden"}),
    "not JSON": lambda route: route.fulfill(status=200, body="<html>"),
}
OLDER = (
    "The page's script was made from contract {}, and the repository has {}. They go together; "
    "when convenient, copy `client/dist/visitor-counter.js` to the page again."
)


def test_the_page_shows_the_number_of_the_api(visitor: Visitor):
    """A visitor sees the number that the API has, however many others come meanwhile."""
    visitor.opens_the_page()
    counter = visitor.counter_of_the_page()
    before = visits(visitor.site.api, counter)
    seen = visitor.opens_the_page()
    after = visits(visitor.site.api, counter)
    assert before <= seen <= after, f"A visitor sees {seen}, and the API says {after}."


def test_a_visit_raises_the_number_by_exactly_one(visitor: Visitor):
    """A person sees the number go up by one when they load the page again."""
    visitor.is_a_person()
    first = visitor.opens_the_page()
    second = visitor.opens_the_page()
    if second == first:
        pytest.fail(f"A visitor sees {first}, and {second} again at the next visit: it is stuck.")
    if second != first + 1:
        pytest.fail(f"A visitor sees {first}, and {second} at the next visit: one visit is one.")
    assert visits(visitor.site.api, "smoke") == second


def test_watching_does_not_move_the_public_number(visitor: Visitor):
    """What the suite counts on `smoke` leaves the number that people see where it is."""
    visitor.goes_to_the_page()
    counter = visitor.counter_of_the_page()
    before = visits(visitor.site.api, counter)
    for _ in range(MANY):
        visitor.site.api.call("recordVisit", 201, counterId="smoke", visitId=str(uuid4()))
    after = visits(visitor.site.api, counter)
    if after >= before + MANY:
        pytest.fail(f"A visitor sees {after} after {before}, because the suite has counted.")


def test_the_suite_is_nobody_elsewhere(visitor: Visitor):
    """Asked to count the suite on the public counter, the API says that it is a bot."""
    visitor.goes_to_the_page()
    counter = visitor.counter_of_the_page()
    visit = {"counterId": counter, "visitId": str(uuid4())}
    receipt = visitor.site.api.call("recordVisit", 200, 201, **visit)
    assert not receipt["counted"], "A visitor sees a number that programs have raised."
    assert receipt["reason"] == "bot"


def test_a_page_view_is_one_counting_request(visitor: Visitor):
    """Counting takes one request, without a preflight; the same again if it was lost."""
    sent = set()
    visitor.page.on("request", lambda request: sent.add((request.method, request.url)))
    visitor.is_a_person()
    visitor.opens_the_page()
    counting = {(method, urlsplit(url).query) for method, url in sent if COUNTING.search(url)}
    assert [method for method, _visit in counting] == ["POST"]


@pytest.mark.parametrize("failure", FAILURES)
def test_without_the_api_there_is_no_number(visitor: Visitor, failure):
    """Where the number was there is nothing, no label and no word about it."""
    visitor.loses_the_api(FAILURES[failure])
    read = visitor.page.locator(COUNTER).first.aria_snapshot()
    assert not read, f"Without the API a visitor reads {read!r} where the number was."


def test_the_script_of_the_page_names_its_contract(visitor: Visitor, record_property):
    """The page's script says what it was made from. If the API is newer, that is noted."""
    visitor.goes_to_the_page()
    script, repository = visitor.contract_of_the_page(), contract.load().sha256
    assert re.fullmatch(r"[0-9a-f]{64}", script)
    if script != repository:
        record_property("note", OLDER.format(script[:8], repository[:8]))


def visits(api: Api, counter: str) -> int:
    return int(api.call("readCounter", counterId=counter)["visits"])
