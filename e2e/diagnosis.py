"""Why a page shows no number, or a wrong one."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from e2e.finding import API, BROKEN, PAGE, UNKNOWN, Finding
from e2e.view import Answer, View

if TYPE_CHECKING:
    from e2e.visitor import Site

# In the words of a browser: a script of the API, or a request for a number. A badge is an image.
OF_API = re.compile(
    r"/elements/visitor-(counter|history)\.js|/counters/[^/?#'\"\s)]+(/visits)?(?=[?'\"\s)]|$)"
)
BY_PAGE = re.compile("content.security.policy|integrity", re.IGNORECASE)
HIDDEN = (
    "The suite reads visible text in all frames and in open shadow roots. It cannot read an image, "
    "a canvas, text of CSS or a closed shadow root."
)


def never_asks(view: View, site: "Site") -> Finding:
    """Return why a page does not ask the API, and what to do."""
    reason = "The page does not ask the API for a number."
    if of_api := next(filter(OF_API.search, view.errors), ""):
        return Finding(*refusal(reason, of_api))
    if site.click and not view.clicked:
        reason += f" Nothing to click matches CLICK_FIRST={site.click}."
    if view.errors:
        reason += f" The browser says: {view.errors[0]}"
    if view.others:
        reason += f" It asks {', '.join(view.others[:3])} instead."
    reason += f""" The number is at {site.api.url}/counters/NAME. SITE_URL must be a page that
        everyone can read without a password, and that shows the number as text: a badge alone, an
        image, cannot be watched. If visitors must click something first, such as a banner, name it:
        CLICK_FIRST="#accept"."""
    return Finding(PAGE, UNKNOWN, reason)


def refusal(reason: str, error: str) -> tuple[str, str, str]:
    """Return what is broken if a browser writes this error about the API or its scripts."""
    reason += f" The browser says: {error}"
    if not BY_PAGE.search(error):
        return API, BROKEN, reason
    reason += """ Add the address of the API to the page's policy, or copy the lines of the new
        script, with its hash, to the page."""
    return PAGE, BROKEN, reason


def no_number(view: View, site: "Site", changed: Iterable[str]) -> Finding:
    """Return why the page does not show the number that it was answered.

    The texts in `changed` are those that differ between loads with different numbers.
    """
    failed = next((answer for answer in view.answers if not answer.numbers), None)
    if failed and not site.reroute and not failed.request.url.startswith(f"{site.api.url}/"):
        return other_api(failed.request.url, site)
    if failed:
        return no_answer(view, failed)
    if site.selector and not view.has(site.selector):
        reason = f"No element matches NUMBER_SELECTOR={site.selector}. Correct the selector."
        return Finding(PAGE, UNKNOWN, reason)
    visits = view.answers[-1].numbers["visits"]
    given = f"The page asked for the number, was answered {visits} visits"
    if shown := sorted(filter(re.compile(r"\d").search, changed), key=len):
        return Finding(PAGE, BROKEN, f"{given}, and shows {shown[0]!r}.")
    where = f" in NUMBER_SELECTOR={site.selector}" if site.selector else ""
    return Finding(PAGE, BROKEN, f"{given}, and shows no number that follows it{where}. {HIDDEN}")


def other_api(url: str, site: "Site") -> Finding:
    reason = f"""The page asks another API: {url}. Correct its address, or API_URL, which is
        {site.api.url}."""
    return Finding(PAGE, UNKNOWN, reason)


def no_answer(view: View, answer: Answer) -> Finding:
    """Return why the page got no numbers from the API."""
    reason = f"The page asked the API and shows no number: {answer}."
    of_api = next(filter(OF_API.search, view.errors), "")
    if answer.failure and of_api:
        return Finding(*refusal(reason, of_api))
    response = answer.response
    if response and response.ok and not answer.finished:
        return Finding(PAGE, BROKEN, f"{reason} The page does not read the response.")
    problem = response and "problem+json" in response.headers.get("content-type", "")
    refused = problem and response.status in {400, 403, 404}
    return Finding(PAGE if refused else API, BROKEN, reason)
