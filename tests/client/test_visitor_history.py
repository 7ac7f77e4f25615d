"""<visitor-history> in a real browser."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.client.conftest import API, COUNTER, ELEMENT, TODAY, Scene, fulfil, numbers

pytestmark = pytest.mark.slow
HISTORY = f"""<script type="module" src="/visitor-history.js"></script>
    <visitor-history api="{API}" counter="resume">The last 30 days</visitor-history>"""


def days(*visits: int) -> list[dict]:
    """Return entries of a history that ends today."""
    today = datetime.now(UTC).date()
    return [
        {"date": str(today - timedelta(days=back)), "visits": each, "visitors": each}
        for back, each in zip(range(len(visits) - 1, -1, -1), visits, strict=True)
    ]


def history(*visits: int):
    return lambda route: fulfil(route, json={"counterId": "resume", "days": days(*visits)})


def test_every_day_has_a_bar_and_a_list_item(scene: Scene):
    """The height of each bar matches the visits; a list has the same days as text."""
    scene.responses = [history(0, 5, 1000)]
    scene.open(HISTORY)
    bars = scene.page.locator("visitor-history rect")
    expect(bars).to_have_count(3)
    assert [bar.get_attribute("height") for bar in bars.all()] == ["1", "1", "40"]
    date = datetime.fromisoformat(TODAY)
    items = scene.page.locator("visitor-history").get_by_role("listitem")
    expect(items).to_have_count(3)
    expect(items.last).to_have_text(f"{date:%B} {date.day}: 1,000")
    expect(scene.page.get_by_role("figure", name="The last 30 days")).to_be_visible()


def test_today_is_updated_from_the_counter(scene: Scene):
    """The chart includes the visit that a counter element has just recorded, without a request."""

    def respond(route):
        (history(0, 11) if "history" in route.request.url else numbers())(route)

    scene.responses = [respond]
    scene.open(ELEMENT + HISTORY).shows("1,234")
    today = scene.page.locator("visitor-history li").last
    expect(today).to_have_text(today.inner_text().split(":")[0] + f": {COUNTER['today']['visits']}")
    assert sorted(scene.methods()) == ["GET", "POST"]


def test_without_a_history_it_is_blank(scene: Scene):
    """After an error the chart is hidden and nothing is thrown, even if a counter updates."""

    def respond(route):
        if "history" in route.request.url:
            fulfil(route, status=404, json={"title": "Unknown counter"})
        else:
            numbers()(route)

    scene.responses = [respond]
    scene.open(HISTORY + ELEMENT).shows("1,234")
    scene.page.wait_for_load_state("networkidle")
    expect(scene.page.locator("visitor-history figure")).to_be_hidden()
    assert scene.errors == []
