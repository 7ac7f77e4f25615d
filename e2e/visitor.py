"""A visitor of a page that shows the number of a counter, made with any script."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Error, Route

from e2e import diagnosis, number
from e2e.api import Api
from e2e.finding import BROKEN, PAGE, UNKNOWN, Finding
from e2e.view import COUNTER_PATH, NAMES, View

WAIT_MILLISECONDS = 60_000  # on this machine, which may be busy; it only bounds a failure
VISITS_PATH = re.compile(r"/counters/[^/]+/visits")
API_PATH = re.compile(
    r"/(health|elements/[^/]+\.js|counters/[^/?#]+(/(visits|history|badge\.svg))?)(\?.*)?$"
)
NOT_AUTOMATED = "Object.defineProperty(Navigator.prototype, 'webdriver', {get: () => false})"
POLL_MILLISECONDS = 100
# The suite answers the page with these numbers. Their first digits differ.
CHOSEN = (
    {"visits": 73_518, "visitors": 41_296, "visits today": 8_642, "visitors today": 3_175},
    {"visits": 62_937, "visitors": 29_481, "visits today": 5_739, "visitors today": 1_826},
)


@dataclass(frozen=True)
class Site:
    """A page with a number, and the API that it uses.

    Args:
        url: the URL of the page.
        api: the API.
        timeout: milliseconds to wait for anything on the page. A live site gets 12 seconds: the
            element retries after 9 at the latest, and a cold start takes 3.
        reroute: send the page's requests to its API to `api` instead.
        folder: load the page from this folder, as if it came from `url`, and let it call `api`.
        selector: the CSS selector of the number, for a page that shows it elsewhere, too.
        click: the CSS selector of what is clicked first, such as the button of a banner.

    """

    url: str
    api: Api
    timeout: float = 12_000
    reroute: bool = False
    folder: Path | None = None
    selector: str = ""
    click: str = ""


def local_site(url: str) -> Site:
    """Describe a site on this machine, which may take longer than a live one to answer."""
    api = Api(f"{url}/live", timeout=WAIT_MILLISECONDS / 1000)
    return Site(f"{url}/", api, timeout=WAIT_MILLISECONDS)


class Visit(NamedTuple):
    """A load of the page, the API's number that it shows, and how many loads that took."""

    view: View
    loads: int
    name: str
    shown: int


@dataclass
class Visitor:
    """A visitor of a site, whose visits are counted on `smoke` instead of the page's counters.

    Args:
        site: the site.
        new_context: opens a browser context. Each load of the page has one, like a new visitor.
        after_load: seconds in which a loaded page asks the API.
        after_answer: seconds in which the page shows an answer.
        after_failure: seconds in which a page asks again, or shows that it has no number.
        view: the last load of the page.
        fixed: the texts of the page that do not follow its number.

    """

    site: Site
    new_context: Callable[[], BrowserContext]
    after_load: float = 5
    after_answer: float = 12
    after_failure: float = 2
    view: View | None = field(default=None, init=False)
    fixed: Counter[str] = field(default_factory=Counter, init=False)

    def counters(self) -> list[str]:
        """Return the counters of the API whose numbers the page asks for."""
        answers = self.load(choose(CHOSEN[0])).answers
        return [name for name in dict.fromkeys(one.counter for one in answers) if self.read(name)]

    def read(self, counter: str) -> dict[str, int]:
        """Return the numbers of a counter that the page asks for."""
        body = self.site.api.call("readCounter", 200, 404, counterId=counter)
        if "visits" not in body:
            reason = f"""The page asks for the counter {counter!r}, and the API has none of this
                name. Correct the page, or add the counter to the settings."""
            raise Finding(PAGE, BROKEN, reason)
        return named(body)

    def find_number(self) -> set[str]:
        """Return which numbers of the API the page shows: names in CHOSEN.

        The page is loaded with different answers, and texts must follow them. The first load may
        end too soon, at a text that never changes, so there is a third one.
        """
        before: Counter[str] = Counter()
        for numbers, others in (CHOSEN, CHOSEN[::-1], CHOSEN):
            view = self.load(choose(numbers))
            self.wait(view, lambda: names_in(self.texts() - before, numbers))  # noqa: B023
            after = self.texts()
            self.fixed = before & after
            if shown := names_in(after - before, numbers) & names_in(before - after, others):
                return shown
            before = after
        raise diagnosis.no_number(view, self.site, after - self.fixed)

    def texts(self) -> Counter[str]:
        """Return the texts of the last load in which the number may be."""
        return self.view.texts(self.site.selector) if self.view else Counter()

    def visit(self, names: set[str]) -> Visit:
        """Load the page, which shows the API's number of one of these names."""
        for loads in (1, 2):
            view = self.load()
            if shown := self.wait(view, lambda: self._shown(view, names)):  # noqa: B023
                return Visit(view, loads, *shown)
            if all(answer.numbers for answer in view.answers):
                break
        raise diagnosis.no_number(view, self.site, self.texts() - self.fixed)

    def load(self, respond: Callable[[Route], None] | None = None) -> View:
        """Load the page, answered by a function or the API, and once more if it does not ask."""
        for _ in range(2):
            self.view = view = self._open(respond)
            if error := self._goto(view):
                continue
            if self.wait(view, lambda: view.answers):  # noqa: B023
                break
        if error:
            raise Finding(PAGE, UNKNOWN, f"There is no page: {error}. Check SITE_URL.")
        if not view.answers:
            raise diagnosis.never_asks(view, self.site)
        return view

    def wait(self, view: View, done: Callable[[], Any]) -> Any:
        """Wait until a condition is true, as long as the page may still get there."""
        while not (result := done()) and monotonic() < self._deadline(view):
            if not view.answers:
                self._look_around(view)
            view.page.wait_for_timeout(POLL_MILLISECONDS)
        return result

    def _deadline(self, view: View) -> float:
        timeout = self.site.timeout / 1000
        if not view.answers:
            return max(view.loaded or view.opened + timeout, view.clicked) + self.after_load
        if any(answer.pending for answer in view.answers):
            return view.answers[-1].at + timeout
        last = max(view.answers, key=lambda answer: answer.at)
        return last.at + (self.after_answer if last.numbers else self.after_failure)

    def _look_around(self, view: View) -> None:
        """Click what is to be clicked first, and scroll: a page may ask for what is in view."""
        with suppress(Error):  # the page may be loading, or a frame be gone
            view.page.mouse.wheel(0, 500)
        if not self.site.click or view.clicked:
            return
        for frame in view.page.frames:
            button = frame.locator(f"css={self.site.click}").first
            with suppress(Error):
                if button.is_visible():
                    button.click(timeout=POLL_MILLISECONDS * 10)
                    view.clicked = monotonic()
                    return

    def _shown(self, view: View, names: set[str]) -> tuple[str, int] | None:
        if any(answer.pending for answer in view.answers):
            return None
        texts = self.texts() - self.fixed
        for numbers in [named(answer.numbers) for answer in view.answers if answer.numbers]:
            if found := names & names_in(texts, numbers):
                name = min(found)
                return name, numbers[name]
        return None

    def _open(self, respond: Callable[[Route], None] | None) -> View:
        if self.view:
            self.view.context.close()
        context = self.new_context()
        context.set_default_timeout(self.site.timeout)
        context.add_init_script(NOT_AUTOMATED)
        if self.site.folder:
            context.route(f"{self.site.url}**", self._from_folder)
        context.route(API_PATH if self.site.reroute else VISITS_PATH, self._redirect)
        if respond:
            context.route(COUNTER_PATH, respond)  # the newest route has precedence
        return View(context)

    def _goto(self, view: View) -> str:
        """Load the page and return why that failed, or an empty string."""
        try:
            response = view.page.goto(self.site.url, wait_until="commit")
        except Error as error:
            return error.message.splitlines()[0]
        failed = response and not response.ok
        return f"{self.site.url} returned {response.status}" if response and failed else ""

    def _redirect(self, route: Route) -> None:
        """Redirect a visit to the counter `smoke`, and see `Site.reroute`."""
        url = VISITS_PATH.sub("/counters/smoke/visits", route.request.url)
        if self.site.reroute and (path := API_PATH.search(url)):
            url = self.site.api.url + path[0]
        route.continue_(url=url)

    def _from_folder(self, route: Route) -> None:
        name = urlsplit(route.request.url).path.lstrip("/") or "index.html"
        path = (self.site.folder or Path()) / name
        if path.name == "index.html":
            text = path.read_text().replace('"/live', f'"{self.site.api.url}')
            route.fulfill(body=text, content_type="text/html")
        elif path.is_file():
            route.fulfill(path=path)
        else:
            route.fulfill(status=404)


def choose(numbers: dict[str, int]) -> Callable[[Route], None]:
    """Return a function that answers a request for numbers, or a visit, with these."""
    today = {name: numbers[f"{name} today"] for name in NAMES}
    body: dict[str, Any] = {name: numbers[name] for name in NAMES}
    body |= {"today": {**today, "date": datetime.now(UTC).date().isoformat()}}

    def respond(route: Route) -> None:
        [counter] = COUNTER_PATH.findall(route.request.url)
        status, more = (201, {"counted": True}) if route.request.method == "POST" else (200, {})
        route.fulfill(status=status, json={"counterId": counter, **body, **more})

    return respond


def names_in(texts: Iterable[str], numbers: dict[str, int]) -> set[str]:
    """Return the names of the numbers that these texts show."""
    digits = [text for text in texts if re.search(r"\d", text)]
    return {
        name
        for name, value in numbers.items()
        if any(number.is_shown(text, value) for text in digits)
    }


def named(body: dict[str, Any]) -> dict[str, int]:
    """Return the numbers of a response of the API, by the names in CHOSEN."""
    today = {f"{name} today": body["today"][name] for name in NAMES}
    return {name: body[name] for name in NAMES} | today
