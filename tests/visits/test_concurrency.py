"""Counting is exact under concurrency."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from uuid import uuid4

THREADS, VISITS = 8, 6


def test_concurrent_visits_raise_the_total_by_exactly_their_number(api):
    """8 threads with 6 visits each make 48, and no response misses an answered visit."""
    answered, lock = [0], Lock()

    def visit_repeatedly(_):
        for _ in range(VISITS):
            before = answered[0]
            response = api.visit()
            assert response.status_code == 201
            assert response.json["visits"] > before
            with lock:
                answered[0] += 1

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(visit_repeatedly, range(THREADS)))
    assert api.visits() == THREADS * VISITS


def test_simultaneous_requests_with_one_visit_id_count_once(api):
    """Of 20 simultaneous requests with the same visitId exactly one is counted."""
    visit_id = str(uuid4())
    with ThreadPoolExecutor(20) as threads:
        responses = list(threads.map(lambda _: api.visit(visit_id), range(20)))
    assert sorted(response.status_code for response in responses) == [200] * 19 + [201]
    assert api.visits() == 1


def test_simultaneous_first_visits_share_one_secret(api):
    """20 simultaneous first visits of a day by the same visitor count one visitor."""
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda _: api.visit(), range(20)))
    counter = api.get("/counters/resume").json
    assert (counter["visits"], counter["visitors"]) == (20, 1)
