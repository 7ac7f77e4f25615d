"""`make drift` names what was changed by hand, whatever is left of the API."""

import copy

import pytest

from release import drift


def without_responses(exported):
    del exported["paths"]["/health"]["get"]["responses"]


def without_integration(exported):
    del exported["paths"]["/health"]["get"][drift.INTEGRATION]


def without_paths(exported):
    del exported["paths"]


def with_an_added_method(exported):
    exported["paths"]["/health"]["put"] = {}


def without_a_gateway_response(exported):
    del exported[drift.RESPONSES]["THROTTLED"]


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (without_responses, "GET /health: statuses.200 is None, the contract says True"),
        (without_integration, "GET /health: type is None, the contract says 'aws_proxy'"),
        (without_paths, "GET /health: not deployed"),
        (with_an_added_method, "PUT /health: deployed, but not in the contract"),
        (
            without_a_gateway_response,
            "gateway response THROTTLED: statusCode is None, the contract",
        ),
    ],
)
def test_change_by_hand_is_named(document, change, difference):
    """Each change by hand is one line or more, and never an exception."""
    exported = copy.deepcopy(document)
    assert list(drift.differences(document, exported)) == []
    change(exported)
    assert any(each.startswith(difference) for each in drift.differences(document, exported))
