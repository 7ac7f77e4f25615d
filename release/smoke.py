"""`make smoke`: test the deployed site in a browser, and compare its API with openapi.yaml.

The API is read from Terraform's state. SITE_URL is the page that uses it; without SITE_URL the
page in site/ is tested. With STAGING=1 the requests of the page go to the API on staging.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path

from contract.repository import ROOT
from release import account, drift
from release.github import runner
from release.terraform import DeployError, Terraform

SUMMARY = Path("test-results", "summary.md")


class Verdict(IntEnum):
    """The result of a smoke test, which is also its exit code.

    Python exits with 1 after an exception, so this is not a result.
    """

    HEALTHY = 0
    UNKNOWN = 3  # the test could not run, or there is no page to test
    BROKEN = 10


def main() -> None:
    try:
        outputs = account.deployed()
        found = drift.compare(outputs)
    except DeployError as error:
        print(f"\n{error}", file=sys.stderr)
        sys.exit(Verdict.UNKNOWN)
    verdict = run_e2e(outputs["api_url"])
    report_drift(found)
    sys.exit(Verdict.BROKEN if found else verdict)


def test(root: Path) -> Verdict:
    """Run the smoke test of a checkout. If its result is unknown, run it once more."""
    command = [sys.executable, "-m", "release.smoke"]
    for _ in range(2):
        done = subprocess.run(command, cwd=root, check=False)  # noqa: S603
        verdict = Verdict(done.returncode) if done.returncode in set(Verdict) else Verdict.UNKNOWN
        if verdict is not Verdict.UNKNOWN:
            break
    return verdict


def run_e2e(api_url: str) -> Verdict:
    """Run the suite in e2e/ against the deployed site."""
    site = {"API_URL": api_url, "REQUIRE_SITE": "1", **page()}
    command = [sys.executable, "-m", "pytest", "e2e"]
    done = subprocess.run(command, env={**os.environ, **site}, check=False)  # noqa: S603
    verdicts = {0: Verdict.HEALTHY, 1: Verdict.BROKEN}
    return verdicts.get(done.returncode, Verdict.UNKNOWN)


def page() -> Mapping[str, str]:
    """Return the variables that select the page: see e2e/conftest.py."""
    if os.environ.get("SITE_URL"):
        return {"REROUTE": os.environ.get("STAGING", "")}
    origins = account.read_hcl(Terraform().folder / "terraform.tfvars").get("allowed_origins", "*")
    origin = "https://example.com" if "*" in origins else origins[0]
    return {"SITE_URL": f"{origin}/", "SITE_FOLDER": str(ROOT / "site")}


def report_drift(found: list[str]) -> None:
    """Add the drift to the summary."""
    lines = [f"- **Drift:** {line}" for line in found] or ["- The API matches openapi.yaml."]
    report = "\n".join(["## The deployed API and openapi.yaml", "", *lines, ""])
    print(report)
    runner.summary(report)
    SUMMARY.parent.mkdir(exist_ok=True)
    with SUMMARY.open("a") as file:
        file.write(f"\n{report}")


if __name__ == "__main__":
    main()
