"""The number: it is right, it counts, and watching it does not move it."""

from uuid import uuid4

import pytest

from e2e.api import Api
from e2e.visitor import Visitor
from visits import contract

ATTEMPTS = 3


def test_the_page_shows_the_number_of_the_api(visitor: Visitor):
    """A visitor sees the number that the API has."""
    seen = visitor.opens_the_page()
    told = visits(visitor.site.api, visitor.counter_of_the_page())
    if seen != told:  # somebody may have visited in between
        seen = visitor.opens_the_page()
    assert seen in {told, visits(visitor.site.api, visitor.counter_of_the_page())}, (
        f"A visitor sees {seen}, and the API says {told}."
    )


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
    """The suite counts on `smoke`, and the number that people see stays where it is."""
    visitor.opens_the_page()
    counter = visitor.counter_of_the_page()
    visitor.is_a_person()
    for _ in range(ATTEMPTS):  # a real visitor may come in between, but not every time
        before = visits(visitor.site.api, counter)
        visitor.opens_the_page()
        after = visits(visitor.site.api, counter)
        if before == after:
            return
    pytest.fail(f"A visitor sees {after} after {before}, because the suite looked at the page.")


def test_the_suite_is_nobody_elsewhere(visitor: Visitor):
    """Asked to count the suite on the public counter, the API says that it is a bot."""
    visitor.opens_the_page()
    counter = visitor.counter_of_the_page()
    visit = {"counterId": counter, "visitId": str(uuid4())}
    receipt = visitor.site.api.call("recordVisit", 200, 201, **visit)
    assert not receipt["counted"], "A visitor sees a number that programs have raised."
    assert receipt["reason"] == "bot"


def test_page_api_and_repository_have_one_contract(visitor: Visitor):
    """The script of the page, the running API and openapi.yaml have the same hash."""
    visitor.opens_the_page()
    repository = contract.load().sha256
    page = visitor.page.evaluate("customElements.get('visitor-counter').contract")
    api = visitor.site.api.call("readHealth")["contract"]
    assert page == repository, (
        f"A visitor gets an old page: its script was made from contract {page[:8]}, "
        f"and the repository has {repository[:8]}."
    )
    assert api == repository, (
        f"A visitor is counted by an old API: it runs contract {api[:8]}, "
        f"and the repository has {repository[:8]}."
    )


def test_a_page_view_is_one_counting_request(visitor: Visitor):
    """Counting takes one request, without a preflight."""
    sent = []
    visitor.page.on("request", lambda request: sent.append((request.method, request.url)))
    visitor.is_a_person()
    visitor.opens_the_page()
    assert [method for method, url in sent if "/visits" in url] == ["POST"]


def visits(api: Api, counter: str) -> int:
    return int(api.call("readCounter", counterId=counter)["visits"])
