"""How errors are worded, without values. See test_guestbook.py for bodies."""

import pytest
from openapi_core.templating.paths.exceptions import OperationNotFound
from openapi_core.validation.request.exceptions import RequestBodyValidationError

from contract import repository
from openapi_handler.contract import with_known_values
from openapi_handler.messages import Request
from openapi_handler.problems import Problem
from openapi_handler.slow_path import SlowPath, explain
from tests.examples import valid_event, valid_responses, with_data

COUNTER, VISITS = "/counters/{counterId}", "/counters/{counterId}/visits"


@pytest.fixture
def slow_path():
    return SlowPath(with_known_values(repository.read()[0]))


def request(path, method, **changes):
    return Request(valid_event(repository.read()[0], path, method) | changes)


def response(path, method, status, **changes):
    """The response of an operation with a status, with changes in a JSON body."""
    documented = valid_responses(repository.read()[0], path, method)
    [found] = [answer for answer in documented if answer.status_code == status]
    if isinstance(found.body, dict):
        found.body = found.body | changes
    return with_data(found)


@pytest.mark.parametrize(
    ("status", "changes", "violation"),
    [
        (201, {"visits": "3secret"}, "InvalidData : breaks its type (integer) at visits"),
        (201, {"today": {"visits": 3, "visitors": 2}}, "InvalidData : lacks today.date"),
        (201, {"extra": "secret"}, 'InvalidData : must not have "extra"'),
        (200, {"reason": "unlisted"}, "InvalidData : breaks its enum (['replayed', "),
        (503, {"type": "urn:problem-type:visits:unlisted"}, "InvalidData : breaks its enum (['urn"),
    ],
)
def test_violations_name_field_and_rule_without_values(slow_path, status, changes, violation):
    """A violation in the log names field and rule, and repeats no value. A field, reason or
    problem type that the contract does not list is one."""
    answer = response(VISITS, "post", status, **changes)
    [found] = slow_path.violations(request(VISITS, "post"), answer)
    assert found.startswith(violation)
    assert not {"secret", "unlisted"} & set(found.split("'"))


def test_wrong_header_is_a_violation(slow_path):
    """The headers of a response are validated, too."""
    answer = response(COUNTER, "get", 200)
    answer.headers["Cache-Control"] = "secret"
    violations = slow_path.violations(request(COUNTER, "get"), answer)
    assert violations == ["InvalidHeader Cache-Control: breaks its enum (['no-store'])"]


@pytest.mark.parametrize(
    ("counter", "query", "detail"),
    [
        ("a\n", None, "Query parameter 'visitId' is missing."),
        ("UPPER", {"visitId": [""]}, "Query parameter 'visitId' is empty."),
    ],
)
def test_every_invalid_parameter_is_named(slow_path, monkeypatch, counter, query, detail):
    """The detail names each parameter with its place and fault. In the zip, which has no regular
    expressions of JavaScript, `$` in a pattern matches only the end."""
    monkeypatch.setattr("openapi_schema_validator._regex._REGEX_CLASS", None)
    changes = {"pathParameters": {"counterId": counter}, "multiValueQueryStringParameters": query}
    with pytest.raises(Problem) as refused:
        slow_path.check(request(VISITS, "post", **changes))
    pattern = "Path parameter 'counterId' breaks its pattern (^[a-z0-9][a-z0-9-]*$)."
    assert refused.value.detail == f"{pattern} {detail}"


def test_an_unknown_operation_is_no_fault_of_the_client(slow_path):
    """A request whose path or method the contract lacks is an error of its own."""
    for changes in ({"resource": "/unknown"}, {"httpMethod": "PUT"}):
        with pytest.raises(OperationNotFound, match=r"(PUT|put|get) .*/(unknown|counters)"):
            slow_path.check(request(COUNTER, "get", **changes))


def test_what_has_no_rule_is_invalid():
    """An error of openapi-core that this package does not know has a sentence, too."""
    assert explain(RequestBodyValidationError()) == "The body is invalid."
