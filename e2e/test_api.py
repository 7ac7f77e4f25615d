"""The API is this repository's API, and the page's browser can call it."""

from collections.abc import Callable
from time import monotonic, sleep

import pytest

from contract import repository
from e2e.visitor import COUNTER, Site, Visitor

DEPLOYMENT_SECONDS = 60
POLL_SECONDS = 2
FETCH = """([element, path, timeout]) => {
    const api = document.querySelector(element).getAttribute("api").replace(/\\/$/, "");
    const ask = () => fetch(api + path, {signal: AbortSignal.timeout(timeout)}).then(({status}) =>
        status < 500 ? status : Promise.reject(status));
    return ask().catch(ask).catch(String);
}"""


def test_the_api_runs_the_contract_of_the_repository(site: Site):
    """The API reports the hash of openapi.yaml within a minute of a deployment."""
    expected = repository.load().sha256
    api = poll(lambda: site.api.call("readHealth")["contract"], expected)
    assert api == expected, (
        f"An old API counts the visits: it runs contract {api[:8]}, "
        f"and the repository has {expected[:8]}."
    )


def poll(read: Callable[[], str], expected: str) -> str:
    """Read until the value is the expected one or the time is up, and return the last value."""
    deadline = monotonic() + DEPLOYMENT_SECONDS
    while (actual := read()) != expected and monotonic() < deadline:
        sleep(POLL_SECONDS)
    return actual


@pytest.mark.parametrize(
    "operation", ["readHealth", "readCounter", "readHistory", "readBadge", "readElement"]
)
def test_responses_match_the_contract(site: Site, operation):
    """Every response matches the contract, so it does not come from another service."""
    site.api.call(operation, counterId="smoke", file="visitor-counter.js")


def test_an_undeclared_counter_is_unknown(site: Site):
    """The 404 of an undeclared counter comes from the function, not from a gateway."""
    problem = site.api.call("readCounter", 404, counterId="undeclared")
    assert problem["type"] == "urn:problem-type:visits:unknown-counter"


def test_the_page_may_call_the_api(visitor: Visitor):
    """The browser lets the page read the API's responses, including errors."""
    visitor.load_page()
    for path, status in {"/health": 200, "/counters/undeclared": 404}.items():
        arguments = [COUNTER, path, visitor.site.api.timeout * 1000]
        actual = visitor.page.evaluate(FETCH, arguments)
        assert actual == status, (
            f"The page shows no number: the browser does not let it read {path} ({actual}). "
            f"Check the CORS headers."
        )
