"""A visitor of a page that shows the number of a counter, made with any script."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Error, Route

from contract.repository import ROOT
from e2e import diagnosis, number
from e2e.api import Api
from e2e.finding import BROKEN, PAGE, UNKNOWN, Finding
from e2e.view import COUNTER_PATH, View

WAIT_MILLISECONDS = 60_000  # on this machine, which may be busy; it only bounds a failure
VISITS_PATH = re.compile(r"/counters/[^/]+/visits")
API_PATH = re.compile(r"/(health|counters/[^/?#]+(/(visits|history|badge\.svg))?)(\?.*)?$")
SCRIPT_PATH = re.compile(r"/elements/visitor-(counter|history)\.js$")  # of the API, too
SCRIPT = ROOT / "client" / "dist" / "visitor-counter.js"
NOT_AUTOMATED = "Object.defineProperty(Navigator.prototype, 'webdriver', {get: () => false})"
POLL_MILLISECONDS = 100
# The suite answers the page with these numbers. Their first digits differ, and so do the
# abbreviations, rounded in either direction.
CHOSEN = (
    {"visits": 73_518, "visitors": 41_296, "visits today": 8_642, "visitors today": 3_175},
    {"visits": 62_937, "visitors": 29_481, "visits today": 5_739, "visitors today": 1_826},
)


def code_of_repository() -> str:
    """Return the hash that the repository's script reports."""
    [code] = re.findall(r'static code="(\w+)"', SCRIPT.read_text())
    return str(code)


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


@dataclass(frozen=True)
class Sighting:
    """Where a page shows a number.

    Args:
        place: the place of the text.
        name: which of the API's numbers it is, a name in CHOSEN.
        form: how it is shown.

    """

    place: str
    name: str
    form: number.Form


@dataclass(frozen=True)
class Visit:
    """A visit that the page has sent to the API, and the number that it shows then.

    Args:
        view: the load of the page.
        sighting: where the number is.
        shown: the number.
        loads: how often the page was loaded for it; an answer to the first load may be lost.

    """

    view: View
    sighting: Sighting
    shown: int
    loads: int


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

    """

    site: Site
    new_context: Callable[[], BrowserContext]
    after_load: float = 5
    after_answer: float = 12
    after_failure: float = 2
    view: View | None = field(default=None, init=False)

    def counters(self) -> list[str]:
        """Return the counters whose numbers the page asks for."""
        view = self.load(choose(CHOSEN[0]))
        counters = list(dict.fromkeys(answer.counter for answer in view.answers))
        for counter in counters:
            self.read(counter)
        return counters

    def read(self, counter: str) -> dict[str, int]:
        """Return the numbers of a counter that the page asks for."""
        body = self.site.api.call("readCounter", 200, 404, counterId=counter)
        if "visits" not in body:
            reason = f"""The page asks for the counter {counter!r}, and the API has none of this
                name. Correct the page, or add the counter to the settings."""
            raise Finding(PAGE, BROKEN, reason)
        return named(body)

    def find_number(self) -> list[Sighting]:
        """Return where the page shows a number that the API answers.

        The page is loaded with different answers, and the number must change at the same place.
        """
        found: list[set[Sighting]] = []
        texts: list[dict[str, str]] = []
        for numbers in CHOSEN:
            view = self.load(choose(numbers))
            found.append(self.wait(view, lambda: set(self._sightings(view, numbers))))  # noqa: B023
            texts.append(view.texts(self.site.selector))
        if not (both := found[0] & found[1]):
            raise diagnosis.no_number(view, self.site, CHOSEN[1]["visits"], texts)
        return sorted(both, key=lambda sighting: -len(sighting.place))

    def visit(self, sightings: list[Sighting]) -> Visit:
        """Load the page, which shows the answer of the API where it showed the chosen ones."""
        for loads in (1, 2):
            view = self.load()
            if shown := self.wait(view, lambda: self._shown(view, sightings)):  # noqa: B023
                return Visit(view, *shown, loads)
            if all(answer.numbers for answer in view.answers):
                break
        text = view.texts(self.site.selector).get(sightings[0].place, "")
        raise diagnosis.wrong_number(view, self.site, sightings[0].name, text)

    def load(self, respond: Callable[[Route], None] | None = None) -> View:
        """Load the page until it asks for a number, and once more if it does not.

        Args:
            respond: answers instead of the API.

        """
        for _ in range(2):
            self.view = view = self._open(respond)
            if error := self._goto(view):
                continue
            if self.wait(view, lambda: view.answers):  # noqa: B023
                if failed := diagnosis.script_failure(view):
                    raise failed
                return view
        if error:
            raise Finding(PAGE, UNKNOWN, error)
        raise diagnosis.never_asks(view, self.site)

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

    def _sightings(self, view: View, numbers: dict[str, int]) -> Iterator[Sighting]:
        units = number.units(view.page)
        for place, text in view.texts(self.site.selector).items():
            for name, value in numbers.items():
                if form := number.form(text, value, units):
                    yield Sighting(place, name, form)

    def _shown(self, view: View, sightings: list[Sighting]) -> tuple[Sighting, int] | None:
        texts = view.texts(self.site.selector)
        units = number.units(view.page)
        for answer in view.answers:
            for sighting in sightings if answer.numbers else ():
                value = named(answer.numbers)[sighting.name]
                form = number.form(texts.get(sighting.place, ""), value, units)
                # A page may write low numbers in full and abbreviate high ones.
                low = value < CHOSEN[1][sighting.name]
                if form and form in {sighting.form, "exact" if low else "abbreviated"}:
                    return sighting, value
        return None

    def _open(self, respond: Callable[[Route], None] | None) -> View:
        if self.view:
            self.view.context.close()
        context = self.new_context()
        context.set_default_timeout(self.site.timeout)
        context.add_init_script(NOT_AUTOMATED)
        context.tracing.start(screenshots=True, snapshots=True)
        if self.site.folder:
            context.route(f"{self.site.url}**", self._from_folder)
        for path in (API_PATH, SCRIPT_PATH) if self.site.reroute else (VISITS_PATH,):
            context.route(path, self._redirect)
        if respond:
            context.route(COUNTER_PATH, respond)  # the newest route has precedence
        view = View(context)
        for name in ("selector", "click"):
            self._check_selector(view, name)
        return view

    def _check_selector(self, view: View, name: str) -> None:
        selector = getattr(self.site, name)
        try:
            view.page.query_selector(f"css={selector}" if selector else "css=*")
        except Error as error:
            variable = {"selector": "NUMBER_SELECTOR", "click": "CLICK_FIRST"}[name]
            reason = f"{variable}={selector} is no CSS selector. Write it as in a style sheet."
            raise Finding(PAGE, UNKNOWN, reason) from error

    def _goto(self, view: View) -> str:
        """Load the page and return why that failed, or an empty string."""
        try:
            response = view.page.goto(self.site.url, wait_until="commit")
        except Error as error:
            return f"There is no page: {error.message.splitlines()[0]}. Check SITE_URL."
        if response and not response.ok:
            return f"There is no page: {self.site.url} returned {response.status}. Check SITE_URL."
        return ""

    def _redirect(self, route: Route) -> None:
        """Redirect a visit to the counter `smoke`, and see `Site.reroute`."""
        url = VISITS_PATH.sub("/counters/smoke/visits", route.request.url)
        if self.site.reroute and (path := API_PATH.search(url) or SCRIPT_PATH.search(url)):
            url = self.site.api.url + path[0]
        route.continue_(url=url)

    def _from_folder(self, route: Route) -> None:
        path = Path(urlsplit(route.request.url).path.lstrip("/") or "index.html")
        path = (self.site.folder or Path()) / path
        if path.name == "index.html":
            text = path.read_text().replace('"/live', f'"{self.site.api.url}')
            route.fulfill(body=text, content_type="text/html")
        elif path.is_file():
            route.fulfill(path=path)
        else:
            route.fulfill(status=404)


def choose(numbers: dict[str, int]) -> Callable[[Route], None]:
    """Return a function that answers a request for numbers, or a visit, with these."""
    today = {
        "date": datetime.now(UTC).date().isoformat(),
        "visits": numbers["visits today"],
        "visitors": numbers["visitors today"],
    }
    body = {"visits": numbers["visits"], "visitors": numbers["visitors"], "today": today}

    def respond(route: Route) -> None:
        [counter] = COUNTER_PATH.findall(route.request.url)
        if route.request.method == "POST":
            route.fulfill(status=201, json={"counterId": counter, **body, "counted": True})
        else:
            route.fulfill(json={"counterId": counter, **body})

    return respond


def named(body: dict[str, Any]) -> dict[str, int]:
    """Return the numbers of a response of the API, by the names in CHOSEN."""
    return {
        "visits": body["visits"],
        "visitors": body["visitors"],
        "visits today": body["today"]["visits"],
        "visitors today": body["today"]["visitors"],
    }
