"""<visitor-counter>, each behaviour in a real browser against an API that answers as asked."""

import re

import pytest
from playwright.sync_api import expect

from tests.client.conftest import (
    API,
    AUTOMATED,
    COUNTER,
    ELEMENT,
    PAGE,
    Scene,
    fulfil,
    numbers,
    remembered,
    silence,
)

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
FAILURES = {
    "down": lambda route: route.abort(),
    "unavailable": lambda route: fulfil(route, status=503, json={"title": "Store unavailable"}),
    "no route": lambda route: fulfil(route, status=403, json={"message": "Forbidden"}),
    "unknown": lambda route: fulfil(route, status=404, json={"title": "Unknown counter"}),
    "not a number": lambda route: fulfil(route, json=COUNTER | {"visits": "many"}),
    "another shape": lambda route: fulfil(route, json={"count": 5}),
    "null": lambda route: fulfil(route, json=None),
    "a page": lambda route: fulfil(route, body="<html>", content_type="text/html"),
}


def test_a_view_counts_once_and_shows_the_number(scene: Scene):
    """One POST with a random UUID, no preflight, and the number that it was answered with."""
    scene.open().shows("1,234")
    assert len(scene.requests) == 1
    assert re.fullmatch(rf"POST /counters/resume/visits\?visitId={UUID}", scene.requests[0])


@pytest.mark.parametrize(
    ("show", "text"),
    [("visits", "1,234"), ("visitors", "901"), ("today", "12"), ("nonsense", "1,234")],
)
def test_show_chooses_the_number(scene: Scene, show, text):
    """`show` takes visits, visitors or today; visits are shown when it says nothing known."""
    scene.open(ELEMENT.replace(" counter", f' show="{show}" counter')).shows(text)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (ELEMENT.replace(" counter", ' locale="de" counter'), "1.234"),
        (f'<p lang="de">{ELEMENT}</p>', "1.234"),
        (ELEMENT, "1,234"),
        (ELEMENT.replace(" counter", ' locale="not a language" counter'), "1,234"),
    ],
    ids=["locale", "lang", "page", "wrong"],
)
def test_the_number_is_written_as_people_write_it(scene: Scene, body, text):
    """`locale` decides, else the language of the text around it; a wrong one does no harm."""
    scene.open(body).shows(text)


@pytest.mark.parametrize("failure", ["down", "unavailable"])
def test_a_retry_has_the_same_id(scene: Scene, failure):
    """What could not be answered is sent once more with the same visitId, and shown."""
    scene.answers = [FAILURES[failure], numbers()]
    scene.open().shows("1,234")
    first, second = scene.visit_ids()
    assert first == second


def test_there_is_one_retry(scene: Scene):
    """An API that is away is asked twice, and no more."""
    scene.answers = [FAILURES["unavailable"]]
    scene.open().wait_for("failure")
    assert len(scene.requests) == 2


def test_what_was_refused_is_not_repeated(scene: Scene):
    """A 4xx answer is an answer."""
    scene.answers = [FAILURES["unknown"]]
    scene.open().wait_for("failure")
    assert len(scene.requests) == 1


def test_an_api_that_is_silent_times_out(scene: Scene):
    """After a time-out the visit is sent once more, and then it is over."""
    scene.page.add_init_script("""
        const timeout = AbortSignal.timeout;
        AbortSignal.timeout = milliseconds => timeout.call(AbortSignal, milliseconds / 40);
    """)
    scene.answers = [silence]
    scene.open().wait_for("failure")
    assert len(scene.requests) == 2
    scene.shows_nothing()


@pytest.mark.parametrize(
    ("name", "unseen", "seen", "event"),
    [
        ("visibilityState", "'hidden'", "'visible'", "visibilitychange"),
        ("prerendering", "true", "false", "prerenderingchange"),
    ],
)
def test_a_page_that_nobody_sees_does_not_count(scene: Scene, name, unseen, seen, event):
    """A tab behind another and a page loaded in advance count when they are shown."""
    define = f"Object.defineProperty(document, '{name}', {{value: %s, configurable: true}})"
    scene.page.add_init_script(define % unseen)
    scene.open()
    scene.page.wait_for_load_state("networkidle")
    assert scene.requests == []
    scene.page.evaluate(f"{define % seen}; document.dispatchEvent(new Event('{event}'))")
    scene.shows("1,234")
    assert scene.methods() == ["POST"]


def test_one_view_counts_once_however_often_it_is_shown(scene: Scene):
    """Two elements of one counter, a move in the page and a second script are one visit."""
    scene.open(
        f'{ELEMENT}<p id="end">{ELEMENT}</p><script type="module" src="/visitor-counter.js?2">'
    )
    expect(scene.page.locator("visitor-counter[data-state=fresh]")).to_have_count(2)
    scene.page.evaluate(
        "document.querySelector('#end').append(document.querySelector('visitor-counter'))"
    )
    scene.shows("1,234")
    assert scene.methods() == ["POST"]
    assert scene.errors == []


def test_every_view_has_its_own_id(scene: Scene):
    """The next page view is another visit."""
    scene.open().shows("1,234")
    scene.open().shows("1,234")
    assert len(set(scene.visit_ids())) == 2


@pytest.mark.parametrize(
    "script",
    [
        AUTOMATED % "true",
        "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})",
    ],
    ids=["webdriver", "Global Privacy Control"],
)
def test_who_does_not_count_still_reads(scene: Scene, script):
    """A browser run by a program and people who opted out see the number and send no visit."""
    scene.page.add_init_script(script)
    scene.open().shows("1,234")
    assert scene.requests == ["GET /counters/resume"]


def test_the_owner_switches_counting_off(scene: Scene):
    """#no-count reads without counting from then on in this browser, until #count."""
    for url in (f"{PAGE}#no-count", PAGE, f"{PAGE}#count", PAGE):
        scene.open(url=url).shows("1,234")
    assert scene.methods() == ["GET", "GET", "POST", "POST"]


def test_the_last_known_number_is_there_at_once(scene: Scene):
    """While the new number loads, the last one is shown."""
    held = []
    scene.answers = [held.append]
    remembered(scene)
    scene.open().shows("1,234")
    assert scene.counter.get_attribute("data-state") == "known"
    numbers(visits=1235)(held[0])
    scene.shows("1,235")
    assert scene.counter.get_attribute("data-state") == "fresh"


def test_yesterdays_number_is_not_shown_as_todays(scene: Scene):
    """A remembered number of another day is no number of today."""
    scene.answers = [silence]
    remembered(scene, today={"date": "2001-01-01", "visits": 7, "visitors": 7})
    scene.open(ELEMENT.replace(" counter", ' show="today" counter'))
    scene.page.wait_for_load_state()
    scene.shows_nothing()


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_shows_nothing(scene: Scene, failure):
    """No number, no label, no error: the page only hears an event."""
    scene.answers = [FAILURES[failure]]
    scene.open().wait_for("failure")
    scene.shows_nothing()


@pytest.mark.parametrize("failure", ["down", "not a number"])
def test_a_failure_leaves_the_last_number(scene: Scene, failure):
    """What was shown before the failure stays."""
    scene.answers = [FAILURES[failure]]
    remembered(scene)
    scene.open().wait_for("failure")
    scene.shows("1,234")
    assert scene.errors == []


def test_the_page_is_told(scene: Scene):
    """Events bubble out of the element: `update` with the contract's numbers, or `failure`."""
    scene.open().wait_for("update")
    assert scene.page.evaluate("told") == [["update", 1234]]
    scene.answers = [FAILURES["unknown"]]
    scene.open().wait_for("failure")
    assert scene.page.evaluate("told") == [["failure", "Unknown counter"]]


def test_it_is_announced_politely(scene: Scene):
    """Label and number are one polite status for a screen reader."""
    scene.open().shows("1,234")
    expect(scene.page.get_by_role("status")).to_have_attribute("aria-live", "polite")
    expect(scene.page.locator("body")).to_match_aria_snapshot("- status: Visits 1,234")


def test_a_page_can_style_it(scene: Scene):
    """Both parts and both custom properties reach what they name."""
    scene.open(f"""<style>
        visitor-counter {{ --visitor-counter-color: rgb(1, 2, 3); --visitor-counter-width: 200px }}
        ::part(number) {{ font-weight: 700 }} ::part(counter) {{ font-style: italic }}
    </style>{ELEMENT}""").shows("1,234")
    number = scene.counter.locator("[part=number]")
    for name, value in {
        "color": "rgb(1, 2, 3)",
        "width": "200px",
        "font-weight": "700",
        "font-style": "italic",
    }.items():
        expect(number).to_have_css(name, value)


def test_nothing_moves_when_the_number_comes(scene: Scene):
    """What stands beside and below keeps its place."""
    held = []
    scene.answers = [held.append]
    scene.open(f"<p>{ELEMENT} <b>so far</b></p><h2>Below</h2>")
    scene.page.wait_for_function("!!customElements.get('visitor-counter')")
    places = "[...document.querySelectorAll('b, h2')].map(each => each.getBoundingClientRect())"
    before = scene.page.evaluate(places)
    numbers(visits=9999)(held[0])
    scene.shows("9,999")
    assert scene.page.evaluate(places) == before


def test_its_attributes_may_change(scene: Scene):
    """Another number needs no request; another counter is asked for."""
    scene.open().shows("1,234")
    scene.counter.evaluate("each => each.setAttribute('show', 'today')")
    scene.shows("12")
    assert len(scene.requests) == 1
    scene.answers = [numbers(counterId="other", today=COUNTER["today"] | {"visits": 3})]
    scene.counter.evaluate("each => each.setAttribute('counter', 'other')")
    scene.shows("3")
    assert scene.requests[1].startswith("POST /counters/other/visits")


def test_attributes_may_come_late_and_sloppy(scene: Scene):
    """Frameworks set attributes after mounting, people end a URL with a slash."""
    scene.open("")
    scene.page.evaluate(f"""
        const element = document.createElement("visitor-counter");
        document.body.append(element);
        element.setAttribute("counter", "resume");
        element.setAttribute("api", "{API}/");
    """)
    scene.shows("1,234")
    assert len(scene.requests) == 1


def test_without_storage_it_counts_all_the_same(scene: Scene):
    """A browser that refuses to remember shows the number."""
    scene.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused') }})"
    )
    scene.open().shows("1,234")
    assert scene.methods() == ["POST"]


def test_a_page_without_https_counts(scene: Scene):
    """A bucket's website has no https, and such a page no crypto.randomUUID."""
    scene.open(url="http://page.example/").shows("1,234")
    assert scene.page.evaluate("crypto.randomUUID") is None
    assert re.fullmatch(UUID, scene.visit_ids()[0])


def test_a_strict_page_allows_it(scene: Scene):
    """A content security policy needs to name the API, and nothing inline."""
    policy = f"default-src 'self'; connect-src {API.removesuffix('/live')}"
    scene.open(**{"Content-Security-Policy": policy}).shows("1,234")
    expect(scene.counter.locator("[part=number]")).to_have_css("display", "inline-block")


def test_without_scripts_there_is_the_badge(browser):
    """The element takes no space of its own, and a noscript badge works beside it."""
    page = browser.new_page(java_script_enabled=False)
    page.route(
        f"{API}/counters/resume/badge.svg",
        lambda route: fulfil(
            route,
            content_type="image/svg+xml",
            body='<svg xmlns="http://www.w3.org/2000/svg" width="80" height="20"/>',
        ),
    )
    badge = f'<noscript><img src="{API}/counters/resume/badge.svg" alt="Visits"></noscript>'
    page.set_content(ELEMENT + badge)
    expect(page.get_by_alt_text("Visits")).to_have_css("width", "80px")
    page.close()
