"""The page in site/. A live page may look different, so a live run skips this file."""

import re
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from e2e.test_counter import FAILURES
from playwright.sync_api import expect

from e2e.visitor import Visitor, code_of_repository

LAYOUT_SHIFT = """() => new Promise(done => {
    const total = list => list.getEntries().reduce((sum, entry) => sum + entry.value, 0);
    const observer = new PerformanceObserver(list => done(total(list)));
    observer.observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(0), 300);
})"""


def test_the_script_is_that_of_the_repository(visitor: Visitor):
    """The page's script is the one in client/dist."""
    visitor.load_page()
    page, repository = visitor.code_of_page(), code_of_repository()
    assert page == repository, (
        f"The page is old: its script is {page}, and the repository's is {repository}."
    )


@pytest.mark.parametrize("failure", FAILURES)
def test_without_the_api_the_rest_of_the_page_works(visitor: Visitor, failure):
    """When the API fails, the page shows no error text and keeps its other content."""
    visitor.open_page_without_api(FAILURES[failure])
    page = visitor.page
    text = re.search(r"undefined|NaN|null|error", page.inner_text("body"), re.IGNORECASE)
    assert not text, f"Without the API the page shows {text[0]!r}."
    assert not [line for line in visitor.evidence.console if line.startswith("uncaught")]
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_fits_and_is_accessible(visitor: Visitor, width: int, scheme):
    """On phone and desktop, light and dark: no overflow, no layout shift, no axe violation."""
    visitor.page.emulate_media(color_scheme=scheme)
    visitor.page.set_viewport_size({"width": width, "height": 800})
    visitor.open_page()
    visitor.page.wait_for_load_state()
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visitor.page.evaluate(LAYOUT_SHIFT) == 0
    found = Axe().run(visitor.page)
    assert found.violations_count == 0, found.generate_report()


NAMES = {
    "Robin Example": 7,
    "Aleksandra Kowalczyk-Papadopoulos": 12,
    "Κωνσταντίνος Παπαχατζηδάκης": 14,
    "Karolina Wiśniewska-Brzęczyszczykiewicz": 19,
    "Wolfeschlegel\u00adsteinhausen\u00adbergerdorff": 13,
}
FONTS = ("DejaVu Sans", "Arial", "serif")
SET_NAME = """([name, letters, font]) => {
    const heading = document.querySelector("h1");
    heading.textContent = name;
    heading.style.setProperty("--letters", letters);
    document.body.style.fontFamily = font;
}"""
BROKEN_WORDS = r"""() => {
    const text = document.querySelector("h1").firstChild;
    return [...text.data.matchAll(/[^\s\u00ad-]+/g)].map(word => {
        const range = document.createRange();
        range.setStart(text, word.index + 1);  // a soft hyphen's line belongs to the first letter
        range.setEnd(text, word.index + word[0].length);
        return range.getClientRects().length > 1 ? word[0] : "";
    }).join("");
}"""


@pytest.mark.parametrize(
    ("width", "height"),
    [(320, 640), (390, 844), (640, 640), (768, 900), (960, 600), (1366, 600), (1920, 1080)],
)
def test_the_counter_is_in_view_beside_any_name(visitor: Visitor, width: int, height: int):
    """From phone to wide screen, in wide and narrow fonts, nothing scrolls sideways, the counter
    needs no scrolling, and no word of a name breaks except where the name allows it."""
    visitor.page.set_viewport_size({"width": width, "height": height})
    visitor.open_page()
    for (name, letters), font in product(NAMES.items(), FONTS):
        visitor.page.evaluate(SET_NAME, [name, letters, font])
        assert visitor.page.evaluate(BROKEN_WORDS) == ""
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        expect(visitor.page.locator("visitor-counter")).to_be_in_viewport(ratio=1)


def test_without_the_api_there_is_no_empty_band(visitor: Visitor):
    """When the API fails, counter and chart take no space on a phone."""
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    visitor.open_page_without_api(FAILURES["no route"])
    expect(visitor.page.locator("visitor-history")).to_be_hidden()
    assert visitor.page.locator(".visits").bounding_box()["height"] == 0  # type: ignore[index]


def test_without_scripts_a_badge_shows_the_number(browser, site):
    """Without JavaScript the page shows the API's badge image."""
    page = browser.new_page(java_script_enabled=False)
    page.set_default_timeout(site.timeout)
    page.goto(site.url)
    badge = page.locator("img[src*='/badge.svg']")
    expect(badge).to_be_visible()
    assert badge.evaluate("image => image.naturalWidth") > 0
    page.close()
