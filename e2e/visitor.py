"""A visitor with a browser. The failure messages describe what the visitor sees."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Error, Page, Route

from contract.repository import ROOT
from e2e.api import Api
from e2e.evidence import Evidence

COUNTER = "visitor-counter"
WAIT_MILLISECONDS = 60_000  # on this machine, which may be busy; it only bounds a failure
READ_URL = re.compile(r"/visits\?.*")
VISITS_PATH = re.compile(r"/counters/[^/]+/visits")
API_PATH = re.compile(r"/(health|counters/[^/?#]+(/(visits|history|badge\.svg))?)(\?.*)?$")
SCRIPT_PATH = re.compile(r"/elements/visitor-(counter|history)\.js$")  # of the API, too
SCRIPT = ROOT / "client" / "dist" / "visitor-counter.js"
NO_PAGE = "There is no page"
AFTER_LOAD = 5000  # milliseconds after the page's load event, for a script that is added later
MARK_EVENTS = """
    const mark = name => document.documentElement.setAttribute(name, "");
    addEventListener("load", () => mark("data-loaded"));
    addEventListener("visitor-counter:failure", event =>
        event.composedPath()[0].setAttribute("data-no-number", ""));
"""
PLAIN = """element => {
    for (const name of ["show", "compact"]) element.removeAttribute(name);
}"""
NOT_AUTOMATED = "Object.defineProperty(Navigator.prototype, 'webdriver', {get: () => false})"


def code_of_repository() -> str:
    """Return the hash that the repository's script reports."""
    [code] = re.findall(r'static code="(\w+)"', SCRIPT.read_text())
    return str(code)


@dataclass(frozen=True)
class Site:
    """A page with a counter, and the API that it uses.

    Args:
        url: the URL of the page.
        api: the API.
        timeout: milliseconds to wait for anything on the page. A live site gets 12 seconds: the
            element retries after 9 at the latest, and a cold start takes 3.

    """

    url: str
    api: Api
    timeout: float = 12_000


def local_site(url: str) -> Site:
    """Describe a site on this machine, which may take longer than a live one to answer."""
    api = Api(f"{url}/live", timeout=WAIT_MILLISECONDS / 1000)
    return Site(f"{url}/", api, timeout=WAIT_MILLISECONDS)


@dataclass
class Visitor:
    """A visitor of a site. The browser is automated, so the page does not count its visits."""

    page: Page
    site: Site
    evidence: Evidence

    def __post_init__(self) -> None:
        self.page.set_default_timeout(self.site.timeout)
        self.page.add_init_script(f"{{{MARK_EVENTS}}}")

    def be_counted(self, counter: str) -> None:
        """Hide that the browser is automated, and let the page record visits of one counter.

        These visits are redirected to the counter `smoke`. The page's other counters are only read.
        """
        self.page.add_init_script(NOT_AUTOMATED)
        self.page.unroute(VISITS_PATH)
        self.page.route(
            VISITS_PATH,
            lambda route: (
                route.fallback()
                if f"/counters/{counter}/visits" in route.request.url
                else route.fallback(method="GET", url=READ_URL.sub("", route.request.url))
            ),
        )

    def open_page_without_api(self, failure: Callable[[Route], None]) -> None:
        """Load the page while the API fails, and wait until every element reports the failure."""
        self.page.route(API_PATH, failure)
        self.load_page()
        for counter in self.page.locator(COUNTER).all():
            counter.and_(self.page.locator("[data-no-number]")).wait_for(state="attached")

    def open_page(self, counter: str = "") -> int:
        """Load the page and return the number of visits of a counter, or of the first one."""
        __tracebackhide__ = True
        self.load_page()
        return self.read_number(counter)

    def load_page(self) -> None:
        """Load the page, and try once more if that fails."""
        __tracebackhide__ = True
        error = self._load() and self._load()
        if error:
            pytest.fail(error)

    def _load(self) -> str:
        """Load the page and return why that failed, or an empty string."""
        element = f"{COUNTER}:defined"
        # Otherwise the marks of the page before could be seen, and a slow page be loaded twice.
        self.page.goto("about:blank")
        try:
            response = self.page.goto(self.site.url, wait_until="commit")
        except Error as error:
            return f"{NO_PAGE}: {error.message}"
        if response and not response.ok:
            return f"{NO_PAGE}: {self.site.url} returned {response.status}."
        try:
            self.page.wait_for_selector(f"{element}, [data-loaded]", state="attached")
            self.page.wait_for_selector(element, state="attached", timeout=AFTER_LOAD)
        except Error:
            return f"The page shows no counter: <{COUNTER}> is missing, or its script did not load."
        return ""

    def read_number(self, counter: str) -> int:
        """Return the number of visits that the page shows."""
        __tracebackhide__ = True
        element = f'{COUNTER}[counter="{counter}"]' if counter else COUNTER
        self.page.locator(element).first.evaluate(PLAIN)
        try:
            self.page.wait_for_selector(
                f"{element}[data-state=fresh], {element}[data-no-number]", state="attached"
            )
        except Error:
            pytest.fail(f"The page shows no number before the time-out. {self.api_calls()}")
        fresh = self.page.locator(f"{element}[data-state=fresh]")
        number = fresh.locator("[part=number]").first
        if not number.is_visible():
            pytest.fail(f"The page shows no number. {self.api_calls()}")
        return int(re.sub(r"\D", "", number.inner_text()))

    def counters_of_page(self) -> list[str]:
        """Return the IDs of the page's counters, from the elements' attributes."""
        elements = self.page.locator(COUNTER).all()
        return list(dict.fromkeys(each.get_attribute("counter") or "" for each in elements))

    def code_of_page(self) -> str:
        """Return the hash that the page's script reports; before version 1.1.0 it has none."""
        return str(self.page.evaluate(f"customElements.get('{COUNTER}').code") or "unknown")

    def api_calls(self) -> str:
        """Describe the page's requests to the API and their responses."""
        calls = [line for line in self.evidence.network if "/counters/" in line]
        return "The page requested: " + ("; ".join(calls) or "nothing") + "."
