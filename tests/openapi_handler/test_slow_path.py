"""How errors are worded, without values, and that openapi-core's parts are built once."""

import pytest

from contract import repository
from openapi_handler.messages import Request
from openapi_handler.problems import Problem
from tests.examples import valid_event, valid_responses, with_data

COUNTER, VISITS = "/counters/{counterId}", "/counters/{counterId}/visits"
BADGE = "/counters/{counterId}/badge.svg"


def request(path, method, **changes):
    return Request(valid_event(repository.load().document, path, method) | changes)


def response(path, method, status, **changes):
    """The response of an operation with a status, with changes in a JSON body."""
    documented = valid_responses(repository.load().document, path, method)
    [found] = [answer for answer in documented if answer.status_code == status]
    if isinstance(found.body, dict):
        found.body = found.body | changes
    return found


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
def test_violations_name_field_and_rule_without_values(status, changes, violation):
    """A violation in the log names field and rule, and repeats no value. A field, reason or
    problem type that the contract does not list is one."""
    answer = with_data(response(VISITS, "post", status, **changes))
    [found] = repository.load().violations(request(VISITS, "post"), answer)
    assert found.startswith(violation)
    assert not {"secret", "unlisted"} & set(found.split("'"))


def test_wrong_header_is_a_violation():
    """The headers of a response are validated, too."""
    answer = with_data(response(COUNTER, "get", 200))
    answer.headers["Cache-Control"] = "secret"
    violations = repository.load().violations(request(COUNTER, "get"), answer)
    assert violations == ["InvalidHeader Cache-Control: breaks its enum (['no-store'])"]


def refusal(sent):
    with pytest.raises(Problem) as refused:
        repository.load().check(sent)
    return refused.value.detail


def test_pattern_ends_where_the_text_ends(monkeypatch):
    """In the zip, which has no regular expressions of JavaScript, `$` matches only the end."""
    monkeypatch.setattr("openapi_schema_validator._regex._REGEX_CLASS", None)
    detail = refusal(request(VISITS, "post", pathParameters={"counterId": "a\n"}))
    assert "'counterId' breaks its pattern" in detail


@pytest.mark.parametrize(("query", "fault"), [(None, "missing"), ({"visitId": [""]}, "empty")])
def test_missing_parameter_is_named(query, fault):
    """The detail names a missing or empty parameter and its place, with all other errors."""
    changes = {"pathParameters": {"counterId": "UPPER"}, "multiValueQueryStringParameters": query}
    assert refusal(request(VISITS, "post", **changes)) == (
        "Path parameter 'counterId' breaks its pattern (^[a-z0-9][a-z0-9-]*$). "
        f"Query parameter 'visitId' is {fault}."
    )
