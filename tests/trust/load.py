"""Visits over HTTP by more clients than the API can serve at once.

They visit the counter of the tests, which has no cap.
"""

from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles
from threading import Lock
from time import perf_counter, sleep
from uuid import uuid4

import urllib3

from tests.trust import judge
from tests.trust.findings import MUST_BE_ZERO, Findings
from tests.trust.traffic import BROWSER, COUNTER, TESTS, VISITS

TO_REPEAT = {429, 503, 504}
MOST_ATTEMPTS = 100  # of one visit
WAIT = 60  # seconds for an answer
ZERO = (*MUST_BE_ZERO, "errors", "without an answer", "never counted")


class Load:
    """Clients of one API, each with its own user agent.

    Args:
        url: of the API, with its stage.
        clients: at most 100, because a network has no more visitors.
    """

    def __init__(self, url, clients):
        self.findings = Findings()
        self.seconds = 0.0
        self._url = url
        self._clients = clients
        self._http = urllib3.PoolManager(maxsize=clients, retries=False, timeout=WAIT)
        self._latencies = []
        self._answers = []
        self._lock = Lock()

    def run(self, visits):
        """Send this number of visits, and compare the numbers before and after."""
        before, began = self._read(), perf_counter()
        with ThreadPoolExecutor(self._clients) as threads:
            list(threads.map(self._visits, [visits // self._clients] * self._clients, range(100)))
        self.seconds, after = perf_counter() - began, self._read()
        for answer in self._answers:  # afterwards, because it takes the CPU of the clients
            for violation in judge.violations(*answer):
                self.findings.blame("undocumented", violation)
        sent = visits // self._clients * self._clients
        self.findings.add("visits", sent)
        missing = sent - (after["visits"] - before["visits"])
        if missing:
            figure = "lost" if missing > 0 else "double"
            self.findings.blame(figure, f"{before} {after}", abs(missing))
        days = 1 if before["today"]["date"] == after["today"]["date"] else 2
        visitors = after["visitors"] - before["visitors"]
        if not self._clients <= visitors <= self._clients * days:
            self.findings.blame("visitors wrong", f"{before} {after}")

    def latencies(self):
        """Return p50, p95 and p99 of the answers to visits that were counted, in milliseconds."""
        percentiles = quantiles(self._latencies, n=100)
        return [round(1000 * percentiles[each - 1]) for each in (50, 95, 99)]

    def _read(self):
        response = self._http.request("GET", f"{self._url}/counters/{TESTS}")
        self._note("GET", COUNTER, response)
        return response.json()

    def _visits(self, number, client):
        for _ in range(number):
            self._visit(BROWSER.format(client))

    def _visit(self, user_agent):
        """Send a visit, and repeat it as long as the answers ask for that."""
        url = f"{self._url}/counters/{TESTS}/visits?visitId={uuid4()}"
        for _ in range(MOST_ATTEMPTS):
            began = perf_counter()
            try:
                response = self._http.request("POST", url, headers={"User-Agent": user_agent})
            except urllib3.exceptions.HTTPError as error:
                self.findings.blame("without an answer", error)
                continue
            self.findings.add(response.status)
            self._note("POST", VISITS, response)
            if response.status in {200, 201}:
                with self._lock:
                    self._latencies.append(perf_counter() - began)
                return
            if response.status not in TO_REPEAT:
                self.findings.blame("errors", response.data)
            sleep(float(response.headers.get("Retry-After", 1)))
        self.findings.blame("never counted", url)

    def _note(self, method, path, response):
        parts = response.status, response.headers, response.data.decode()
        self._answers.append((method, path, *parts))
