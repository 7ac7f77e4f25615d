"""What an interrupted update may have left undone."""

import hashlib
from unittest.mock import Mock

import pytest

from release import repair
from release.terraform import State


def state(body, code):
    sha256 = hashlib.sha256(b"new").hexdigest()
    resources = {
        repair.API: {"body": body},
        repair.API_DEPLOYMENT: {"triggers": {"body": sha256}},
        repair.FUNCTION: {"source_code_hash": code},
        repair.ALIAS: {"function_name": "visits", "name": "current"},
    }
    return State(
        {
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


@pytest.mark.parametrize(
    ("body", "code", "memory", "unfinished"),
    [
        ("new", "abc", 512, set()),
        ("newer", "abc", 512, {repair.API}),
        ("new", "abc", 1024, {repair.FUNCTION}),
        ("new", "def", 512, {repair.FUNCTION}),
    ],
)
def test_what_is_not_live_is_unfinished(body, code, memory, unfinished):
    """A body that is not that of the deployment, code that is not that of the state, and a function
    that is not published."""
    live = {"MemorySize": 512, "CodeSha256": "abc"}
    client = Mock()
    client.get_function_configuration.side_effect = lambda **call: (
        live if "Qualifier" in call else live | {"MemorySize": memory}
    )
    assert repair.unfinished(state(body, code), client) == unfinished
