"""One load of the page: what it asked, what it was answered and what a reader sees."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Frame, Request, Response

NAMES = ("visits", "visitors")
COUNTER_PATH = re.compile(r"/counters/([^/?#]+)(?:/visits)?/?(?:\?.*)?$")
BADGE_PATH = re.compile(r"/counters/[^/?#]+/badge\.svg")
# Each event that a browser reports only to the page is written to its console, with this prefix.
MARK = "visitor-counter-e2e"
LISTEN = f"""{{
    const log = console.debug.bind(console);
    const note = (...words) => log("{MARK} " + JSON.stringify(words.map(String)));
    addEventListener("securitypolicyviolation", ({{effectiveDirective, blockedURI}}) =>
        note("policy", blockedURI, effectiveDirective));
    addEventListener("error", ({{target, filename, message}}) => {{
        if (target.localName === "script") note("load", target.src, target.integrity);
        else if (filename) note("throw", filename, message);
    }}, true);
    addEventListener("unhandledrejection", ({{reason}}) =>
        note("throw", reason?.stack ?? "", reason?.message ?? reason));
}}"""
# Returns the visible text of an element, in open shadow roots too: [place, text] for each text
# node, and for each element with digits and little text, because each digit may have an element.
TEXTS = r"""root => {
    const found = [];
    const seen = (node, element) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return getComputedStyle(element).visibility === "visible" &&
            [...range.getClientRects()].some(({width, height, right, bottom}) =>
                width > 1 && height > 1 && right > 0 && bottom + scrollY > 0);
    };
    const read = (node, place) => {
        if (node.nodeType === Node.TEXT_NODE) {
            const element = node.parentElement ?? node.getRootNode().host;
            if (!node.data.trim() || !seen(node, element)) return "";
            found.push([place, node.data]);
            return node.data;
        }
        if (node.nodeType !== Node.ELEMENT_NODE) return "";
        const {display, opacity, overflow} = getComputedStyle(node);
        const {width, height} = node.getBoundingClientRect();
        const clipped = overflow !== "visible" && (width <= 1 || height <= 1);
        if (display === "none" || opacity === "0" || clipped) return "";
        if (/^(input|textarea)$/.test(node.localName)) return found.push([place, node.value]), "";
        const count = {};
        const assigned = node.localName === "slot" ? node.assignedNodes() : [];
        const children = assigned.length ? assigned : (node.shadowRoot ?? node).childNodes;
        const text = [...children].map(child => {
            const name = child.localName ?? child.nodeName;
            count[name] = (count[name] ?? 0) + 1;
            return read(child, `${place} ${name}:${count[name]}`);
        }).join("");
        if (text.length < 200 && /\p{Nd}/u.test(text)) found.push([place, text]);
        return text;
    };
    read(root, "");
    return found;
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
    response: Response | None = None
    failure: str = ""
    finished: bool = False
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
        accepted = self.response and self.response.ok and not self.failure
        return body if accepted and all(isinstance(value, int) for value in values) else {}

    def __str__(self) -> str:
        status = f"{self.response.status} {self.body[:200]}" if self.response else "no response"
        return f"{self.request.method} {self.request.url}: {self.failure or status}"


@dataclass
class View:
    """A load of the page in a browser context of its own, and what is recorded of it.

    Args:
        notes: what the page's browser reported: see LISTEN.
        others: the page's further requests that a script sent.
        badge: whether the page shows a badge.
        opened, loaded, clicked: when that happened, or 0.

    """

    context: BrowserContext
    answers: list[Answer] = field(default_factory=list)
    notes: list[list[str]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    badge: bool = False
    console: list[str] = field(default_factory=list)
    network: list[str] = field(default_factory=list)
    opened: float = field(default_factory=monotonic)
    loaded: float = 0
    clicked: float = 0

    def __post_init__(self) -> None:
        self.context.add_init_script(LISTEN)
        self.context.on("console", self._on_console)
        self.context.on("weberror", lambda error: self.console.append(f"uncaught: {error.error}"))
        self.context.on("request", self._on_request)
        self.context.on("response", self._on_response)
        self.context.on("requestfailed", self._on_failure)
        self.context.on("requestfinished", lambda request: self._record(request, finished=True))
        self.page = self.context.new_page()
        self.page.on("load", lambda _page: setattr(self, "loaded", monotonic()))

    def _on_console(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")
        if message.text.startswith(MARK):
            self.notes.append(json.loads(message.text.removeprefix(MARK)))

    def _on_request(self, request: Request) -> None:
        self.badge |= bool(BADGE_PATH.search(request.url))
        if (path := COUNTER_PATH.search(request.url)) and request.method in {"GET", "POST"}:
            self.answers.append(Answer(request, path[1], monotonic()))
        elif request.resource_type in {"fetch", "xhr"}:
            self.others.append(request.url)

    def _on_response(self, response: Response) -> None:
        request = response.request
        self.network.append(f"{request.method} {response.url} → {response.status}")
        self._record(request, response=response)

    def _on_failure(self, request: Request) -> None:
        self.network.append(f"{request.method} {request.url} → {request.failure}")
        self._record(request, failure=request.failure or "failed")

    def _record(self, request: Request, **happened: Any) -> None:
        for answer in self.answers:
            if answer.request == request:
                vars(answer).update(happened, at=monotonic())

    def texts(self, selector: str = "") -> dict[str, str]:
        """Return the text at each place that a reader sees, in all frames and open shadow roots."""
        found: dict[str, str] = {}
        for frame in self.page.frames:
            try:
                if not is_shown(frame):
                    continue
                address = re.split("[?#]", frame.url)[0] if frame.parent_frame else ""
                elements = frame.query_selector_all(f"css={selector or ':root'}")
                for index, element in enumerate(elements):
                    for place, text in element.evaluate(TEXTS):
                        found.setdefault(f"{address} {index}{place}", text)
            except Error:  # the frame is loading or gone
                continue
        return found

    def has(self, selector: str) -> bool:
        """Return whether an element matches a selector, in any frame or open shadow root."""
        return any(frame.locator(f"css={selector}").count() for frame in self.page.frames)

    def keep(self, folder: Path) -> None:
        """Write a screenshot, console.txt, network.txt and the trace."""
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self.page.screenshot(path=folder / "screenshot.png", full_page=True)
        except Error as error:
            self.console.append(f"screenshot failed: {error}")
        (folder / "console.txt").write_text("\n".join(self.console))
        (folder / "network.txt").write_text("\n".join(self.network))
        self.context.tracing.stop(path=folder / "trace.zip")


def is_shown(frame: Frame) -> bool:
    """Return whether a reader sees a frame: no iframe around it is hidden."""
    while frame.parent_frame:
        if not frame.frame_element().is_visible():
            return False
        frame = frame.parent_frame
    return True
