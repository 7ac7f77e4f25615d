"""The repository's own page around the number. Nobody's live page has to be like it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from e2e.test_counter import FAILURES
from e2e.visitor import Visitor
from visits import contract

LAYOUT_SHIFT = """() => new Promise(done => {
    const total = list => list.getEntries().reduce((sum, entry) => sum + entry.value, 0);
    const observer = new PerformanceObserver(list => done(total(list)));
    observer.observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(0), 300);
})"""


def test_page_and_repository_have_one_contract(visitor: Visitor):
    """The page's script was made from openapi.yaml as it is."""
    visitor.goes_to_the_page()
    page, repository = visitor.contract_of_the_page(), contract.load().sha256
    assert page == repository, (
        f"A visitor gets an old page: its script was made from contract {page[:8]}, "
        f"and the repository has {repository[:8]}."
    )


@pytest.mark.parametrize("failure", FAILURES)
def test_without_the_api_the_page_stays_whole(visitor: Visitor, failure):
    """No error, no word about it; everything but the number is there."""
    visitor.loses_the_api(FAILURES[failure])
    page = visitor.page
    broken = re.search(r"undefined|NaN|null|error", page.inner_text("body"), re.IGNORECASE)
    assert not broken, f"Without the API a visitor reads {broken[0]!r} on the page."
    assert not [line for line in visitor.evidence.console if line.startswith("uncaught")]
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_fits_and_is_accessible(visitor: Visitor, width: int, scheme):
    """Phone or desktop, light or dark: nothing is cut off or moves, and axe finds nothing."""
    visitor.page.emulate_media(color_scheme=scheme)
    visitor.page.set_viewport_size({"width": width, "height": 800})
    visitor.opens_the_page()
    visitor.page.wait_for_load_state()
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visitor.page.evaluate(LAYOUT_SHIFT) == 0
    found = Axe().run(visitor.page)
    assert found.violations_count == 0, found.generate_report()


def test_the_history_is_a_chart(visitor: Visitor):
    """A visitor sees a bar for each of the last thirty days, or hears the days one by one."""
    visitor.opens_the_page()
    history = visitor.page.locator("visitor-history")
    expect(history.locator("rect")).to_have_count(30)
    expect(history.get_by_role("listitem")).to_have_count(30)


def test_without_scripts_a_badge_shows_the_number(browser, site):
    """The noscript badge is an image of the API."""
    page = browser.new_page(java_script_enabled=False)
    page.goto(site.url)
    badge = page.locator("img[src*='/badge.svg']")
    expect(badge).to_be_visible()
    assert badge.evaluate("image => image.naturalWidth") > 0
    page.close()
