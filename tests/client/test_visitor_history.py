"""<visitor-history> in a real browser."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.client.conftest import API, COUNTER, ELEMENT, TODAY, Scene, fulfil, numbers

pytestmark = pytest.mark.slow
HISTORY = f"""<script type="module" src="/visitor-history.js"></script>
    <visitor-history api="{API}" counter="resume" label="The last 30 days"></visitor-history>"""


def days(*visits: int) -> list[dict]:
    """Return entries of a history that ends today."""
    today = datetime.fromisoformat(TODAY).date()
    return [
        {"date": str(today - timedelta(days=back)), "visits": each, "visitors": each}
        for back, each in zip(range(len(visits) - 1, -1, -1), visits, strict=True)
    ]


def date(days_ago: int) -> str:
    """Return a day as the chart writes it, if all days are of one year."""
    today = datetime.fromisoformat(TODAY).date()
    day = today - timedelta(days=days_ago)
    return f"{day:%b} {day.day}"


def history(*visits: int):
    return lambda route: fulfil(route, json={"counterId": "resume", "days": days(*visits)})


def test_the_chart_has_a_scale(scene: Scene):
    """Each day has a bar; the chart shows the sum, the peak, and the first and last date."""
    scene.responses = [history(4, 1, 0, 5, 1000, 0, 250)]
    scene.open(HISTORY.replace(' label="The last 30 days">', ">The last 30 days"))
    bars = scene.page.locator("visitor-history rect")
    expect(bars).to_have_count(7)
    heights = [float(bar.get_attribute("height") or "") for bar in bars.all()]
    assert heights == [0.4, 0.1, 0, 0.5, 100, 0, 25]
    expect(scene.page.locator("[part=value]")).to_have_text("1,260")
    expect(scene.page.locator("[part=peak]")).to_have_text("1K")
    expect(scene.page.locator(".ends")).to_have_text(f"{date(6)}{date(0)}")
    expect(scene.page.get_by_role("figure", name="The last 30 days")).to_be_visible()


def test_a_bar_can_be_selected(scene: Scene):
    """Pointer, touch and arrow keys select a day; the chart shows and announces its visits."""
    scene.responses = [history(1, 2, 3, 4, 5, 6, 7)]
    scene.open(HISTORY)
    value = scene.page.locator("[part=value]")
    expect(value).to_have_text("28")
    box = scene.page.locator("visitor-history svg").bounding_box() or {}
    x, y = box["x"] + box["width"] * 1.5 / 7, box["y"] + 5
    scene.page.mouse.move(x, y)
    expect(value).to_have_text(f"{date(5)}: 2")
    scene.page.mouse.move(0, 0)
    expect(value).to_have_text("28")
    touch = f"{{bubbles: true, pointerType: 'touch', clientX: {x}}}"
    scene.page.locator("visitor-history svg").evaluate(
        f"chart => ['down', 'leave'].forEach(name => "
        f"chart.dispatchEvent(new PointerEvent(`pointer${{name}}`, {touch})))"
    )
    expect(value).to_have_text(f"{date(5)}: 2")
    scene.page.keyboard.press("Tab")
    scene.page.keyboard.press("ArrowLeft")
    expect(value).to_have_text(f"{date(6)}: 1")
    slider = scene.page.get_by_role("slider", name="The last 30 days")
    expect(slider).to_have_attribute("aria-valuetext", f"{date(6)}: 1")
    slider.blur()
    expect(value).to_have_text("28")


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_dates_are_under_their_bars(scene: Scene, direction):
    """The first and the last date are under the first and the last bar, in any direction."""
    scene.responses = [history(*[1] * 30)]
    scene.open(f'<div dir="{direction}">{HISTORY}</div>')
    expect(scene.page.locator("visitor-history rect")).to_have_count(30)
    chart = scene.dimensions("visitor-history svg")
    first, last = (scene.dimensions(f".ends span >> nth={place}") for place in (0, 1))
    assert first["x"] == pytest.approx(chart["x"], abs=1)
    assert last["x"] + last["width"] == pytest.approx(chart["x"] + chart["width"], abs=1)
    assert first["y"] > chart["y"] + chart["height"]


def test_old_browsers_show_no_half_of_it(scene: Scene):
    """A browser that cannot construct a style sheet shows neither the chart nor its caption."""
    scene.page.add_init_script("window.CSSStyleSheet = () => {}")
    scene.open(HISTORY)
    scene.page.wait_for_function("!!customElements.get('visitor-history')")
    element = scene.page.locator("visitor-history")
    assert element.evaluate("element => [element.shadowRoot, element.offsetHeight]") == [None, 0]


@pytest.mark.parametrize(
    ("visits", "bars", "first"),
    [
        ([0] * 29 + [3], 7, 6),
        ([0] * 10 + [1] * 20, 20, 19),
    ],
)
def test_a_chart_begins_with_the_first_visit(scene: Scene, visits, bars, first):
    """Days before the first visit are left out, but a chart shows a week if it can."""
    scene.responses = [history(*visits)]
    scene.open(HISTORY)
    expect(scene.page.locator("visitor-history rect")).to_have_count(bars)
    expect(scene.page.locator(".ends span").first).to_have_text(date(first))


def test_a_year_has_a_bar_for_each_week(scene: Scene):
    """`days` is sent to the API; a long history has weekly bars that end today."""
    scene.responses = [history(*[1] * 366)]
    scene.open(HISTORY.replace(" counter", ' days="366" counter'))
    expect(scene.page.locator("visitor-history rect")).to_have_count(53)
    expect(scene.page.locator("[part=value]")).to_have_text("366")
    expect(scene.page.locator("[part=peak]")).to_have_text("7")
    assert scene.requests == ["GET /counters/resume/history?days=366"]


def test_today_is_updated_from_the_counter(scene: Scene):
    """The chart includes the visit that a counter element has just recorded, without a request.
    A content security policy for both needs to allow the API, and nothing inline."""
    respond = {"GET": history(0, 11), "POST": numbers()}
    scene.responses = [lambda route: respond[route.request.method](route)]
    policy = f"default-src 'self'; connect-src {API.removesuffix('/live')}"
    scene.open(ELEMENT + HISTORY, **{"Content-Security-Policy": policy}).shows("1,234")
    expect(scene.page.locator("[part=value]")).to_have_text(str(COUNTER["today"]["visits"]))
    expect(scene.page.locator("visitor-history figure")).to_have_css("margin", "0px")
    assert sorted(scene.methods()) == ["GET", "POST"]


def test_without_a_history_it_is_blank(scene: Scene):
    """After an error the chart takes no space, and a warning says why; nothing is thrown."""

    def respond(route):
        if "history" in route.request.url:
            fulfil(route, status=404, json={"title": "Unknown counter"})
        else:
            numbers()(route)

    scene.responses = [respond]
    scene.open(HISTORY + ELEMENT).shows("1,234")
    scene.page.wait_for_load_state("networkidle")
    expect(scene.page.locator("visitor-history")).to_have_css("display", "none")
    assert len(scene.messages) == 1
    assert scene.errors == []
    scene.page.evaluate("document.body.append(document.createElement('visitor-history'))")
    expect(scene.page.locator("visitor-history").last).to_have_css("display", "none")
