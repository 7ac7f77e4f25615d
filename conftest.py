"""The same examples for everybody, the order of the tests, and one browser and one healthy local
stack per worker.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from _pytest.nodeid import NodeId
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from playwright.sync_api import Playwright, expect
from schemathesis.config import SchemathesisConfig
from schemathesis.pytest.plugin import SchemathesisFunction

from e2e import browser
from e2e.visitor import WAIT_MILLISECONDS, Site, local_site

expect.set_options(timeout=WAIT_MILLISECONDS)

# Every run of a property-based test draws the same examples, except in `make trust`, which chooses
# the profile "fresh" and a seed.
UNLIMITED = {"database": None, "deadline": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("same", derandomize=True, **UNLIMITED)
settings.register_profile("fresh", derandomize=False, **UNLIMITED)
settings.load_profile("same")
# Hypothesis also draws constants of our modules that are imported, which depend on what else runs.
providers.is_local_module_file = lambda _path: False


def pytest_configure(config: pytest.Config) -> None:
    """Give schemathesis the seed that hypothesis has."""
    SchemathesisConfig.shared_seed = config.getoption("hypothesis_seed")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give the tests of schemathesis, one for each operation, IDs of their own: in pytest 9.2 they
    have one for all, and pytest-xdist runs only the first of equal ones.
    """
    if isinstance(item, SchemathesisFunction) and item.parent:
        item._id = NodeId.parse(f"{item.parent.nodeid}::{item.name}")  # noqa: SLF001


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the longest files, so that no worker is idle in the end."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/release/"))


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], browser_name: str, playwright: Playwright
) -> dict[str, Any]:
    """Launch the Chromium that `make browser` found or installed."""
    if browser_name != "chromium" or browser_type_launch_args.get("channel"):
        return browser_type_launch_args
    return browser_type_launch_args | {
        "executable_path": browser.chromium(playwright),
        "args": browser.arguments(),
        "timeout": WAIT_MILLISECONDS,
    }


@pytest.fixture(scope="session")
def healthy_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run the local stack, with starting values on two counters."""
    from tests.local import stack  # noqa: PLC0415  # a run on a live site needs no local stack

    environment = {
        "ALLOWED_ORIGINS": "*",
        "COUNTERS": '{"resume": {"visits": 1000}, "blog": {}, "smoke": {"visits": 500}}',
    }
    with stack.running(stack.checkout(tmp_path_factory.mktemp("stack")), **environment) as running:
        yield local_site(running.url)
