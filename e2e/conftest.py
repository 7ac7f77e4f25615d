"""The watched site and the verdict of a run.

SITE_URL and API_URL select a live site; without them the suite starts the local stack.
With REQUIRE_SITE=1 a run without a site fails.
NUMBER_SELECTOR, CLICK_FIRST, REROUTE=1 and SITE_FOLDER are described at e2e.visitor.Site.

`test-results/verdict.json` says whether page and API are healthy, broken or not known, and why.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Error

from e2e.api import BOT, Api
from e2e.finding import PAGE, UNKNOWN, Finding
from e2e.summary import Summary
from e2e.visitor import Site, Visitor

FAILED_RUN_SECONDS = 30  # after this long, a run that has failed on a live site stops
STARTED = pytest.StashKey[float]()


def live_site(environment: Mapping[str, str]) -> Site | None:
    """Return the site that the environment selects, or None for the local stack.

    Raises:
        pytest.UsageError: a variable is missing.

    """
    url, api, folder = (environment.get(name) for name in ("SITE_URL", "API_URL", "SITE_FOLDER"))
    required = environment.get("REQUIRE_SITE", "") not in {"", "0"}
    if not (url or api or required):
        return None
    if not (url and api):
        raise pytest.UsageError("To watch a live site, set SITE_URL and API_URL.")
    return Site(
        url,
        Api(api.rstrip("/")),
        reroute=bool(environment.get("REROUTE")),
        folder=Path(folder) if folder else None,
        selector=environment.get("NUMBER_SELECTOR", ""),
        click=environment.get("CLICK_FIRST", ""),
    )


LIVE = live_site(os.environ)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[STARTED] = monotonic()
    if LIVE:
        config.option.tracing = "retain-on-failure"
        config.option.screenshot = "only-on-failure"
    results = Path(config.getoption("--output"))
    config.pluginmanager.register(Summary(LIVE.url if LIVE else "The local stack", results))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Report a finding as a sentence, without a traceback."""
    report = yield
    if report.failed and call.excinfo:
        found = call.excinfo.value
        if isinstance(found, Error):
            reason = f"The browser could not look at the page: {found.message.splitlines()[0]}"
            found = Finding(PAGE, UNKNOWN, reason)
        if isinstance(found, Finding):
            report.longrepr = found.reason
        else:
            found = Finding(PAGE, UNKNOWN, f"The suite itself failed: {call.excinfo.exconly()}")
        report.user_properties.append(("finding", (found.part, found.verdict, found.reason)))
    if LIVE and report.failed and monotonic() > item.config.stash[STARTED] + FAILED_RUN_SECONDS:
        item.session.shouldfail = "The site is broken and slow: the remaining checks do not run"
    return report


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Identify the browser as a bot, so that only the counter `smoke` counts its visits.

    Service workers are blocked because their requests bypass the routes of a visitor.
    """
    return browser_context_args | {"user_agent": BOT, "service_workers": "block"}


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Site:
    return LIVE or request.getfixturevalue("healthy_site")


@pytest.fixture
def visitor(site: Site, new_context: Callable[[], BrowserContext]) -> Visitor:
    waits = () if LIVE else (site.timeout / 1000, site.timeout / 1000)
    return Visitor(site, new_context, *waits)
