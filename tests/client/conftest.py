"""A page with the element on it, in a real browser, and an API that answers as a test says."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

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
HURRY = """
    const {setTimeout: wait} = window;
    window.setTimeout = (run, milliseconds) => wait(run, milliseconds / 20);
"""
AUTOMATED = "Object.defineProperty(Navigator.prototype, 'webdriver', {get: () => %s})"

Answer = Callable[[Route], None]


def numbers(**changed: Any) -> Answer:
    """The API's answer to a visit or a read."""
    return lambda route: fulfil(route, json=COUNTER | changed)


def fulfil(route: Route, **response: Any) -> None:
    route.fulfill(headers={"Access-Control-Allow-Origin": "*"} | content_type(response), **response)


def content_type(response: dict[str, Any]) -> dict[str, str]:
    return {"Content-Type": "application/json"} if "json" in response else {}


def silence(_route: Route) -> None:
    """No answer, ever."""


@dataclass
class Scene:
    """A page of somebody's site. `answers` are given one after the other, the last one for good."""

    page: Page
    answers: list[Answer] = field(default_factory=lambda: [numbers()])
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.route(f"{API}/**", self._answer)
        self.page.route("**/visitor-*.js*", serve_dist)
        self.page.add_init_script(AUTOMATED % "false")
        self.page.add_init_script(HURRY)
        self.page.add_init_script("""
            window.told = [];
            for (const name of ["update", "failure"])
              addEventListener(`visitor-counter:${name}`, event =>
                told.push([name, event.detail.visits ?? event.detail.message]));
        """)

    def _answer(self, route: Route) -> None:
        self.requests.append(f"{route.request.method} {route.request.url.removeprefix(API)}")
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer(route)

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
        self.page.wait_for_function(f"told.some(([name]) => name === '{event}')")

    def methods(self) -> list[str]:
        return [request.split()[0] for request in self.requests]

    def visit_ids(self) -> list[str]:
        return [re.sub(r".*visitId=", "", request) for request in self.requests]


def serve_dist(route: Route) -> None:
    name = re.search(r"visitor-\w+\.js", route.request.url)[0]  # type: ignore[index]
    route.fulfill(path=DIST / name, content_type="text/javascript")


@pytest.fixture
def scene(page: Page) -> Scene:
    return Scene(page)


def remembered(scene: Scene, **changed: Any) -> None:
    """Let the browser remember numbers of an earlier view."""
    key, value = f"visitor-counter {API} resume", json.dumps(COUNTER | changed)
    remember = f"localStorage.setItem({key!r}, {value!r})"
    scene.page.add_init_script(f"if (location.protocol !== 'about:') {remember}")
