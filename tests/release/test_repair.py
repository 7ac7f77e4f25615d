"""What the state forgets after an interrupted apply."""

import hashlib
from unittest.mock import Mock

import pytest

from release import repair
from release.terraform import State


def state(body):
    sha256 = hashlib.sha256(b"new").hexdigest()
    resources = {
        repair.API: {"body": body},
        repair.DEPLOYMENT: {"triggers": {"body": sha256}},
        repair.FUNCTION: {"publish": True, "source_code_hash": "abc"},
        repair.ALIAS: {"function_name": "visits", "name": "current"},
    }
    return State(
        {
            "serial": 7,
            "resources": [
                {
                    "mode": "managed",
                    "type": address.split(".")[0],
                    "name": address.split(".")[1],
                    "instances": [{"attributes": attributes}],
                }
                for address, attributes in resources.items()
            ],
        }
    )


FUNCTION = {repair.FUNCTION: {"publish": False, "source_code_hash": None}}


@pytest.mark.parametrize(
    ("body", "newest", "forgotten"),
    [
        ("new", {}, {}),
        ("newer", {}, {repair.API: {"body": None}}),
        ("new", {"MemorySize": 1024}, FUNCTION),
        ("new", {"CodeSha256": "older"}, FUNCTION),
    ],
)
def test_what_may_be_undone_is_forgotten(body, newest, forgotten):
    """A body that is not that of the deployment, code that is not that of the state, and a function
    that is not published."""
    client, terraform = Mock(), Mock()
    live = {"MemorySize": 512, "CodeSha256": "abc"}
    client.get_function_configuration.side_effect = lambda **call: (
        live if "Qualifier" in call else live | newest
    )
    assert repair.forget_unfinished(terraform, state(body), client) == bool(forgotten)
    for [[pushed], _] in terraform.push.call_args_list:
        assert pushed.content["serial"] == 8
        for address, attributes in forgotten.items():
            assert attributes.items() <= pushed.attributes(address).items()
    assert terraform.push.called == bool(forgotten)
