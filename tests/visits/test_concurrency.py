"""Counting is exact when many count at once, on the local stack's DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from uuid import uuid4

THREADS, VISITS = 8, 250


def test_concurrent_visits_raise_the_total_by_exactly_their_number(exact_api):
    """8 threads of 250 visits make 2,000, and no answer is behind what had been answered."""
    finished, lock = [0], Lock()

    def visitor(_):
        for _ in range(VISITS):
            before = finished[0]
            response = exact_api.visit()
            assert response.status_code == 201
            assert response.json["visits"] > before
            with lock:
                finished[0] += 1

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(visitor, range(THREADS)))
    assert exact_api.visits() == THREADS * VISITS


def test_the_same_visit_sent_many_times_at_once_counts_once(exact_api):
    """Of 50 simultaneous requests with one visitId exactly one counts."""
    visit_id = str(uuid4())
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: exact_api.visit(visit_id), range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [201]
    assert exact_api.visits() == 1


def test_the_first_visits_of_a_day_share_one_secret(exact_api):
    """Fifty first visits by one person at once, without a secret yet, are one visitor."""
    with ThreadPoolExecutor(50) as threads:
        list(threads.map(lambda _: exact_api.visit(), range(50)))
    counter = exact_api.get("/counters/resume").json
    assert (counter["visits"], counter["visitors"]) == (50, 1)
