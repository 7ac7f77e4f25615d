"""The watched site, and the evidence and summary of a run.

SITE_URL and API_URL select a live site; without them the suite starts the local stack.
With REQUIRE_SITE=1 a run without a site, or with a skipped test, fails.
With REROUTE=1 the page's requests to its API go to API_URL instead, which tests a new API on the
page of another one. With SITE_FOLDER the browser loads the page from a folder, as if it came from
SITE_URL, and the page calls API_URL.

A run on a live site ends with 0 if it is healthy, with 1 if it is broken, and with 3 if that is not
known, because no check could run or there is no page.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from e2e.api import BOT, Api
from e2e.evidence import Evidence
from e2e.summary import Summary
from e2e.visitor import API_PATH, NO_PAGE, SCRIPT_PATH, VISITS_PATH, Site, Visitor

FAILED_RUN_SECONDS = 30  # after this long, a run that has failed on a live site stops
STARTED = pytest.StashKey[float]()
FAILED = pytest.StashKey[bool]()
BROKEN = pytest.StashKey[bool]()
NOT_KNOWN = 3  # an exit code; pytest uses it for its internal errors


def live_site(environment: Mapping[str, str]) -> Site | None:
    """Return the site that the environment selects, or None for the local stack.

    Raises:
        pytest.UsageError: a variable is missing.

    """
    urls = {name: environment.get(name, "") for name in ("SITE_URL", "API_URL")}
    if not any(urls.values()) and not site_required(environment):
        return None
    if not all(urls.values()):
        missing = " and ".join(name for name, value in urls.items() if not value)
        raise pytest.UsageError(f"To watch a live site, set {missing} too.")
    return Site(urls["SITE_URL"], Api(urls["API_URL"].rstrip("/")))


def site_required(environment: Mapping[str, str]) -> bool:
    return environment.get("REQUIRE_SITE", "") not in {"", "0"}


LIVE = live_site(os.environ)

# The design of a live page belongs to its owner.
collect_ignore = ["test_page.py"] if LIVE else []


def pytest_configure(config: pytest.Config) -> None:
    config.stash[STARTED] = monotonic()
    config.pluginmanager.register(Summary(LIVE.url if LIVE else "The local stack", results(config)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.slow)


def results(config: pytest.Config) -> Path:
    return Path(config.getoption("--output"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if site_required(os.environ) and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_SITE is set, and this check was skipped: {report.longrepr}"
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    if report.failed and call.when == "call" and NO_PAGE not in str(report.longrepr):
        item.config.stash[BROKEN] = True
    if LIVE and report.failed and monotonic() > item.config.stash[STARTED] + FAILED_RUN_SECONDS:
        item.session.shouldfail = "The site is broken and slow: the remaining checks do not run"
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if LIVE and exitstatus == pytest.ExitCode.TESTS_FAILED:
        session.exitstatus = exitstatus if session.config.stash.get(BROKEN, False) else NOT_KNOWN


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Identify the browser as a bot, so that only the counter `smoke` counts its visits.

    Service workers are blocked because their requests bypass the routes of count_on_smoke_only.
    """
    return browser_context_args | {"user_agent": BOT, "service_workers": "block"}


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Site:
    return LIVE or request.getfixturevalue("healthy_site")


@pytest.fixture
def evidence(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Evidence]:
    """Record console, network and a trace; keep them and a screenshot if the test fails."""
    evidence = Evidence(context)
    context.tracing.start(screenshots=True, snapshots=True)
    yield evidence
    if not request.node.stash.get(FAILED, False):
        context.tracing.stop()
        return
    folder = results(request.config) / re.sub(r"\W+", "-", request.node.name).strip("-")
    evidence.keep(folder)
    context.tracing.stop(path=folder / "trace.zip")


@pytest.fixture
def visitor(page: Page, site: Site, evidence: Evidence) -> Visitor:
    return Visitor(page, site, evidence)


@pytest.fixture(autouse=True)
def count_on_smoke_only(context: BrowserContext) -> None:
    """Redirect every visit that a page records to the counter `smoke`, and see REROUTE above."""
    folder, api = os.environ.get("SITE_FOLDER"), os.environ.get("API_URL", "").rstrip("/")
    reroute = os.environ.get("REROUTE")

    def redirect(route: Route) -> None:
        url = VISITS_PATH.sub("/counters/smoke/visits", route.request.url)
        if reroute and (path := API_PATH.search(url) or SCRIPT_PATH.search(url)):
            url = api + path[0]
        route.continue_(url=url)

    def load(route: Route) -> None:
        path = Path(folder or "", urlsplit(route.request.url).path.lstrip("/") or "index.html")
        if path.name == "index.html":
            text = path.read_text().replace('"/live', f'"{api}')
            route.fulfill(body=text, content_type="text/html")
        elif path.is_file():
            route.fulfill(path=path)
        else:
            route.fulfill(status=404)

    if LIVE and folder:
        context.route(f"{LIVE.url}**", load)
    for path in (API_PATH, SCRIPT_PATH) if reroute else (VISITS_PATH,):
        context.route(path, redirect)  # the newest route has precedence
