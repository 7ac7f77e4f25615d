"""DynamoDB fails in every way it can, and a visit still counts once or is refused whole."""

import re
import socket
from contextlib import closing
from pathlib import Path
from time import monotonic
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from tests.conftest import problem
from visits import handler, table

TIMEOUT = ReadTimeoutError(endpoint_url="http://dynamodb")


def client_error(code, status=400, reasons=()):
    return ClientError(
        {
            "Error": {"Code": code},
            "ResponseMetadata": {"HTTPStatusCode": status},
            "CancellationReasons": [{"Code": reason} for reason in reasons],
        },
        "TransactWriteItems",
    )


def cancelled(*reasons):
    return client_error("TransactionCanceledException", reasons=reasons)


PASSING = {
    "time-out": TIMEOUT,
    "no connection": EndpointConnectionError(endpoint_url="http://dynamodb"),
    "half an answer": ResponseParserError("Expecting value"),
    "server error": client_error("InternalServerError", 500),
    "unavailable": client_error("ServiceUnavailable", 503),
    "throttled": client_error("ThrottlingException"),
    "over the account's limit": client_error("RequestLimitExceeded"),
    "over capacity in a transaction": cancelled("None", "ProvisionedThroughputExceeded", "None"),
    "over capacity": client_error("ProvisionedThroughputExceededException"),
    "conflict": cancelled("None", "TransactionConflict", "None"),
    "throttled in a transaction": cancelled("ThrottlingError", "None", "None"),
    "in progress": client_error("TransactionInProgressException"),
}


class Faulty:
    """The function's client, whose calls fail: first `before` they reach DynamoDB, then `after`."""

    def __init__(self, monkeypatch, operation, before=(), after=()):
        self.client = handler.start()[2]
        self.real = getattr(self.client, operation)
        self.before, self.after, self.calls = list(before), list(after), []
        monkeypatch.setattr(self.client, operation, self)

    def __call__(self, **parameters):
        self.calls.append(parameters)
        if self.before:
            raise self.before.pop(0)
        answer = self.real(**parameters)
        if self.after:
            raise self.after.pop(0)
        return answer


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_fault_that_passes_is_waited_out(exact_api, monkeypatch, fault):
    """Three faults of any passing kind, and the visit counts, once."""
    exact_api.visits()
    Faulty(monkeypatch, "transact_write_items", before=[fault] * 3)
    assert exact_api.visit().status_code == 201
    assert exact_api.visits() == 1


@pytest.mark.parametrize("fault", ["time-out", "half an answer", "server error"])
def test_an_answer_that_got_lost_does_not_count_twice(exact_api, monkeypatch, fault):
    """DynamoDB counted and its answer got lost: the repeat carries the same token."""
    exact_api.visit()
    faulty = Faulty(monkeypatch, "transact_write_items", after=[PASSING[fault]] * 2)
    response = exact_api.visit()
    assert (response.status_code, response.json["visits"]) == (201, 2)
    tokens = {
        call["ClientRequestToken"] for call in faulty.calls if len(call["TransactItems"]) == 2
    }
    assert len(tokens) == 1


def test_a_read_is_repeated_too(exact_api, monkeypatch):
    """Reading waits out what passes as well."""
    exact_api.visit()
    Faulty(monkeypatch, "query", before=[PASSING["throttled"], TIMEOUT])
    assert exact_api.visits() == 1


def test_reads_see_every_write_that_was_answered(exact_api, monkeypatch):
    """Every read is a consistent one: emulators are always consistent, DynamoDB only when asked."""
    faulty = Faulty(monkeypatch, "query")
    exact_api.visit()
    assert {call["ConsistentRead"] for call in faulty.calls} == {True}


def test_between_attempts_there_is_a_pause_that_grows(exact_api, monkeypatch):
    """Repeats spread out: up to 25 ms, then twice that each time, up to a second, at random."""
    pauses = []
    monkeypatch.setattr(table, "sleep", pauses.append)
    monkeypatch.setattr(table, "random", lambda: 1.0)
    Faulty(monkeypatch, "query", before=[TIMEOUT] * 7)
    assert exact_api.visits() == 0
    assert pauses == [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.0]


@pytest.mark.parametrize("when", ["before", "after"])
def test_past_the_budget_the_client_may_repeat_without_counting_twice(exact_api, monkeypatch, when):
    """503 with Retry-After; the same visitId again gives one visit, counted then or before."""
    monkeypatch.setattr(table.Table.__init__, "__defaults__", (0.2,))
    visit_id = str(uuid4())
    exact_api.visits()
    with monkeypatch.context() as faults:
        Faulty(faults, "transact_write_items", **{when: [TIMEOUT] * 99})
        response = exact_api.visit(visit_id)
        problem(response, 503, "store-unavailable")
        assert response.headers["Retry-After"] == "1"
    exact_api.visit(visit_id)
    assert exact_api.visits() == 1


def test_a_crash_between_counting_and_reading_counts_once(exact_api, monkeypatch):
    """The record of a visit and its count are one transaction: no crash separates them."""
    visit_id = str(uuid4())
    exact_api.visit()
    with monkeypatch.context() as faults:
        Faulty(faults, "query", before=[RuntimeError("out of memory")])
        problem(exact_api.visit(visit_id), 500, "internal-error")
    assert exact_api.visit(visit_id).json["reason"] == "replayed"
    assert exact_api.visits() == 2


@pytest.mark.parametrize(
    "fault",
    [
        client_error("AccessDeniedException"),
        client_error("ResourceNotFoundException"),
        cancelled("ValidationError", "None", "None"),
    ],
)
def test_what_no_repeat_would_mend_is_not_repeated(exact_api, monkeypatch, fault):
    """A lost permission or a missing table fails at once, as a fault of ours."""
    exact_api.visits()
    faulty = Faulty(monkeypatch, "transact_write_items", before=[fault] * 9)
    problem(exact_api.visit(), 500, "internal-error")
    assert len(faulty.calls) == 1


def test_a_database_that_never_answers_ends_within_the_functions_time(api, monkeypatch):
    """A silent DynamoDB costs no more than the budget and one attempt."""
    monkeypatch.setattr(table.Table.__init__, "__defaults__", (0.5,))
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        monkeypatch.setenv(
            "AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{silent.getsockname()[1]}"
        )
        began = monotonic()
        problem(api.get("/counters/resume"), 503, "store-unavailable")
    attempts = sum(table.ATTEMPT.values())
    assert monotonic() - began < 0.5 + attempts + 1  # a second for a slow machine


def test_the_longest_request_fits_the_integrations_timeout(document):
    """Whatever DynamoDB does, the function answers before the gateway gives up."""
    for item in document["paths"].values():
        for operation in item.values():
            timeout = operation["x-amazon-apigateway-integration"].get("timeoutInMillis", 29_000)
            assert timeout > table.LONGEST * 1000


def test_the_longest_request_fits_the_functions_timeout():
    """Lambda ends the function only after it would have answered, with a second for the rest."""
    terraform = Path("terraform/lambda.tf").read_text()
    [seconds] = re.findall(r"function_timeout *= (\d+)", terraform)
    assert int(seconds) >= table.LONGEST + 1
