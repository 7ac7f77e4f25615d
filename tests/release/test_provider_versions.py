"""The configuration against the versions of the AWS provider that it allows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.release.provider_schema import META, Schema, resources

NEWEST = json.loads(Path("tests/release/provider-6.json").read_text())


def arguments(body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the arguments and blocks of a body; a dynamic block as the block that it makes."""
    for name, value in body.items():
        if name == "dynamic":
            for block in value:
                yield from (
                    (label.strip('"'), dynamic["content"])
                    for label, dynamic in block.items()
                    if not label.startswith("__")
                )
        elif name not in META and not name.startswith("__"):
            yield name, value


def unknown(body: dict[str, Any], schema: Schema, place: str) -> Iterator[str]:
    """Yield every argument of a block, and of the blocks in it, that a schema does not have."""
    for name, value in arguments(body):
        if name not in schema:
            yield f"{place}.{name}"
        elif schema[name]:
            for each in value if isinstance(value, list) else [value]:
                yield from unknown(each, schema[name], f"{place}.{name}")


@pytest.mark.parametrize("root", ["terraform", "terraform/bootstrap"])
def test_the_newest_provider_has_every_argument_that_is_used(root):
    """Provider 6 has removed no argument of the configuration, which the suite runs on 5.100."""
    removed = [
        argument
        for kind, body in resources(Path(root))
        for argument in unknown(body, NEWEST["resources"][kind], kind)
    ]
    assert removed == []


def test_a_removed_argument_is_found():
    """reset_on_delete and stage_name are in provider 5 and no longer in provider 6."""
    account = NEWEST["resources"]["aws_api_gateway_account"]
    assert list(unknown({"reset_on_delete": True}, account, "account")) == [
        "account.reset_on_delete"
    ]
    deployment = NEWEST["resources"]["aws_api_gateway_deployment"]
    dynamic = {"dynamic": [{'"canary_settings"': {"content": [{"stage_name": "x"}]}}]}
    assert list(unknown(dynamic, deployment, "deployment")) == ["deployment.canary_settings"]


def test_both_roots_are_locked_to_the_provider_that_the_suite_runs():
    """The lock files are equal, and hold the hashes of the releases for all platforms."""
    lock, bootstrap = (
        Path(root, ".terraform.lock.hcl").read_text()
        for root in ("terraform", "terraform/bootstrap")
    )
    assert lock == bootstrap
    assert 'version     = "5.100.0"' in lock
    assert lock.count('"zh:') == 15  # one for each platform's release
