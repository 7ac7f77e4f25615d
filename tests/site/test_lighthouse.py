"""Lighthouse's scores for the page, and its measurements that do not depend on machine speed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserType

from local.ministack import free_port

LIGHTHOUSE = Path(__file__).with_name("lighthouse") / "node_modules/lighthouse/cli/index.js"
CATEGORIES = ("accessibility", "best-practices", "seo", "agentic-browsing")
MEASUREMENTS = ("network-requests", "total-byte-weight", "cumulative-layout-shift")
MINIMUM = 0.95  # of 1
REQUESTS = 8  # page, style, icon, two scripts, two API calls, and one to spare
BYTES = 40_000

pytestmark = pytest.mark.slow


@pytest.fixture
def debugging_port(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> Iterator[int]:
    """Start a browser for Lighthouse. Its own launcher gives up too early on a busy machine."""
    port = free_port()
    arguments = [*browser_type_launch_args["args"], f"--remote-debugging-port={port}"]
    with browser_type.launch(**browser_type_launch_args | {"args": arguments}):
        yield port


def test_the_page_scores_well_in_lighthouse(healthy_site, tmp_path, capsys, debugging_port):
    """Each category scores at least 0.95; the page is small, with few requests and no shift."""
    path = tmp_path / "report.json"
    subprocess.run(
        [
            Path(sys.executable).with_name("node"),
            LIGHTHOUSE,
            healthy_site.url,
            f"--port={debugging_port}",
            "--quiet",
            "--output=json",
            f"--output-path={path}",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--only-audits={','.join(MEASUREMENTS)}",
            "--throttling-method=provided",
            "--max-wait-for-load=120000",
        ],
        check=True,
    )
    report = json.loads(path.read_text())
    scores = {name: report["categories"][name]["score"] for name in CATEGORIES}
    audits = report["audits"]
    requests = [each["url"] for each in audits["network-requests"]["details"]["items"]]
    size = audits["total-byte-weight"]["numericValue"]
    with capsys.disabled():
        print(f"\nLighthouse: {scores}, {len(requests)} requests, {size} bytes")
    assert not {name: score for name, score in scores.items() if score < MINIMUM}
    assert len(requests) <= REQUESTS, requests
    assert size <= BYTES
    assert audits["cumulative-layout-shift"]["numericValue"] == 0
