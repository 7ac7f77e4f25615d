"""The page in site/ in a browser."""

from collections.abc import Callable
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from e2e.visitor import Site

pytestmark = pytest.mark.slow

LAYOUT_SHIFT = """() => new Promise(done => {
    const total = list => list.getEntries().reduce((sum, entry) => sum + entry.value, 0);
    const observer = new PerformanceObserver(list => done(total(list)));
    observer.observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(0), 300);
})"""


@pytest.fixture
def open_page(page: Page, healthy_site: Site) -> Callable[[], None]:
    """Return a function that loads the page and waits for counter and chart."""
    page.set_default_timeout(healthy_site.timeout)

    def open_page() -> None:
        page.goto(healthy_site.url)
        for element, state in {"counter": "fresh", "history": "drawn"}.items():
            page.wait_for_selector(f"visitor-{element}[data-state={state}]")

    return open_page


def test_without_the_api_the_page_has_no_empty_band(page: Page, healthy_site: Site):
    """When the API fails, counter and chart take no space on a phone, and nothing is thrown."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("**/live/**", lambda route: route.fulfill(status=503))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(healthy_site.url)
    for element in ("counter", "history"):
        page.wait_for_selector(f"visitor-{element}[data-state=none]", state="attached")
    assert page.locator(".visits").bounding_box()["height"] == 0  # type: ignore[index]
    assert errors == []


def test_without_its_scripts_the_page_has_no_text_for_them(page: Page, healthy_site):
    """When the scripts do not load, no text about visits stands without its number."""
    page.route("**/visitor-*.js", lambda route: route.abort())
    page.goto(healthy_site.url)
    assert page.locator(".visits").inner_text() == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_fits_and_is_accessible(
    page: Page, open_page, browser_name: str, width: int, scheme
):
    """On phone and desktop, light and dark: no overflow, no axe violation, and no layout shift,
    which only Chromium measures."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    open_page()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if browser_name == "chromium":
        assert page.evaluate(LAYOUT_SHIFT) == 0
    found = Axe().run(page)
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
def test_the_counter_is_in_view_beside_any_name(page: Page, open_page, width: int, height: int):
    """From phone to wide screen, in wide and narrow fonts, nothing scrolls sideways, the counter
    needs no scrolling, and no word of a name breaks except where the name allows it. A scrollbar
    beside the page, which browsers without a screen do not show, takes 15 pixels of the width."""
    page.set_viewport_size({"width": width, "height": height})
    open_page()
    page.evaluate("document.documentElement.style.paddingRight = '15px'")
    for (name, letters), font in product(NAMES.items(), FONTS):
        page.evaluate(SET_NAME, [name, letters, font])
        assert page.evaluate(BROKEN_WORDS) == ""
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        expect(page.locator("visitor-counter")).to_be_in_viewport(ratio=1)


def test_without_scripts_a_badge_shows_the_number(browser, healthy_site):
    """Without JavaScript the page shows the API's badge image."""
    page = browser.new_page(java_script_enabled=False)
    page.set_default_timeout(healthy_site.timeout)
    page.goto(healthy_site.url)
    badge = page.locator("img[src*='/badge.svg']")
    expect(badge).to_be_visible()
    assert badge.evaluate("image => image.naturalWidth") > 0
    page.close()
