"""One load of the page: what it asked, what it was answered and what a reader sees."""

import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Frame, Request, WebError

NAMES = ("visits", "visitors")
COUNTER_PATH = re.compile(r"/counters/([^/?#]+)(?:/visits)?/?(?:\?.*)?$")
# Returns what a reader sees in some elements: each text, and the joined texts of an element if they
# are short, because each digit may have an element. Open shadow roots are read in their hosts. Each
# text has a count, since the number may stand elsewhere on the page, too.
TEXTS = """elements => {
    const found = new Map(), options = {opacityProperty: true, visibilityProperty: true};
    const inside = node => node.assignedNodes?.().length ? node.assignedNodes()
        : (node.shadowRoot ?? node).childNodes;
    const add = text => { if (text.trim()) found.set(text, (found.get(text) ?? 0) + 1); };
    const read = node => {
        if (node.nodeType === Node.TEXT_NODE) return add(node.data), node.data;
        if (node.nodeType !== Node.ELEMENT_NODE) return "";
        const hasNoBox = getComputedStyle(node).display === "contents";  // such as a slot
        if (!hasNoBox && !node.checkVisibility(options)) return "";
        return [...inside(node)].map(read).join("");
    };
    for (const text of elements.map(read)) if (text.length < 200) add(text);
    return [...found];
}"""


@dataclass
class Answer:
    """A request of the page for the numbers of a counter, and what came back.

    Args:
        at: when the last of this happened, in seconds of the monotonic clock.
        failure: why the page did not get the response.
        finished: whether the page has read the body. Until then Playwright would wait for it.

    """

    request: Request
    counter: str
    at: float
    failure: str = ""
    finished: bool = False
    response: Any = None
    _body: str = ""

    @property
    def pending(self) -> bool:
        waits = self.response is None or (self.response.ok and not self.finished)
        return waits and not self.failure

    @property
    def visit(self) -> bool:
        return self.request.method == "POST"

    @property
    def body(self) -> str:
        if not self._body and self.response and self.finished:
            with suppress(Error):  # the page could not read it either
                self._body = self.response.text()
        return self._body

    @property
    def numbers(self) -> dict[str, Any]:
        """The response of the API, or an empty dictionary if it has no numbers."""
        try:
            body = json.loads(self.body)
            values = [total[name] for total in (body, body["today"]) for name in NAMES]
        except (ValueError, LookupError, TypeError):
            return {}
        accepted = self.response.ok and not self.failure
        return body if accepted and all(isinstance(value, int) for value in values) else {}

    def __str__(self) -> str:
        status = f"{self.response.status} {self.body[:200]}" if self.response else "no response"
        return f"{self.request.method} {self.request.url}: {self.failure or status}"


@dataclass
class View:
    """A load of the page in a browser context of its own, and what is recorded of it.

    Args:
        errors: what the browser wrote to the console as an error, and uncaught exceptions.
        others: the page's further requests that a script sent.
        opened, loaded, clicked: when that happened, or 0.

    """

    context: BrowserContext
    answers: list[Answer] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    opened: float = field(default_factory=monotonic)
    loaded: float = 0
    clicked: float = 0

    def __post_init__(self) -> None:
        self.context.on("console", self._on_console)
        self.context.on("weberror", self._on_exception)
        self.context.on("request", self._on_request)
        self.context.on("response", lambda got: self._record(got.request, response=got))
        self.context.on("requestfailed", lambda sent: self._record(sent, failure=sent.failure))
        self.context.on("requestfinished", lambda sent: self._record(sent, finished=True))
        self.page = self.context.new_page()
        self.page.on("load", lambda _page: setattr(self, "loaded", monotonic()))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location['url']})")

    def _on_exception(self, exception: WebError) -> None:
        self.errors.append(exception.error.stack or exception.error.message)

    def _on_request(self, request: Request) -> None:
        if (path := COUNTER_PATH.search(request.url)) and request.method in {"GET", "POST"}:
            self.answers.append(Answer(request, path[1], monotonic()))
        elif request.resource_type in {"fetch", "xhr"}:
            self.others.append(request.url)

    def _record(self, request: Request, **happened: Any) -> None:
        for answer in self.answers:
            if answer.request == request:
                vars(answer).update(happened, at=monotonic())

    def texts(self, selector: str = "") -> Counter[str]:
        """Return the texts that a reader sees, in all frames and open shadow roots."""
        found: Counter[str] = Counter()
        scope = f":is({selector or ':root'})"
        for frame in self.page.frames:
            with suppress(Error):  # the frame is loading or gone
                if is_shown(frame):
                    elements = frame.locator(f"css={scope}, {scope} *")
                    found.update(dict(elements.evaluate_all(TEXTS)))
        return found

    def has(self, selector: str) -> bool:
        """Return whether an element matches a selector, in any frame or open shadow root."""
        return any(frame.locator(f"css={selector}").count() for frame in self.page.frames)


def is_shown(frame: Frame) -> bool:
    """Return whether a reader sees a frame: no iframe around it is hidden."""
    while frame.parent_frame:
        if not frame.frame_element().is_visible():
            return False
        frame = frame.parent_frame
    return True
