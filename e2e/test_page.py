"""What a visitor of the resume page sees."""

import re

import pytest
from playwright.sync_api import Page, Route, expect


def number(page: Page) -> int:
    """The number on the page, once it is there."""
    counter = page.locator("[data-visits]")
    expect(counter).to_have_text(re.compile(r"\d"))
    return int(re.sub(r"\D", "", counter.inner_text()))


def test_the_number_renders_and_a_reload_raises_it(page: Page, site: str):
    """A visitor sees the number of visits; the next page view shows one more."""
    page.goto(site)
    first = number(page)
    page.reload()
    assert number(page) == first + 1


def test_a_page_view_is_one_request(page: Page, site: str):
    """Counting costs one request and no preflight."""
    sent = []
    page.on(
        "request", lambda request: sent.append(request.method) if "/live/" in request.url else None
    )
    page.goto(site)
    number(page)
    assert sent == ["POST"]


@pytest.mark.parametrize(
    "answer",
    [
        lambda route: route.abort(),
        lambda route: route.fulfill(status=503, json={"title": "Store unavailable"}),
        lambda route: route.fulfill(status=404, json={"message": "Missing Authentication Token"}),
        lambda route: route.fulfill(status=200, json={"visits": "many"}),
        lambda route: route.fulfill(status=200, body="<html>"),
    ],
    ids=["down", "unavailable", "no route", "not a number", "not JSON"],
)
def test_without_the_api_the_page_stays_whole_and_says_nothing_wrong(page: Page, site: str, answer):
    """No number, no error, no word about it; everything else is there."""
    errors: list[object] = []
    page.on("pageerror", lambda error: errors.append(error))  # noqa: PLW0108 - Playwright marks it

    def fulfil(route: Route) -> None:
        answer(route)

    page.route("**/live/**", fulfil)
    page.goto(site)
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-visits]")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert not re.search(r"undefined|NaN|null|error", page.inner_text("body"), re.IGNORECASE)
    assert errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_fits(page: Page, site: str, width: int, scheme):
    """Nothing is cut off on a phone or a desktop, in light or dark, and nothing moves."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site)
    number(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shift = """new Promise(done => new PerformanceObserver(list => done(
        list.getEntries().reduce((sum, entry) => sum + entry.value, 0)
    )).observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 300))"""
    assert page.evaluate(shift) == 0


def test_without_scripts_a_badge_shows_the_number(browser, site: str):
    """The noscript badge is an image of the API."""
    page = browser.new_page(java_script_enabled=False)
    page.goto(site)
    badge = page.get_by_alt_text("Number of visits")
    expect(badge).to_be_visible()
    assert badge.evaluate("image => image.naturalWidth") > 0
    page.close()
