"""The function on proxy events with missing, wrong or odd entries."""

import copy
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local import function
from local.gateway.integrations import well_formed
from openapi_handler import messages
from tests.visits.events import OPERATIONS, valid_event

pytestmark = pytest.mark.slow
TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["", "\0", "\u202e", "\ufeff", "e\u0301" * 500, "\U0010ffff", "x" * 100_000, "9" * 5_000, "-1"]
)
JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from([10**400, "x" * 100_000, [], [None], {}, {"a": [{}]}])
)


EVENTS = st.sampled_from(list(OPERATIONS)).map(valid_event)


def places(value, parent=()):
    """Return the path of each entry of nested maps, such as ("headers", "Host")."""
    if not isinstance(value, dict):
        return []
    here = [(*parent, name) for name in value]
    return here + [place for path in here for place in places(value[path[-1]], path)]


MISSING = object()


def mutated(event, place, value):
    """Return a copy of an event in which an entry is missing or has another value."""
    event = copy.deepcopy(event)
    *parents, name = place
    target = event
    for each in parents:
        target = target[each]
    if value is MISSING:
        del target[name]
    else:
        target[name] = value
    return event


@st.composite
def mutated_events(draw):
    """A valid event in which two or three entries are missing or have another value."""
    event = draw(EVENTS)
    for _ in range(draw(st.integers(2, 3))):
        place = draw(st.sampled_from(places(event)))
        event = mutated(event, place, draw(st.just(MISSING) | JUNK))
    return event


@st.composite
def events_of_odd_clients(draw):
    """A valid event with any text in the places that a client controls."""
    event = draw(EVENTS)
    names = st.sampled_from(["Origin", "User-Agent", "Sec-GPC", "Sec-Purpose", "Content-Type"])
    one_line = TEXT.map(lambda text: text.replace("\r", "").replace("\n", ""))
    event["multiValueHeaders"] |= draw(st.dictionaries(names, st.lists(one_line, min_size=1)))
    names = st.sampled_from(["visitId", "days", "label", "color"])
    query = draw(st.dictionaries(names | TEXT, st.lists(TEXT, min_size=1), max_size=3))
    before = event["multiValueQueryStringParameters"] or {}
    event["multiValueQueryStringParameters"] = {**before, **query}
    if event["pathParameters"] and draw(st.booleans()):
        event["pathParameters"]["counterId"] = draw(TEXT)
    event["body"] = draw(st.none() | TEXT)
    return event


def answer(event):
    response = function.handle(event, None)
    assert well_formed(response)
    json.dumps(response)
    return response["statusCode"]


def check_answer_or_refusal(event):
    with suppress(ValueError):
        assert answer(event) in {200, 201, 400, 403, 404, 405, 500}


@pytest.mark.parametrize("value", [MISSING, None, "x", {}], ids=["missing", "null", "text", "map"])
def test_event_with_a_wrong_entry_is_answered_or_refused(table, value):
    """If one entry is missing or wrong, the status is documented, or the error is a ValueError."""
    for operation in ("recordVisit", "readHistory"):
        event = valid_event(operation)
        for place in places(event):
            check_answer_or_refusal(mutated(event, place, value))


@given(mutated_events())
def test_event_with_wrong_entries_is_answered_or_refused(table, event):
    """If several entries are missing or wrong, the same holds."""
    check_answer_or_refusal(event)


@given(events_of_odd_clients())
def test_no_text_of_a_client_is_an_internal_error(table, event):
    """The answer to any text in headers, query, path and body is documented and not a 500."""
    assert answer(event) in {200, 201, 400, 403, 404}


@pytest.mark.parametrize("event", [{}, {"version": "2.0", "rawPath": "/"}, [], None])
def test_other_kinds_of_events_are_refused(event):
    """An event that is not a REST proxy event raises an error that says so."""
    with pytest.raises(ValueError, match="Not a REST proxy event"):
        messages.Request(event)
