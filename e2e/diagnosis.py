"""Why a page shows no number, or a wrong one."""

import re
from typing import TYPE_CHECKING

from e2e.finding import API, BROKEN, PAGE, UNKNOWN, Finding
from e2e.view import COUNTER_PATH, Answer, View

if TYPE_CHECKING:
    from e2e.visitor import Site

SCRIPT_OF_API = re.compile(r"\S*/elements/visitor-(counter|history)\.js")
HIDDEN = (
    "The suite reads visible text in all frames and in open shadow roots. It cannot read an image, "
    "a canvas, text of CSS or a closed shadow root."
)
ONLY_BADGE = (
    "It shows only the badge, an image, so its number cannot be watched. To watch it, show the "
    "number as text, with the element or a script of your own."
)
SIGN_IN = "It asks for a password. Set SITE_URL to a page that everyone can read."
OTHERWISE = (
    "If visitors must click something first, such as a banner, name it: "
    'CLICK_FIRST="#accept". If this is another page, correct SITE_URL.'
)


def failure(view: View) -> Finding | None:
    """Return what the page may not ask of the API, or which script of the API fails, if any."""
    for kind, source, detail in view.notes:
        script = SCRIPT_OF_API.search(source)
        if kind == "policy" and (script or COUNTER_PATH.search(source)):
            reason = f"""The Content Security Policy of the page blocks {source}. Add the address of
                the API to its directive `{detail}`."""
            return Finding(PAGE, BROKEN, reason)
        if kind == "throw" and script:
            return Finding(API, BROKEN, f"The API's script {script[0]} fails: {detail}.")
        answered = next((line for line in view.network if source in line), source)
        if kind != "load" or not script or "→ csp" in answered:
            continue
        if "→ 200" in answered and detail:
            reason = f"""The browser refuses the API's script {source}: it is not the one whose hash
                the page names in `integrity`. Copy the lines of the new script to the page, or
                leave `integrity` out."""
            return Finding(PAGE, BROKEN, reason)
        return Finding(API, BROKEN, f"The API's script does not load: {answered}.")
    return None


def never_asks(view: View, site: "Site") -> Finding:
    """Return what is in the way of a page that does not ask the API, and what to do."""
    missing = ", ".join(source for kind, source, _ in view.notes if kind == "load")
    thrown = ", ".join(detail for kind, _, detail in view.notes if kind == "throw")
    others = ", ".join(view.others[:3])
    address = f"{site.api.url}/counters/NAME"
    causes = (
        (site.click and not view.clicked, f"Nothing to click matches CLICK_FIRST={site.click}."),
        (view.badge, ONLY_BADGE),
        (view.has("input[type=password]"), SIGN_IN),
        (missing, f"A script of it does not load: {missing}."),
        (thrown, f"A script of it fails: {thrown}."),
        (others, f"It asks {others} instead. Correct the address: the number is at {address}."),
        (True, OTHERWISE),
    )
    cause = next(text for found, text in causes if found)
    return Finding(PAGE, UNKNOWN, f"The page does not ask the API for a number. {cause}")


def no_number(view: View, site: "Site", chosen: int, texts: list[dict[str, str]]) -> Finding:
    """Return why the page does not show the visits that the suite has chosen.

    The texts are those of two loads with different numbers, by place.
    """
    if failed := next((answer for answer in view.answers if answer.failure), None):
        return no_answer(view, failed)
    if site.selector and not view.has(site.selector):
        reason = f"No element matches NUMBER_SELECTOR={site.selector}. Correct the selector."
        return Finding(PAGE, UNKNOWN, reason)
    given = f"The page asked for the number, was answered {chosen} visits"
    before, after = (set(found.items()) for found in texts)
    if changed := [text for _, text in after - before if re.search(r"\d", text)]:
        return Finding(PAGE, BROKEN, f"{given}, and shows {min(sorted(changed), key=len)!r}.")
    where = f" in NUMBER_SELECTOR={site.selector}" if site.selector else ""
    return Finding(PAGE, BROKEN, f"{given}, and shows no number that follows it{where}. {HIDDEN}")


def wrong_number(view: View, site: "Site", name: str, text: str) -> Finding:
    """Return why the page shows this text instead of the number of this name."""
    failed = next((answer for answer in view.answers if not answer.numbers), None)
    if not failed:
        answers = ", ".join(map(str, view.answers))
        reason = f"The page shows {text!r} instead of the {name}. It asked {answers}."
        return Finding(PAGE, BROKEN, reason)
    if not site.reroute and not failed.request.url.startswith(f"{site.api.url}/"):
        return other_api(failed.request.url, site)
    return no_answer(view, failed)


def other_api(url: str, site: "Site") -> Finding:
    reason = f"""The page asks another API: {url}. Correct its address, or API_URL, which is
        {site.api.url}."""
    return Finding(PAGE, UNKNOWN, reason)


def no_answer(view: View, answer: Answer) -> Finding:
    """Return why the page got no numbers from the API."""
    text = f"The page asked the API and shows no number: {answer}."
    refusals = (line for line in view.console if "CORS" in line or "Allow-Origin" in line)
    if answer.failure and (refusal := next(refusals, "")):
        return Finding(API, BROKEN, f"{text} The browser says: {refusal}")
    response = answer.response
    if response and response.ok and not answer.finished:
        return Finding(PAGE, BROKEN, f"{text} The page does not read the response.")
    problem = response and "problem+json" in response.headers.get("content-type", "")
    refused = problem and response and response.status in {400, 403, 404}
    return Finding(PAGE if refused else API, BROKEN, text)
