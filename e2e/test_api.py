"""The API as the page's browser meets it, and that it is ours."""

from collections.abc import Callable
from time import monotonic, sleep

import pytest

from e2e.visitor import Site, Visitor
from visits import contract

DEPLOYED_SECONDS = 60
PAUSE = 2
FETCH = """url => {
    const ask = () => fetch(url, {signal: AbortSignal.timeout(10_000)}).then(({status}) =>
        status < 500 ? status : Promise.reject(status));
    return ask().catch(ask).catch(String);
}"""


def test_the_api_runs_the_contract_of_the_repository(site: Site):
    """It answers with the hash of openapi.yaml, or does so soon: it may just have been deployed."""
    repository = contract.load().sha256
    api = settled(lambda: site.api.call("readHealth")["contract"], repository)
    assert api == repository, (
        f"A visitor is counted by an old API: it runs contract {api[:8]}, "
        f"and the repository has {repository[:8]}."
    )


def settled(tell: Callable[[], str], expected: str) -> str:
    """What is told once it is as expected, or at last."""
    deadline = monotonic() + DEPLOYED_SECONDS
    while (told := tell()) != expected and monotonic() < deadline:
        sleep(PAUSE)
    return told


@pytest.mark.parametrize("operation", ["readHealth", "readCounter", "readHistory", "readBadge"])
def test_the_service_answers(site: Site, operation):
    """Every answer is one that the contract documents, and no gateway's own."""
    site.api.call(operation, counterId="smoke")


def test_a_counter_that_nobody_declared_is_unknown_to_the_service(site: Site):
    """This 404 names the counter as unknown, which a gateway without our routes cannot."""
    problem = site.api.call("readCounter", 404, counterId="nobody-declared-this")
    assert problem["type"] == "urn:problem-type:visits:unknown-counter"


def test_the_page_may_call_the_api(visitor: Visitor):
    """The browser lets the site's page read the API's answers, the errors too."""
    visitor.goes_to_the_page()
    for path, status in {"/health": 200, "/counters/nobody-declared-this": 404}.items():
        answer = visitor.page.evaluate(FETCH, visitor.site.api.url + path)
        assert answer == status, (
            f"A visitor sees no number: the browser keeps {path} from the page ({answer}). "
            f"Are the CORS headers there?"
        )
