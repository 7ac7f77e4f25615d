"""Each visit counts exactly once: on the local stack, and on staging, whose DynamoDB is AWS's own.

`release/smoke.py` leaves this out in production, whose visitors have the same rate limit.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from uuid import uuid4

from e2e.api import Api
from e2e.finding import API, BROKEN, Finding
from e2e.visitor import Site

VISITS = 20
PAUSE = 0.5 if os.environ.get("API_URL") else 0  # keeps three requests a visit within 5 a second
ATTEMPTS = 10


def test_a_visit_that_is_sent_three_times_counts_once(site: Site):
    """Visits that arrive twice at once, and then again, raise the number by one each."""
    before = site.api.call("readCounter", counterId="smoke")["visits"]
    with ThreadPoolExecutor(2) as pool:
        for _ in range(VISITS):
            visit = str(uuid4())
            for sent in [pool.submit(record, site.api, visit) for _ in range(2)]:
                sent.result()
            record(site.api, visit)
            sleep(PAUSE)
    raised = site.api.call("readCounter", counterId="smoke")["visits"] - before
    if raised != VISITS:
        reason = f"{VISITS} visits, each sent three times, raised the number by {raised}."
        raise Finding(API, BROKEN, reason)


def record(api: Api, visit: str) -> None:
    """Send a visit, and again with the same id while the API asks for it, as clients do."""
    for _ in range(ATTEMPTS):
        answer = api.call("recordVisit", 200, 201, 429, 503, counterId="smoke", visitId=visit)
        if "visits" in answer:
            return
        sleep(1)
    raise Finding(API, BROKEN, f"The API refused a visit {ATTEMPTS} times: {answer}.")
