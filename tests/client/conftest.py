"""A page with an element in a real browser, and an API whose responses a test chooses."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, Route, expect

from e2e.visitor import WAIT_MILLISECONDS

DIST = Path(__file__).parents[2] / "client" / "dist"
PAGE = "https://page.example/"
API = "https://api.example/live"
TODAY = datetime.now(UTC).date().isoformat()
COUNTER = {
    "counterId": "resume",
    "visits": 1234,
    "visitors": 901,
    "today": {"date": TODAY, "visits": 12, "visitors": 9},
}
ELEMENT = f'<visitor-counter api="{API}" counter="resume">Visits</visitor-counter>'
SHORT_TIMEOUTS = """
    const {setTimeout: wait} = window;
    window.setTimeout = (run, milliseconds) => wait(run, milliseconds / 20);
"""
AUTOMATED = "Object.defineProperty(Navigator.prototype, 'webdriver', {get: () => %s})"

Handler = Callable[[Route], None]


def numbers(**changed: Any) -> Handler:
    """Return a handler that responds like the API to a visit or a read."""
    return lambda route: fulfil(route, json=COUNTER | changed)


def fulfil(route: Route, **response: Any) -> None:
    content_type = {"Content-Type": "application/json"} if "json" in response else {}
    route.fulfill(headers={"Access-Control-Allow-Origin": "*"} | content_type, **response)


def silence(_route: Route) -> None:
    """Never respond."""


@dataclass
class Scene:
    """A page with an element.

    Args:
        page: the browser page.
        responses: handlers of the API's requests, in order; the last one handles all later ones.
        requests: the method and path of each request to the API.
        errors: uncaught errors of the page.
        messages: what the elements wrote to the console.

    """

    page: Page
    responses: list[Handler] = field(default_factory=lambda: [numbers()])
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(WAIT_MILLISECONDS)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._hear)
        self.page.route(f"{API}/**", self._respond)
        self.page.route("**/visitor-*.js*", serve_dist)
        self.page.add_init_script(AUTOMATED % "false")
        self.page.add_init_script(SHORT_TIMEOUTS)
        self.page.add_init_script("""
            window.events = [];
            for (const name of ["update", "failure"])
              addEventListener(`visitor-counter:${name}`, event =>
                events.push([name, event.detail.visits ?? event.detail.message]));
        """)

    def _respond(self, route: Route) -> None:
        self.requests.append(f"{route.request.method} {route.request.url.removeprefix(API)}")
        handler = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
        handler(route)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.text.startswith(('Counter "', "#")):  # browsers have warnings of their own
            self.messages.append(message.text)

    def open(self, body: str = ELEMENT, url: str = PAGE, **headers: str) -> "Scene":
        html = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title>
            <script type="module" src="/visitor-counter.js"></script>{body}"""

        def serve(route: Route) -> None:
            route.fulfill(body=html, content_type="text/html", headers=headers)

        self.page.route(url.split("#", maxsplit=1)[0], serve)
        self.page.goto("about:blank")
        self.page.goto(url)
        return self

    @property
    def counter(self) -> Locator:
        return self.page.locator("visitor-counter").first

    def shows(self, text: str) -> None:
        expect(self.counter.locator("output")).to_be_visible()
        expect(self.counter.locator("[part=number]")).to_have_text(text)

    def shows_nothing(self) -> None:
        expect(self.counter.locator("output")).to_be_hidden()
        assert self.errors == []

    def wait_for(self, event: str) -> None:
        self.page.wait_for_function(f"events.some(([name]) => name === '{event}')")

    def wait_for_request(self) -> None:
        deadline = monotonic() + WAIT_MILLISECONDS / 1000
        while not self.requests:
            assert monotonic() < deadline, "no request to the API"
            self.page.wait_for_timeout(20)

    def dimensions(self, selector: str) -> dict[str, float]:
        return self.page.locator(selector).bounding_box() or {}

    def methods(self) -> list[str]:
        return [request.split()[0] for request in self.requests]


def serve_dist(route: Route) -> None:
    name = re.search(r"visitor-\w+\.js", route.request.url)[0]  # type: ignore[index]
    route.fulfill(path=DIST / name, content_type="text/javascript")


@pytest.fixture
def scene(page: Page) -> Scene:
    return Scene(page)


def remembered(scene: Scene, **changed: Any) -> None:
    """Store numbers of an earlier view in the browser."""
    key, value = f"visitor-counter {API} resume", json.dumps(COUNTER | changed)
    remember = f"localStorage.setItem({key!r}, {value!r})"
    scene.page.add_init_script(f"if (location.protocol !== 'about:') {remember}")
