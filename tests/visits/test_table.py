"""When DynamoDB fails, a visit is counted once or not at all."""

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError

from local import function
from tests.conftest import problem, start_new_copy
from tests.visits.faults import TIMEOUT, Faulty, cancelled, client_error
from visits import handler
from visits.counting import table
from visits.counting.connection import Unreadable

TRANSIENT = {
    "time-out": TIMEOUT,
    "no connection": EndpointConnectionError(endpoint_url="http://dynamodb"),
    "half an answer": Unreadable(),
    "server error": client_error("InternalServerError", 500),
    "unavailable": client_error("ServiceUnavailable", 503),
    "throttled": client_error("ThrottlingException"),
    "over the account's limit": client_error("RequestLimitExceeded"),
    "over capacity in a transaction": cancelled("None", "ProvisionedThroughputExceeded", "None"),
    "over capacity": client_error("ProvisionedThroughputExceededException"),
    "conflict": cancelled("None", "TransactionConflict", "None"),
    "throttled in a transaction": cancelled("ThrottlingError", "None", "None"),
    "in progress": client_error("TransactionInProgressException"),
    # The visit's own record decides: the transaction that holds it may count this visit.
    "visit is locked": cancelled("TransactionConflict", "ConditionalCheckFailed", "None", "None"),
}


@pytest.mark.parametrize("fault", TRANSIENT.values(), ids=TRANSIENT)
def test_transient_fault_is_retried(api, monkeypatch, fault):
    """A visit is counted once after three transient faults of the same kind."""
    api.visits()
    Faulty(monkeypatch, "transact_write_items", before=[fault] * 3)
    assert api.visit().status_code == 201
    assert api.visits() == 1


def test_reads_are_consistent(api, monkeypatch):
    """Every query requests a consistent read, which emulators always give and DynamoDB does not."""
    faulty = Faulty(monkeypatch, "query")
    api.visit()
    assert {call["ConsistentRead"] for call in faulty.calls} == {True}


def test_pauses_between_attempts_double(api, monkeypatch):
    """The longest pause is 25 ms at first and doubles with each attempt, up to a second."""
    pauses = []
    monkeypatch.setattr(table, "sleep", pauses.append)
    monkeypatch.setattr(table, "random", lambda: 1.0)
    Faulty(monkeypatch, "query", before=[TIMEOUT] * 7)
    assert api.visits() == 0
    assert pauses == [0.0, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.0]


@pytest.mark.parametrize("when", ["before", "after"])
def test_repeating_a_request_after_a_503_counts_once(api, monkeypatch, when):
    """After the deadline the client gets 503 with Retry-After; repeating the request is safe."""
    monkeypatch.setattr(handler, "BUDGET", 0.2)
    visit_id = str(uuid4())
    api.visits()
    with monkeypatch.context() as faults:
        Faulty(faults, "transact_write_items", **{when: [TIMEOUT] * 99})
        response = api.visit(visit_id)
        problem(response, 503, "store-unavailable")
        assert response.headers["Retry-After"] == "1"
    api.visit(visit_id)
    assert api.visits() == 1


def test_crash_between_counting_and_reading_counts_once(api, monkeypatch, capsys):
    """A visit that was counted before the request failed is logged as counted, and a repeat of
    the request does not count it again."""
    visit_id = str(uuid4())
    api.visit()
    with monkeypatch.context() as faults:
        Faulty(faults, "query", before=[RuntimeError("out of memory")])
        problem(api.visit(visit_id), 500, "internal-error")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["VisitsCounted"] == 1
    assert api.visit(visit_id).json["reason"] == "replayed"
    assert api.visits() == 2


@pytest.mark.parametrize(
    "fault",
    [
        client_error("AccessDeniedException"),
        cancelled("ValidationError", "None", "None"),
    ],
)
def test_permanent_fault_is_not_retried(api, monkeypatch, capsys, fault):
    """A missing permission is a 500 after one attempt. The log has DynamoDB's error code."""
    api.visits()
    faulty = Faulty(monkeypatch, "transact_write_items", before=[fault] * 9)
    problem(api.visit(), 500, "internal-error")
    assert len(faulty.calls) == 1
    assert f"ClientError {fault.response['Error']['Code']}" in capsys.readouterr().out


FAILED, CONFLICT = "ConditionalCheckFailed", "TransactionConflict"


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ((FAILED, CONFLICT, "None", "None"), (), "replayed"),
        ((FAILED, FAILED, "None", "None"), (), "replayed"),
        (("None", FAILED, CONFLICT, "None"), (), "counted"),
        (("None", FAILED, "None", "None"), (FAILED, "ThrottlingError", "None", "None"), "replayed"),
    ],
)
def test_failed_condition_decides_a_cancelled_transaction(api, monkeypatch, first, second, answer):
    """A failed condition is not retried, even beside a transient reason. Only if the network's
    condition alone failed, a second transaction has the opposite condition."""
    api.visit()
    faults = [cancelled(*reasons) for reasons in (first, second) if reasons]
    start_new_copy()  # the visitor is taken for a new one at first
    faulty = Faulty(monkeypatch, "transact_write_items", before=faults)
    response = api.visit().json
    assert response.get("reason", "counted") == answer
    conditions = [
        call["TransactItems"][1]["Update"]["ConditionExpression"] for call in faulty.calls
    ]
    assert ["NOT" in condition for condition in conditions] == (
        [True] if first[0] == FAILED else [True, False]
    )
    assert response["visitors"] == 1


def test_client_makes_one_attempt_with_short_timeouts(api):
    """botocore neither retries nor waits for longer than an attempt may take."""
    config = function.function().shared.dynamodb.meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert (config.connect_timeout, config.read_timeout) == (0.5, 1.0)


def test_deadline_is_for_all_calls_of_a_request(api, monkeypatch):
    """The last attempt begins before the deadline, which is set when the request begins."""
    clock = [100.0]
    monkeypatch.setattr(table, "monotonic", lambda: clock[0])
    monkeypatch.setattr(table, "random", lambda: 1.0)
    monkeypatch.setattr(table, "sleep", lambda seconds: clock.append(clock.pop() + seconds))
    Faulty(monkeypatch, "query", before=[TIMEOUT] * 99)
    problem(api.get("/counters/resume"), 503, "store-unavailable")
    assert 105.0 < clock[0] <= 100.0 + table.BUDGET


def test_secrets_share_the_deadline(api, monkeypatch):
    """Calls on the table of the secrets have no more time than the request has left."""
    clock = [100.0]
    monkeypatch.setattr(table, "monotonic", lambda: clock[0])
    monkeypatch.setattr(table, "sleep", lambda seconds: clock.append(clock.pop() + seconds))
    Faulty(monkeypatch, "delete_item", before=[TIMEOUT] * 99)
    counters = table.Table(function.function().shared.dynamodb, "visits", table.BUDGET)
    clock[0] += table.BUDGET - 0.5
    with pytest.raises(table.StoreUnavailable):
        counters.sibling("secrets").delete({})
    assert clock[0] <= 100.0 + table.BUDGET


@pytest.mark.parametrize("variable", ["TABLE_NAME", "SECRETS_TABLE_NAME"])
def test_missing_table_is_a_503_with_its_reason_in_the_log(api, monkeypatch, capsys, variable):
    """While a table does not exist, the client is asked to repeat the request, which counts it."""
    with monkeypatch.context() as missing:
        missing.setenv(variable, "missing-table")
        start_new_copy()
        problem(api.visit(), 503, "store-unavailable")
    assert '["StoreUnavailable", "ResourceNotFoundException ' in capsys.readouterr().out
    start_new_copy()
    assert api.visit().status_code == 201


def test_longest_request_fits_the_timeouts(document):
    """However slow DynamoDB is, the function answers before the gateway's time-out, and at least a
    second before Lambda's."""
    for item in document["paths"].values():
        for operation in item.values():
            timeout = operation["x-amazon-apigateway-integration"].get("timeoutInMillis", 29_000)
            assert timeout > table.LONGEST * 1000

    terraform = Path("terraform/lambda.tf").read_text()
    [seconds] = re.findall(r"function_timeout *= (\d+)", terraform)
    assert int(seconds) >= table.LONGEST + 1
