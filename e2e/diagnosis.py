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


def script_failure(view: View) -> Finding | None:
    """Return why a script fails that the page loads from the API, if one does."""
    for kind, source, detail in view.notes:
        script = SCRIPT_OF_API.search(source)
        if not script:
            continue
        if kind == "policy":
            return blocked(source, detail)
        if kind == "throw":
            return Finding(API, BROKEN, f"The API's script {script[0]} fails: {detail}.")
        answered = next((line for line in view.network if source in line), source)
        if "→ 200" in answered and detail:
            reason = f"""The browser refuses the API's script {source}: it is not the one whose hash
                the page names in `integrity`. Copy the lines of the new script to the page, or
                leave `integrity` out."""
            return Finding(PAGE, BROKEN, reason)
        if "→ csp" not in answered:
            return Finding(API, BROKEN, f"The API's script does not load: {answered}.")
    return None


def blocked(url: str, directive: str) -> Finding:
    reason = f"""The Content Security Policy of the page blocks {url}. Add the address of the API to
        its directive `{directive}`."""
    return Finding(PAGE, BROKEN, reason)


def never_asks(view: View, site: "Site") -> Finding:
    """Return why a page does not ask the API for a number."""
    if failed := script_failure(view):
        return failed
    for kind, source, detail in view.notes:
        if kind == "policy" and (COUNTER_PATH.search(source) or source.startswith(site.api.url)):
            return blocked(source, detail)
    reason = f"The page does not ask the API for a number. {cause(view, site)}"
    return Finding(PAGE, UNKNOWN, reason)


def cause(view: View, site: "Site") -> str:
    """Return what is in the way of a page that does not ask, and what to do."""
    missing = [source for kind, source, _ in view.notes if kind == "load"]
    thrown = [detail for kind, _, detail in view.notes if kind == "throw"]
    causes: list[tuple[object, str]] = [
        (
            site.click and not view.clicked,
            f"Nothing on it can be clicked that matches CLICK_FIRST={site.click}.",
        ),
        (
            view.badge,
            """It shows only the badge, an image, so its number cannot be watched. To watch it, show
            the number as text, with the element or a script of your own.""",
        ),
        (
            view.has("input[type=password]"),
            "It asks for a password. Set SITE_URL to a page that everyone can read.",
        ),
        (missing, f"A script of it does not load: {', '.join(missing)}."),
        (thrown, f"A script of it fails: {', '.join(thrown)}."),
        (
            view.others,
            f"""Its scripts ask {", ".join(view.others[:3])} instead. Correct the address: the
            number is at {site.api.url}/counters/NAME.""",
        ),
    ]
    anything = """If visitors must click something first, such as a banner, name it:
        CLICK_FIRST="#accept". If this is another page, correct SITE_URL."""
    return next((text for found, text in causes if found), anything)


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
    changed = [
        text
        for place, text in texts[1].items()
        if re.search(r"\d", text) and texts[0].get(place) != text
    ]
    if changed:
        return Finding(PAGE, BROKEN, f"{given}, and shows {min(changed, key=len)!r}.")
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
        return elsewhere(failed.request.url, site)
    return no_answer(view, failed)


def elsewhere(url: str, site: "Site") -> Finding:
    reason = f"""The page asks another API: {url}. Correct its address, or API_URL, which is
        {site.api.url}."""
    return Finding(PAGE, UNKNOWN, reason)


def no_answer(view: View, answer: Answer) -> Finding:
    """Return why the page got no numbers from the API."""
    text = f"The page asked the API and shows no number: {answer}."
    refusals = (line for line in view.console if "CORS" in line or "Allow-Origin" in line)
    if answer.failure and (refusal := next(refusals, "")):
        return Finding(API, BROKEN, f"{text} The browser says: {refusal}")
    if answer.response and answer.response.ok and not answer.finished:
        return Finding(PAGE, BROKEN, f"{text} The page does not read the response.")
    media_type = answer.response.headers.get("content-type", "") if answer.response else ""
    is_problem = answer.response and answer.response.status in {400, 403, 404}
    part = PAGE if is_problem and media_type.startswith("application/problem+json") else API
    return Finding(part, BROKEN, text)
