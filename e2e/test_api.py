"""The API as the page's browser meets it, and that it is ours."""

import pytest

from e2e.visitor import Visitor

FETCH = """url => fetch(url).then(response => response.status, error => String(error))"""


@pytest.mark.parametrize("operation", ["readHealth", "readCounter", "readHistory", "readBadge"])
def test_the_service_answers(visitor: Visitor, operation):
    """Every answer is one that the contract documents, and no gateway's own."""
    visitor.site.api.call(operation, counterId="smoke")


def test_a_counter_that_nobody_declared_is_unknown_to_the_service(visitor: Visitor):
    """This 404 names the counter as unknown, which a gateway without our routes cannot."""
    problem = visitor.site.api.call("readCounter", 404, counterId="nobody-declared-this")
    assert problem["type"] == "urn:problem-type:visits:unknown-counter"


def test_the_page_may_call_the_api(visitor: Visitor):
    """The browser lets the site's page read the API's answers, the errors too."""
    visitor.page.goto(visitor.site.url)
    for path, status in {"/health": 200, "/counters/nobody-declared-this": 404}.items():
        answer = visitor.page.evaluate(FETCH, visitor.site.api.url + path)
        assert answer == status, (
            f"A visitor sees no number: the browser keeps {path} from the page ({answer}). "
            f"Are the CORS headers there?"
        )


def test_every_page_may_read_the_api(visitor: Visitor):
    """An answer has the CORS header whoever asks, as the contract says."""
    url = f"{visitor.site.api.url}/counters/smoke"
    response = visitor.page.request.get(url, headers={"Origin": visitor.site.url.rstrip("/")})
    assert response.headers.get("access-control-allow-origin") == "*", (
        "A visitor sees no number: the API's answer has no Access-Control-Allow-Origin."
    )
