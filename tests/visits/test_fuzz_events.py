"""The function on proxy events of odd clients, and on other events."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local import function
from local.gateway.integrations import well_formed
from tests.visits.events import OPERATIONS, valid_event

pytestmark = pytest.mark.slow
TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["", "\0", "\u202e", "\ufeff", "e\u0301" * 500, "\U0010ffff", "x" * 100_000, "9" * 5_000, "-1"]
)


EVENTS = st.sampled_from(list(OPERATIONS)).map(valid_event)


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


@given(events_of_odd_clients())
def test_no_text_of_a_client_is_an_internal_error(table, event):
    """The answer to any text in headers, query, path and body is documented and not a 500."""
    response = function.handle(event, None)
    assert well_formed(response)
    json.dumps(response)
    assert response["statusCode"] in {200, 201, 400, 403, 404}
