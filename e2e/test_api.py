"""The API is this repository's API, counts visits on `smoke` alone, and rejects bots."""

from time import monotonic, sleep
from uuid import uuid4

import pytest

from contract import repository
from e2e.api import operations
from e2e.finding import API, BROKEN, Finding
from e2e.visitor import Site, Visitor

READING = [name for name, (method, *_) in operations().items() if method == "GET"]
DEPLOYMENT_SECONDS = 60
POLL_SECONDS = 2
MANY = 10  # visits; more than other visitors make meanwhile, and below the API's rate limit


def test_the_api_runs_the_contract_of_the_repository(site: Site):
    """The API reports the hash of openapi.yaml within a minute of a deployment."""
    ours = repository.load().sha256
    deadline = monotonic() + DEPLOYMENT_SECONDS
    while (contract := site.api.call("readHealth")["contract"]) != ours:
        if monotonic() > deadline:
            reason = f"""An old API counts the visits: it runs contract {contract[:8]}, and the
                repository has {ours[:8]}."""
            raise Finding(API, BROKEN, reason)
        sleep(POLL_SECONDS)


@pytest.mark.parametrize("operation", READING)
def test_responses_match_the_contract(site: Site, operation):
    """Every response matches the contract, so it does not come from another service."""
    site.api.call(operation, counterId="smoke")


def test_the_suite_does_not_change_the_public_number(visitor: Visitor):
    """Visits that the suite records on `smoke` do not change a public counter."""
    before = {counter: visitor.read(counter)["visits"] for counter in visitor.counters()}
    for _ in range(MANY):
        visitor.site.api.call("recordVisit", 201, counterId="smoke", visitId=str(uuid4()))
    for counter, number in before.items():
        after = visitor.read(counter)["visits"]
        if after >= number + MANY:
            reason = f"""The counter {counter} has {after} visits after {number}: the suite's visits
                were counted."""
            raise Finding(API, BROKEN, reason)


def test_the_public_counter_rejects_bots(visitor: Visitor):
    """The API does not count a visit of the suite on a public counter, with reason `bot`."""
    for counter in visitor.counters():
        visit = {"counterId": counter, "visitId": str(uuid4())}
        receipt = visitor.site.api.call("recordVisit", 200, 201, **visit)
        if receipt.get("reason") != "bot":
            reason = f"The number of {counter} includes visits of bots: {receipt}."
            raise Finding(API, BROKEN, reason)
