"""`make smoke`: the live site in a browser, and the live API against openapi.yaml.

What was deployed is read from Terraform's state; SITE_URL names the page that uses it.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from release import account, drift
from release.github import runner

SUMMARY = Path("test-results", "summary.md")
NO_SITE = "Name the page to watch: make smoke SITE_URL=https://example.com/"


def main() -> None:
    if not os.environ.get("SITE_URL"):
        sys.exit(NO_SITE)
    try:
        account.connect()
        deployed = account.deployed()
    except account.CannotDeploy as error:
        sys.exit(f"\n{error}")
    sound = watch(deployed["api_url"])
    sys.exit(not (has_not_drifted(deployed) and sound))


def watch(api_url: str) -> bool:
    """Run the suite in e2e/ on the live site; whether all of it passed."""
    live = {"API_URL": api_url, "REQUIRE_SITE": "1"}
    command = [sys.executable, "-m", "pytest", "e2e"]
    return subprocess.run(command, env={**os.environ, **live}, check=False).returncode == 0  # noqa: S603


def has_not_drifted(deployed: Mapping[str, str]) -> bool:
    """Whether the live API is what the contract says; what it is else joins the summary."""
    found = drift.compare(deployed)
    lines = [f"- **Drift:** {line}" for line in found] or ["- Holds: the API is openapi.yaml's."]
    report = "\n".join(["## The live API and openapi.yaml", "", *lines, ""])
    print(report)
    runner.summary(report)
    SUMMARY.parent.mkdir(exist_ok=True)
    with SUMMARY.open("a") as file:
        file.write(f"\n{report}")
    return not found


if __name__ == "__main__":
    main()
