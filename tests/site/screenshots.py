"""Takes the screenshots in docs/ of the page with example numbers (`make screenshots`)."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, Route, sync_playwright

from e2e import browser
from tests.local import stack
from tests.site.test_page import FONTS, NAMES, SET_NAME
from visits import badge

DOCS = stack.ROOT / "docs"
ARGUMENTS = [
    *browser.arguments(),
    "--disable-lcd-text",
]  # grayscale antialiasing makes smaller files
DESKTOP = (1120, 660)
SIZES = ((320, 640), (390, 844), (768, 900), (1120, 660), (1440, 900), (1920, 1080))
PAPER = (672, 960)  # A4 without its margins
BADGES = (
    ("visits", "1,234", "blue", "flat"),
    ("visitors", "901", "brightgreen", "flat-square"),
    ("visits today", "12", "orange", "plastic"),
    ("seen by", "1.2K", "8fe0c3", "for-the-badge"),
)
VISITS = (3, 5, 4, 9, 7, 2, 1, 6, 8, 12, 10, 9, 3, 4, 8, 11, 19, 14, 9, 5, 6, 10, 13, 11, 16, 7, 4)
SHEET = """<body style="margin: 8px; width: 1224px; display: flex; flex-wrap: wrap; gap: 8px;
    background: #888">"""
PICTURE = '<img height="170" src="data:image/png;base64,{}">'


def respond(route: Route) -> None:
    """Respond with example numbers instead of the API."""
    today = datetime.now(UTC).date()
    days = [
        {"date": str(today - timedelta(days=back)), "visits": visits, "visitors": visits}
        for back, visits in enumerate((12, 15, 9, *VISITS))
    ]
    numbers = {"counterId": "resume", "visits": 1234, "visitors": 901, "today": days[0]}
    history = {"counterId": "resume", "days": days[::-1]}
    route.fulfill(json=history if "history" in route.request.url else numbers)


def load(chromium: Browser, url: str, size: tuple[int, int], scheme: str) -> Page:
    width, height = size
    page = chromium.new_page(viewport={"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.route("**/live/**", respond)
    page.goto(url)
    page.wait_for_selector("visitor-counter[data-state=fresh]")
    page.wait_for_selector("visitor-history[data-state=drawn]")
    if scheme == "print":
        page.emulate_media(media="print")
    return page


def pictures(chromium: Browser, url: str) -> Iterator[bytes]:
    """Take a picture in each size and on paper, for a name and a font in turn."""
    names = list(NAMES.items())
    looks = [(size, "light", 0, 0) for size in SIZES]
    looks += [(size, "dark", 1, 1) for size in SIZES]
    looks += [(size, "light", -1, 2) for size in SIZES]
    looks += [(PAPER, "print", name, font) for name, font in ((0, 0), (1, 1), (-1, 2))]
    for size, scheme, name, font in looks:
        page = load(chromium, url, size, scheme)
        page.evaluate(SET_NAME, [*names[name], FONTS[font]])
        yield page.screenshot()
        page.close()


def shoot_badges(page: Page, path: Path) -> None:
    badges = "".join(badge.render(*texts) for texts in BADGES)
    page.set_content(f'<p style="display: inline-flex; align-items: center; gap: 8px">{badges}')
    page.locator("p").screenshot(path=path, omit_background=True)


def main() -> None:
    with (
        TemporaryDirectory() as folder,
        stack.running(stack.checkout(Path(folder))) as site,
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=browser.chromium(playwright), args=ARGUMENTS
        ) as chromium,
    ):
        for scheme in ("light", "dark"):
            page = load(chromium, site.url, DESKTOP, scheme)
            page.screenshot(path=DOCS / f"page-desktop-{scheme}.png")
        images = [PICTURE.format(b64encode(each).decode()) for each in pictures(chromium, site.url)]
        page = chromium.new_page(viewport={"width": 1240, "height": 100})
        page.set_content(SHEET + "".join(images))
        page.screenshot(path=DOCS / "page-sizes.jpg", full_page=True, quality=70)
        page = chromium.new_page(device_scale_factor=2)
        shoot_badges(page, DOCS / "badges.png")


if __name__ == "__main__":
    main()
