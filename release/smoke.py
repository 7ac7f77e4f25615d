"""`make smoke`: test the deployed site in a browser, and compare its API with openapi.yaml.

The API is read from Terraform's state. SITE_URL is the page that uses it.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from release import account, drift
from release.github import runner
from release.terraform import DeployError

SUMMARY = Path("test-results", "summary.md")
NO_SITE = "Set SITE_URL to the page to test: make smoke SITE_URL=https://example.com/"


def main() -> None:
    if not os.environ.get("SITE_URL"):
        sys.exit(NO_SITE)
    try:
        outputs = account.deployed()
    except DeployError as error:
        sys.exit(f"\n{error}")
    passed = run_e2e(outputs["api_url"])
    sys.exit(not (report_drift(outputs) and passed))


def run_e2e(api_url: str) -> bool:
    """Run the suite in e2e/ against the deployed site, and return whether it passed."""
    site = {"API_URL": api_url, "REQUIRE_SITE": "1"}
    command = [sys.executable, "-m", "pytest", "e2e"]
    return subprocess.run(command, env={**os.environ, **site}, check=False).returncode == 0  # noqa: S603


def report_drift(outputs: Mapping[str, str]) -> bool:
    """Add the drift to the summary, and return whether there is none."""
    found = drift.compare(outputs)
    lines = [f"- **Drift:** {line}" for line in found] or ["- The API matches openapi.yaml."]
    report = "\n".join(["## The deployed API and openapi.yaml", "", *lines, ""])
    print(report)
    runner.summary(report)
    SUMMARY.parent.mkdir(exist_ok=True)
    with SUMMARY.open("a") as file:
        file.write(f"\n{report}")
    return not found


if __name__ == "__main__":
    main()
