"""The site that is watched, and what is kept and told when something is wrong with it.

SITE_URL and API_URL name a live site; without them it is the local stack, started for the tests.
REQUIRE_LIVE=1 is for whoever must not be fooled by a run that watched nothing.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from e2e.api import ROBOT, Api
from e2e.evidence import Evidence
from e2e.summary import Summary
from e2e.visitor import COUNTING, Site, Visitor
from tests.local import stack

BROKEN_SECONDS = 30  # of a run that has failed; a sound site may be slow
BEGAN = pytest.StashKey[float]()
FAILED = pytest.StashKey[bool]()


def live(environment: Mapping[str, str]) -> Site | None:
    """The live site that is named, if one is."""
    named = {name: environment.get(name, "") for name in ("SITE_URL", "API_URL")}
    if not any(named.values()) and not required(environment):
        return None
    if not all(named.values()):
        missing = " and ".join(name for name, value in named.items() if not value)
        raise pytest.UsageError(f"To watch a live site, set {missing} too.")
    return Site(named["SITE_URL"], Api(named["API_URL"].rstrip("/")))


def required(environment: Mapping[str, str]) -> bool:
    return environment.get("REQUIRE_LIVE", "") not in {"", "0"}


LIVE = live(os.environ)

# A live site is only watched: its page is its owner's, and the suite's own tests break others.
collect_ignore = ["test_page.py", "test_broken_sites.py", "test_watching.py"] if LIVE else []


def pytest_configure(config: pytest.Config) -> None:
    config.stash[BEGAN] = monotonic()
    config.pluginmanager.register(Summary(LIVE.url if LIVE else "The local stack", results(config)))


def results(config: pytest.Config) -> Path:
    return Path(config.getoption("--output"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if required(os.environ) and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_LIVE is set, and this was not looked at: {report.longrepr}"
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    if LIVE and report.failed and monotonic() > item.config.stash[BEGAN] + BROKEN_SECONDS:
        item.session.shouldfail = "The site is broken, and slow: enough was seen of it"
    return report


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    # This says what it is, so no function counts it as a person, except on the counter `smoke`.
    # What a service worker asks for passes by the routes of no_visit_counts_but_on_smoke.
    return browser_context_args | {"user_agent": ROBOT, "service_workers": "block"}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if LIVE:
        yield LIVE
        return
    with stack.running(stack.checkout(tmp_path_factory.mktemp("site"))) as running:
        yield Site(f"{running.url}/", Api(f"{running.url}/live"))


@pytest.fixture
def evidence(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Evidence]:
    """The console and the network; with a trace and a screenshot they are kept if a test fails."""
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
def no_visit_counts_but_on_smoke(context: BrowserContext) -> None:
    """Whatever a page wants to count, it counts on the tests' own counter."""

    def to_smoke(route: Route) -> None:
        route.continue_(url=COUNTING.sub("/counters/smoke/visits", route.request.url))

    context.route(COUNTING, to_smoke)


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a stack in which nothing is broken, for the tests that break it."""
    environment = {
        "ALLOWED_ORIGINS": "*",
        "COUNTERS": '{"resume": {"visits": 1000}, "smoke": {"visits": 500}}',
    }
    with stack.running(stack.checkout(tmp_path_factory.mktemp("sound")), **environment) as running:
        yield running.url
