"""Lighthouse's judgement of the page."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.local import stack

LIGHTHOUSE = Path(__file__).with_name("lighthouse") / "node_modules/lighthouse/cli/index.js"
ENOUGH = 0.95
ATTEMPTS = 3  # a busy machine is slow, and no worse a page


def scores(url: str, report: Path, chromium: dict[str, Any]) -> dict[str, float]:
    flags = " ".join(
        ["--headless=new", "--no-sandbox", *(f"'{flag}'" for flag in chromium["args"])]
    )
    subprocess.run(
        [
            Path(sys.executable).with_name("node"),
            LIGHTHOUSE,
            url,
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--chrome-flags={flags}",
        ],
        env={**os.environ, "CHROME_PATH": chromium["executable_path"]},
        check=True,
    )
    categories = json.loads(report.read_text())["categories"]
    return {name: category["score"] for name, category in categories.items()}


def test_lighthouse_is_content(tmp_path, capsys, browser_type_launch_args):
    """Every category has 0.95 or more of 1."""
    with stack.running(stack.checkout(tmp_path)) as running:
        for _ in range(ATTEMPTS):
            found = scores(running.url, tmp_path / "report.json", browser_type_launch_args)
            if min(found.values()) >= ENOUGH:
                break
    with capsys.disabled():
        print("\nLighthouse:", ", ".join(f"{name} {score}" for name, score in found.items()))
    assert not {name: score for name, score in found.items() if score < ENOUGH}
