"""A visitor of a site, and what they see there, told in words for people."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Error, Page

from e2e.api import Api
from e2e.evidence import Evidence

PATIENCE = 20_000  # the element's own: two time-outs and the pause between them
COUNTER = "visitor-counter"
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
        self.page.add_init_script(TELL)

    def is_a_person(self) -> None:
        """Let the page count them. What it sends is re-routed to the tests' own counter."""
        self.page.add_init_script(PERSON)

    def opens_the_page(self) -> int:
        """Load the page, and give the number that is then on it."""
        __tracebackhide__ = True
        try:
            response = self.page.goto(self.site.url)
        except Error as error:
            pytest.fail(f"A visitor sees no page: {error.message}")
        if response and not response.ok:
            pytest.fail(f"A visitor sees no page: {self.site.url} is answered {response.status}.")
        return self.sees_a_number()

    def sees_a_number(self) -> int:
        __tracebackhide__ = True
        if not self.page.locator(COUNTER).count():
            pytest.fail(f"A visitor sees no counter: the page has no <{COUNTER}>.")
        fresh = f"{COUNTER}[data-state=fresh]"
        try:
            self.page.wait_for_selector(
                f"{fresh}, [data-no-number]", state="attached", timeout=PATIENCE
            )
        except Error:
            pytest.fail(f"A visitor sees no number, however long they wait. {self.what_happened()}")
        number = self.page.locator(fresh).locator("[part=number]").first
        if not number.is_visible():
            pytest.fail(f"A visitor sees no number. {self.what_happened()}")
        return int(re.sub(r"\D", "", number.inner_text()))

    def counter_of_the_page(self) -> str:
        """The real counter's id, as the page names it."""
        return self.page.locator(COUNTER).first.get_attribute("counter") or ""

    def what_happened(self) -> str:
        """What the page asked the API, and what came back."""
        calls = [line for line in self.evidence.network if "/counters/" in line]
        return "The page asked: " + ("; ".join(calls) or "nothing") + "."
