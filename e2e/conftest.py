"""The browser, and the site that it looks at."""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e import browser
from tests import stack
from tests.conftest import PERSON


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    # Debian's Chromium looks up its maker's hosts at every start; nothing here is beyond loopback.
    only_here = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    return browser_type_launch_args | {"executable_path": browser.chromium(), "args": [only_here]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    # A headless browser says so in its user agent, and is not counted.
    return browser_context_args | {"user_agent": PERSON}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a site whose counter begins at zero."""
    with stack.running(stack.checkout(tmp_path_factory.mktemp("site"))) as running:
        yield running.url
