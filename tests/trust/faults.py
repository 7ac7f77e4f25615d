"""Visits while calls to DynamoDB fail and processes of the function are killed.

Clients repeat a visit until they get an answer, so the numbers are known exactly.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from random import Random
from time import sleep
from unittest import mock

from local import dynamodb
from tests.trust import judge, proxy
from tests.trust.findings import Findings
from tests.trust.function import AWS, LIMIT, Function
from tests.trust.model import Model
from tests.trust.traffic import ORIGIN, STARTING_VALUES, VISIT_CAP, Traffic, Visit

CLIENTS = 24
FAULTY = 0.2  # of the calls to DynamoDB
KILLED = 0.06  # of the requests, unless the answer comes first
KILL_WITHIN = 0.1  # seconds
PATIENCE = 2 * LIMIT  # seconds; this machine may be slow
MOST_ATTEMPTS = 40  # of one request
SHARDS = (4, 1, 9, 2)  # by phase
ZERO = (
    "lost",
    "double",
    "visitors wrong",
    "undocumented",
    "wrong answers",
    "internal errors",
    "no answer in time",
    "never answered",
)
ENVIRONMENT = {
    "TABLE_NAME": "visits",
    "SECRETS_TABLE_NAME": "visits-secrets",
    "COUNTERS": json.dumps(STARTING_VALUES),
    "ALLOWED_ORIGINS": ORIGIN,
    "SHARDS": str(SHARDS[0]),
    "VISIT_CAP": str(VISIT_CAP),
    **AWS,
}


class Clients:
    """Send requests to the function, and note what they get.

    The seed and the request decide what happens to it, not the order in which threads send them.

    Args:
        killed: the share of the requests in which the process of the function is killed.
    """

    def __init__(self, function, model, findings, seed, killed=0.0):
        self._function = function
        self._model = model
        self._findings = findings
        self._seed = seed
        self._killed = killed

    def send(self, request, twin=""):
        """Send a request until it is answered, and return the body, or None if it is no JSON."""
        for attempt in range(MOST_ATTEMPTS):
            request_id = f"{request.name}{twin}#{attempt}"
            random = Random(f"{self._seed} {request_id}")
            fewest = self._model.begin(request)
            response = self._invoke(request, request_id, random)
            if response and response["statusCode"] < 500:
                return self._end(request, response, fewest)
            sleep(random.uniform(0, 0.1))  # sooner than Retry-After asks for
        self._findings.blame("never answered", request)
        return None

    def _invoke(self, request, request_id, random):
        event = request.event(request_id)
        self._findings.add("requests")
        kill = random.random() < self._killed
        seconds = random.uniform(0, KILL_WITHIN) if kill else PATIENCE
        response = self._function.invoke(event, seconds)
        if response:
            self._findings.add(f"answers with status {response['statusCode']}")
            for violation in judge.violations(event, response):
                self._findings.blame("undocumented", violation)
            if response["statusCode"] == 500:
                self._findings.blame("internal errors", request)
        elif kill:
            self._findings.add("processes killed")
        else:
            self._findings.blame("no answer in time", request)
        return response

    def _end(self, request, response, fewest):
        if response["statusCode"] >= 400:
            self._findings.blame("wrong answers", f"{response['statusCode']} to {request}")
        elif response["headers"]["Content-Type"] == "application/json":
            body = json.loads(response["body"])
            for wrong in self._model.end(request, body, fewest):
                self._findings.blame("wrong answers", wrong)
            return body
        return None


def run(folder, seed, visits, days):
    """Send visits of several days, then compare the numbers; return the findings.

    Args:
        folder: an empty folder for logs.
    """
    traffic, model, findings = Traffic(seed, visits, days), Model(), Findings()
    log = folder / "function.log"
    with dynamodb.running(folder, os.environ) as url:
        with mock.patch.dict(os.environ, ENVIRONMENT):
            dynamodb.create_tables(ENVIRONMENT, url)
        with (
            proxy.running(url, seed, FAULTY, findings) as faulty_url,
            running(CLIENTS, faulty_url, log) as function,
        ):
            clients = Clients(function, model, findings, seed, KILLED)
            for number, phase in enumerate(traffic.phases(model.counted)):
                deploy(function, SHARDS[number % len(SHARDS)])
                send_all(clients, phase, findings)
        with running(1, url, log) as function:
            clients = Clients(function, model, findings, seed)
            for name in STARTING_VALUES:
                counter, history = map(clients.send, traffic.readings(name))
                for figure, number in model.compare(counter, history).items():
                    findings.blame(figure, f"{counter} {history}", number)
    for outcome, number in model.outcomes.items():
        findings.add(f"visits answered as {outcome}", number)
    for figure, description in model.wrong_answers():
        findings.blame(figure, description)
    return findings


def running(size, url, log):
    return Function(size, ENVIRONMENT | {"AWS_ENDPOINT_URL_DYNAMODB": url}, log)


def deploy(function, shards):
    """Change the number of shards, and replace half of the processes."""
    function.environment["SHARDS"] = str(shards)
    function.replace_half()


def send_all(clients, phase, findings):
    """Send the requests of a phase, some of them twice at the same time."""
    visits = [request for request in phase if isinstance(request, Visit)]
    replays = sum(visit.replay for visit in visits)
    twins = {visit.name for visit in visits if visit.twins}
    findings.add("visits", len(visits) - replays)
    findings.add("sent again later", replays)
    findings.add("sent twice at once", len(twins))
    sent = []
    for request in phase:
        sent.append((request, ""))
        if request.name in twins:
            sent.append((request, "-twin"))
    with ThreadPoolExecutor(CLIENTS) as threads:
        list(threads.map(clients.send, *zip(*sent, strict=True)))
