"""The page in site/ in a browser."""

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
LONG_NAME = """() => {
    const heading = document.querySelector("h1");
    heading.textContent = "Karolina Wiśniewska-Brzęczyszczykiewicz";
    heading.style.setProperty("--letters", 19);
}"""


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


@pytest.mark.parametrize(
    ("width", "height", "scheme"),
    [(320, 640, "light"), (768, 900, "dark"), (1366, 600, "light")],
)
def test_the_page_fits_and_is_accessible(
    page: Page, healthy_site: Site, browser_name: str, width: int, height: int, scheme
):
    """From phone to desktop, light and dark: no axe violation, and no layout shift, which only
    Chromium measures. Also beside a long name, nothing scrolls sideways and the counter needs no
    scrolling."""
    page.set_default_timeout(healthy_site.timeout)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(healthy_site.url)
    for element, state in {"counter": "fresh", "history": "drawn"}.items():
        page.wait_for_selector(f"visitor-{element}[data-state={state}]")
    page.wait_for_load_state()
    if browser_name == "chromium":
        assert page.evaluate(LAYOUT_SHIFT) == 0
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.evaluate(LONG_NAME)
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
