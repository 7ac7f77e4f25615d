"""A visitor of a site, and what they see there, told in words for people."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Error, Page, Route

from e2e.api import Api
from e2e.evidence import Evidence

PATIENCE = 12_000  # the element asks once more after 9 seconds, and a cold start takes 3
COUNTER = "visitor-counter"
COUNTING = re.compile(r"/counters/[^/]+/visits")
TELL = """addEventListener("visitor-counter:failure", () =>
    document.documentElement.setAttribute("data-no-number", ""))"""
PERSON = "Object.defineProperty(Navigator.prototype, 'webdriver', {get: () => false})"


@dataclass(frozen=True)
class Site:
    """A page with a counter, and the API it counts with."""

    url: str
    api: Api


@dataclass
class Visitor:
    """Somebody with a browser. It is run by a program, so the page only reads for them."""

    page: Page
    site: Site
    evidence: Evidence

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.add_init_script(TELL)

    def is_a_person(self) -> None:
        """Let the page count them. What it sends is re-routed to the tests' own counter."""
        self.page.add_init_script(PERSON)

    def loses_the_api(self, failure: Callable[[Route], None]) -> None:
        """Load the page while the API does not work, and wait until its element has noticed."""
        self.page.route(f"{self.site.api.url}/**", failure)
        self.goes_to_the_page()
        self.page.wait_for_selector("[data-no-number]", state="attached")

    def opens_the_page(self) -> int:
        """Load the page, and give the visits that are then on it."""
        __tracebackhide__ = True
        self.goes_to_the_page()
        return self.sees_a_number()

    def goes_to_the_page(self) -> None:
        """Load the page; once more if it does not come, for its host may hiccup."""
        __tracebackhide__ = True
        wrong = self._loads() and self._loads()
        if wrong:
            pytest.fail(wrong)

    def _loads(self) -> str:
        """What is wrong with the page as it comes, if anything."""
        try:
            response = self.page.goto(self.site.url, wait_until="commit")
        except Error as error:
            return f"A visitor sees no page: {error.message}"
        if response and not response.ok:
            return f"A visitor sees no page: {self.site.url} is answered {response.status}."
        try:
            self.page.wait_for_selector(f"{COUNTER}:defined", state="attached")
        except Error:
            return f"A visitor sees no counter: the page has no <{COUNTER}>, or its script is lost."
        return ""

    def sees_a_number(self) -> int:
        __tracebackhide__ = True
        self.page.locator(COUNTER).first.evaluate("counter => counter.removeAttribute('show')")
        fresh = f"{COUNTER}[data-state=fresh]"
        try:
            self.page.wait_for_selector(f"{fresh}, [data-no-number]", state="attached")
        except Error:
            pytest.fail(f"A visitor sees no number, however long they wait. {self.what_happened()}")
        number = self.page.locator(fresh).locator("[part=number]").first
        if not number.is_visible():
            pytest.fail(f"A visitor sees no number. {self.what_happened()}")
        return int(re.sub(r"\D", "", number.inner_text()))

    def counter_of_the_page(self) -> str:
        """The real counter's id, as the page names it."""
        return self.page.locator(COUNTER).first.get_attribute("counter") or ""

    def contract_of_the_page(self) -> str:
        """The hash of the contract that the page's script was made from."""
        return str(self.page.evaluate(f"customElements.get('{COUNTER}').contract"))

    def what_happened(self) -> str:
        """What the page asked the API, and what came back."""
        calls = [line for line in self.evidence.network if "/counters/" in line]
        return "The page asked: " + ("; ".join(calls) or "nothing") + "."
