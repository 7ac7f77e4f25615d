"""The page shows the number of the API, each visit counts once, and the API may be unavailable."""

import re

from e2e import diagnosis
from e2e.finding import API, BROKEN, PAGE, Finding
from e2e.view import View
from e2e.visitor import Visit, Visitor

FAILURES = {
    "down": lambda route: route.abort(),
    "unavailable": lambda route: route.fulfill(status=503, json={"title": "Store unavailable"}),
}
ERROR_TEXT = re.compile(
    r"\b(undefined|NaN|null)\b|\[object |error|exception|failed to|unexpected token", re.IGNORECASE
)
NOT_COUNTED = "The number of visits is {}, and {} again at the next visit: not counted. {}"
NOT_ONE = "The number of visits is {}, and {} at the next visit: one visit is one. {}"
READS_ONLY = "The page reads the number and sends no visit, so it counts none."


def test_the_page_shows_the_number_of_the_api(visitor: Visitor, record_property):
    """The page shows the number that the API returns, and each visit increments it by one."""
    shown = visitor.find_number()
    before = numbers(visitor)
    first = visitor.visit(shown)
    after = numbers(visitor)
    if not any(before[one][first.name] <= first.shown <= after[one][first.name] for one in before):
        raise diagnosis.other_api(first.view.answers[-1].request.url, visitor.site)
    second = visitor.visit(shown)
    if not any(answer.visit for answer in second.view.answers):
        record_property("note", READS_ONLY)
    elif found := miscounted(first, second):
        raise found


def numbers(visitor: Visitor) -> dict[str, dict[str, int]]:
    """Return the numbers of `smoke` and of the counters that the page asks for."""
    counters = {"smoke", *(answer.counter for answer in visitor.view.answers)}
    return {counter: visitor.read(counter) for counter in counters}


def miscounted(first: Visit, second: Visit) -> Finding | None:
    """Return why the second visit did not increment the number by one, if it did not."""
    before, after = total(first), total(second)
    sent = {(answer.counter, answer.request.url) for answer in second.view.answers if answer.visit}
    counters = len({counter for counter, _ in sent})
    if after == before:
        replayed = first.view.answers[-1].request.url == second.view.answers[-1].request.url
        hint = "The page sends the same visitId at every visit." if replayed else ""
        return Finding(PAGE if replayed else API, BROKEN, NOT_COUNTED.format(before, after, hint))
    if not before + counters <= after <= before + counters * second.loads:
        twice = len(sent) > counters
        hint = f"The page sends {len(sent)} visits with IDs of their own." if twice else ""
        return Finding(PAGE if twice else API, BROKEN, NOT_ONE.format(before, after, hint))
    return None


def total(visit: Visit) -> int:
    """Return the highest number of visits that the API answered to a visit."""
    answers = [answer.numbers for answer in visit.view.answers if answer.visit]
    return max((body["visits"] for body in answers if body), default=0)


def test_without_the_api_there_is_no_error_text(visitor: Visitor):
    """When the API fails, the page shows no text such as `undefined` where it had a number."""
    visitor.find_number()
    known = errors(visitor.view)
    for failure, respond in FAILURES.items():
        view = visitor.load(respond)
        if text := visitor.wait(view, lambda: new_error(view, known)):  # noqa: B023
            reason = f"""When the API fails ({failure}), the page shows {text!r}. Check the
                response before its number is used, and show no number then."""
            raise Finding(PAGE, BROKEN, reason)


def errors(view: View) -> set[str]:
    return set(filter(ERROR_TEXT.search, view.texts()))


def new_error(view: View, known: set[str]) -> str:
    """Return a text that looks like an error, and contains none of those that are known."""
    new = [text for text in errors(view) if not any(old in text for old in known)]
    return min(new, key=len, default="")
