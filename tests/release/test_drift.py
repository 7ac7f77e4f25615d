"""`make drift` names what is not live as the contract and the last deployment say."""

import copy

import pytest

from release import drift


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (
            lambda api: api["paths"]["/health"]["get"].pop("responses"),
            "GET /health: statuses.200 is None, the contract says True",
        ),
        (
            lambda api: api["paths"]["/health"]["get"].pop(drift.INTEGRATION),
            "GET /health: type is None, the contract says 'aws_proxy'",
        ),
        (lambda api: api.pop("paths"), "GET /health: not deployed"),
        (
            lambda api: api["paths"]["/health"].update(put={}),
            "PUT /health: deployed, but not in the contract",
        ),
        (
            lambda api: api[drift.RESPONSES].pop("THROTTLED"),
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


def test_other_limits_are_named():
    """The limits of the stage are those of the deployment, also for a method that has none."""
    expected = {"*/*": {"rate": 10, "burst": 50}, "~1x/POST": {"rate": 5, "burst": 25}}
    actual = {"*/*": {"throttlingRateLimit": 10.0, "throttlingBurstLimit": 99}}
    assert list(drift.other_limits(expected, actual)) == [
        "limit of */*: burst is 99, the settings say 50",
        "limit of ~1x/POST: rate is None, the settings say 5",
        "limit of ~1x/POST: burst is None, the settings say 25",
    ]
