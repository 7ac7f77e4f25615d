"""<visitor-counter> in a real browser, with an API whose responses the tests choose."""

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

pytestmark = pytest.mark.slow
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
ON = f'Counter "resume" of {API} on https://page.example: '
UNKNOWN_COUNTER = {"title": "Unknown counter", "detail": "Ask the owner to declare it."}
NOT_ALLOWED = {"title": "Origin not allowed", "detail": "The owner has not listed it."}
GPC = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"
NO_API = r"Is this the API\? Its address ends with a stage, like /live\."
FAILURES = {
    "down": lambda route: route.abort(),
    "unavailable": lambda route: fulfil(route, status=503, json={"title": "Store unavailable"}),
    "throttled": lambda route: fulfil(route, status=429, json={"title": "Too many requests"}),
    "no route": lambda route: fulfil(route, status=403, json={"message": "Forbidden"}),
    "unknown": lambda route: fulfil(route, status=404, json=UNKNOWN_COUNTER),
    "origin": lambda route: fulfil(route, status=403, json=NOT_ALLOWED),
    "not a number": lambda route: fulfil(route, json=COUNTER | {"visits": "many"}),
    "null": lambda route: fulfil(route, body="null", content_type="application/json"),
    "a page": lambda route: fulfil(route, body="<html>", content_type="text/html"),
}
ENDS = {
    "down": (4, r"No response \(TypeError: .+\)\. Offline, blocked \(by an ad blocker\?\), or .*"),
    "unavailable": (2, rf"Store unavailable\. {NO_API}"),
    "throttled": (4, rf"Too many requests\. {NO_API}"),
    "no route": (2, rf"HTTP 403\. {NO_API}"),
    "unknown": (1, r"Unknown counter\. Ask the owner to declare it\."),
    "origin": (2, r"Origin not allowed\. The owner has not listed it\."),
    "not a number": (1, rf"HTTP 200\. {NO_API}"),
    "null": (1, rf"HTTP 200\. {NO_API}"),
    "a page": (1, rf"HTTP 200\. {NO_API}"),
}


ATTRIBUTES = {
    'show="visits"': "Visits 1,234",
    'show="visitors"': "Visits 901",
    'show="today"': "Visits 1",
    'show="nonsense"': "Visits 1,234",
    'lang="en" locale="de"': "Visits 1.234",
    'lang="de"': "Visits 1.234",
    'locale="not a language"': "Visits 1,234",
    "compact": "Visits 1.2K",
    'compact="false"': "Visits 1,234",
    'label="Seen {n} times" lang="de"': "Seen 1.234 times",
    'label="{n} visit|{n} visits"': "1,234 visits",
    'label="{n} visit|{n} visits" show="today"': "1 visit",
}


def test_attributes_choose_the_number_and_its_text(scene: Scene):
    """An unknown `show` means visits. `locale` takes precedence over the nearest `lang`. React
    writes "false" to switch `compact` off. `label` replaces the text inside, and may have a form
    for 1. Label and number are one status region for screen readers."""
    scene.responses = [numbers(today=COUNTER["today"] | {"visits": 1})]
    scene.open("".join(ELEMENT.replace(" counter", f" {names} counter") for names in ATTRIBUTES))
    shown = "\n".join(f"- status: {text}" for text in ATTRIBUTES.values())
    expect(scene.page.locator("body")).to_match_aria_snapshot(shown)


@pytest.mark.parametrize(
    ("failure", "methods", "reason"),
    [
        ("origin", ["POST", "GET"], r"Origin not allowed\. The owner .*"),
        ("throttled", ["POST", "POST", "GET"], r"Too many requests\. .*"),
        ("down", ["POST", "POST", "GET"], r"No response \(TypeError: .+\)\. .*"),
    ],
)
def test_the_number_is_shown_when_visits_fail(scene: Scene, failure, methods, reason):
    """A page that may not count, because its origin is not listed, visits are throttled or an
    extension blocks them, reads the number. The console says why it is not counted. A visit that
    is sent again has the same visitId."""

    def respond(route):
        (FAILURES[failure] if route.request.method == "POST" else numbers())(route)

    scene.responses = [respond]
    scene.open(ELEMENT * 2).shows("1,234")
    assert scene.methods() == methods
    assert len({request for request in scene.requests if request.startswith("POST")}) == 1
    [message] = scene.messages
    assert re.fullmatch(re.escape(f"{ON}Not counted. ") + reason, message)


def test_a_missing_response_times_out(scene: Scene):
    """After a time-out the element retries once, and then reports a failure."""
    scene.page.add_init_script("""
        const timeout = AbortSignal.timeout;
        AbortSignal.timeout = milliseconds => timeout.call(AbortSignal, milliseconds / 40);
    """)
    scene.responses = [silence]
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
def test_an_invisible_page_is_not_counted(scene: Scene, name, unseen, seen, event):
    """A background tab and a prerendered page count as soon as they are visible."""
    define = f"Object.defineProperty(document, '{name}', {{value: %s, configurable: true}})"
    scene.page.add_init_script(define % unseen)
    scene.open()
    scene.page.wait_for_load_state("networkidle")
    assert scene.requests == []
    scene.page.evaluate(f"{define % seen}; document.dispatchEvent(new Event('{event}'))")
    scene.shows("1,234")
    assert scene.methods() == ["POST"]


def test_several_elements_count_one_view(scene: Scene):
    """Two elements of one counter, a moved element and a second script count one visit, with a
    random UUID and without a preflight."""
    scene.open(
        f'{ELEMENT}<p id="end">{ELEMENT}</p><script type="module" src="/visitor-counter.js?2">'
    )
    expect(scene.page.locator("visitor-counter[data-state=fresh]")).to_have_count(2)
    scene.page.evaluate(
        "document.querySelector('#end').append(document.querySelector('visitor-counter'))"
    )
    scene.shows("1,234")
    [request] = scene.requests
    assert re.fullmatch(rf"POST /counters/resume/visits\?visitId={UUID}", request)
    assert scene.errors == []


def test_a_page_from_the_back_forward_cache_is_a_view(scene: Scene):
    """A page that is shown again counts one view for its elements, and shows the new number."""
    scene.open(ELEMENT + ELEMENT.replace(" counter", " routes counter")).shows("1,234")
    scene.responses = [numbers(visits=1235)]
    show = "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: %s}))"
    scene.page.evaluate(show % "false")
    scene.page.evaluate(show % "true")
    expect(scene.page.locator("visitor-counter[data-state=fresh]")).to_have_count(2)
    scene.shows("1,235")
    assert len(set(scene.requests)) == len(scene.requests) == 2


@pytest.mark.parametrize(
    ("script", "reason"),
    [(AUTOMATED % "true", "is automated"), (GPC, "sends Global Privacy Control")],
)
def test_excluded_visitors_see_the_number(scene: Scene, script, reason):
    """Automated browsers and visitors who opted out see the number and record no visit, and the
    console says so once."""
    scene.page.add_init_script(script)
    scene.open(ELEMENT * 2).shows("1,234")
    assert scene.requests == ["GET /counters/resume"]
    assert scene.messages == [f"{ON}Not counted. This browser {reason}."]


def test_the_owner_can_disable_counting(scene: Scene):
    """#no-count disables counting in this browser until #count, also on an open page. Both leave
    the address, and the console confirms them."""
    for url in (f"{PAGE}?q=1#no-count", PAGE, f"{PAGE}#count", PAGE):
        scene.open(url=url).shows("1,234")
        assert scene.page.url == url.split("#")[0]
    scene.page.evaluate("location.hash = 'no-count'")
    scene.page.wait_for_function("location.href.indexOf('#') < 0")
    scene.open().shows("1,234")
    assert scene.methods() == ["GET", "GET", "POST", "POST", "GET"]
    off, on = (f"visits of this browser are {word}counted." for word in ("not ", ""))
    reason = f"{ON}Not counted. This browser has opened #no-count. #count undoes it."
    said = [f"#no-count: {off}", reason, reason, f"#count: {on}", f"#no-count: {off}", reason]
    assert scene.messages == said


@pytest.mark.parametrize("succeeds", [True, False])
def test_a_number_moves_nothing_below_it(scene: Scene, succeeds):
    """Before its number arrives, the element has the height of a line and no width. After a failure
    it has neither."""
    held = []
    scene.responses = [held.append]
    scene.open(f"<p>Text{ELEMENT}</p><div>{ELEMENT}</div>")
    sizes = """[...document.querySelectorAll("visitor-counter")].map(each => each.offsetWidth)
        .concat(document.querySelector("div").offsetHeight)"""
    scene.wait_for_request()
    *widths, line = scene.page.evaluate(sizes)
    assert widths == [0, 0]
    assert line > 0
    (numbers() if succeeds else FAILURES["unknown"])(held[0])
    scene.wait_for("update" if succeeds else "failure")
    *widths, height = scene.page.evaluate(sizes)
    assert (min(widths) > 0) == succeeds
    assert height == (line if succeeds else 0)


@pytest.mark.parametrize(
    ("end", "text", "state"),
    [(numbers(visits=1235), "1,235", "fresh"), (FAILURES["not a number"], "1,234", "known")],
)
def test_the_last_number_is_shown_until_there_is_a_new_one(scene: Scene, end, text, state):
    """The element shows the last number while it loads, and after a failure."""
    held = []
    scene.responses = [held.append]
    remembered(scene)
    scene.open().shows("1,234")
    assert scene.counter.get_attribute("data-state") == "known"
    scene.wait_for_request()
    end(held[0])
    scene.wait_for("update" if state == "fresh" else "failure")
    scene.shows(text)
    assert scene.counter.get_attribute("data-state") == state
    assert scene.errors == []


def test_yesterdays_number_is_not_shown_as_todays(scene: Scene):
    """The element ignores a stored number of an earlier day."""
    scene.responses = [silence]
    remembered(scene, today={"date": "2001-01-01", "visits": 7, "visitors": 7})
    scene.open(ELEMENT.replace(" counter", ' show="today" counter'))
    scene.page.wait_for_load_state()
    scene.shows_nothing()


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_shows_nothing_and_is_explained(scene: Scene, failure):
    """There is no number, label or uncaught error. One warning for two elements names counter, API
    and origin, and says what is wrong. A request is sent twice at most, and once after a 4xx."""
    requests, warning = ENDS[failure]
    scene.responses = [FAILURES[failure]]
    scene.open(ELEMENT * 2).wait_for("failure")
    scene.shows_nothing()
    [message] = scene.messages
    assert re.fullmatch(re.escape(ON) + warning, message)
    assert len(scene.requests) == requests


@pytest.mark.parametrize("script", ["", "delete Window.prototype.navigation; delete navigation"])
def test_route_changes_count_when_asked(scene: Scene, script):
    """With `routes`, each new path is a view, once for all elements, with and without the
    Navigation API. A new hash is none, and /a and /a/ are one path.

    Without it, an element that an app mounts again on another path counts no view.
    """
    scene.page.add_init_script(script)
    both = ELEMENT.replace(" counter", " routes counter") * 2
    scene.open(both + ELEMENT.replace("resume", "blog")).shows("1,234")
    steps = [f"pushState(null, '', '{path}')" for path in ("/a", "/a/#part", "/b")]
    for step in (*steps, "back()", "replaceState(null, '', '/c')"):
        scene.responses = [numbers(visits=len(scene.requests))]
        scene.page.evaluate(f"history.{step}")
        scene.page.wait_for_load_state("networkidle")
    scene.page.evaluate("""
        history.pushState(null, "", "/d");
        document.body.append(document.querySelector("[counter=blog]"));
    """)
    expect(scene.page.locator("visitor-counter[data-state=fresh]")).to_have_count(3)
    scene.page.wait_for_load_state("networkidle")
    counted = [request.split("?")[0].split("/")[2] for request in scene.requests]
    assert sorted(counted[:2]) == ["blog", "resume"]
    assert counted[2:] == ["resume"] * 5
    assert len(set(scene.requests)) == 7


def test_attributes_can_be_set_late_and_change(scene: Scene):
    """`api` may end with a slash. A new `show` needs no request; a new `counter` sends one."""
    scene.open("")
    scene.page.evaluate(f"""
        const element = document.createElement("visitor-counter");
        document.body.append(element);
        element.setAttribute("counter", "resume");
        element.setAttribute("api", "{API}/");
    """)
    scene.shows("1,234")
    scene.counter.evaluate("each => each.setAttribute('show', 'today')")
    scene.shows("12")
    assert len(scene.requests) == 1
    scene.responses = [numbers(counterId="other", today=COUNTER["today"] | {"visits": 3})]
    scene.counter.evaluate("each => each.setAttribute('counter', 'other')")
    scene.shows("3")
    assert scene.requests[1].startswith("POST /counters/other/visits")


@pytest.mark.parametrize(
    "script",
    [
        "delete AbortSignal.timeout",
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused') }})",
    ],
    ids=["AbortSignal.timeout", "localStorage"],
)
def test_it_counts_in_browsers_that_can_do_less(scene: Scene, script):
    """Old browsers, and browsers that block localStorage, count and show the number."""
    scene.page.add_init_script(script)
    scene.open().shows("1,234")
    assert scene.methods() == ["POST"]
