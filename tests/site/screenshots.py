"""Takes the screenshots of the page with example numbers (`make screenshots`)."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from playwright.sync_api import Route, sync_playwright

from contract.repository import ROOT
from e2e import browser
from local.server import files
from tests.serving import serving
from visits import badge

DOCS = ROOT / "docs"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Grayscale antialiasing makes smaller files.
ARGUMENTS = [*browser.arguments(), "--disable-lcd-text"]
BADGES = (
    ("visits", "1,234", "blue", "flat"),
    ("visitors", "901", "brightgreen", "flat-square"),
    ("visits today", "12", "orange", "plastic"),
    ("seen by", "1.2K", "8fe0c3", "for-the-badge"),
)
VISITS = (3, 5, 4, 9, 7, 2, 1, 6, 8, 12, 10, 9, 3, 4, 8, 11, 19, 14, 9, 5, 6, 10, 13, 11, 16, 7, 4)


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


def main() -> None:
    with (
        serving(files(ROOT / "site")) as url,
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=browser.chromium(playwright), args=ARGUMENTS
        ) as chromium,
    ):
        for scheme in SCHEMES:
            page = chromium.new_page(viewport={"width": 1120, "height": 660})
            page.emulate_media(color_scheme=scheme)
            page.route("**/live/**", respond)
            page.goto(url)
            page.wait_for_selector("visitor-counter[data-state=fresh]")
            page.wait_for_selector("visitor-history[data-state=drawn]")
            page.screenshot(path=DOCS / f"page-desktop-{scheme}.png")
        page = chromium.new_page(device_scale_factor=2)
        badges = "".join(badge.render(*texts) for texts in BADGES)
        page.set_content(f'<p style="display: inline-flex; align-items: center; gap: 8px">{badges}')
        page.locator("p").screenshot(path=ROOT / "client" / "badges.png", omit_background=True)


if __name__ == "__main__":
    main()
