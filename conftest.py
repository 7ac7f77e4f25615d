"""The browser of every test that needs one."""

from typing import Any

import pytest

from e2e import browser


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], browser_name: str
) -> dict[str, Any]:
    if browser_name != "chromium" or browser_type_launch_args.get("channel"):
        return browser_type_launch_args
    return browser_type_launch_args | {
        "executable_path": browser.chromium(),
        "args": browser.quiet(),
    }
