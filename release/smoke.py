"""`make smoke`: test the deployed site in a browser, and compare its API with openapi.yaml.

The API is read from Terraform's state. SITE_URL is the page that uses it; without SITE_URL the
page in site/ is tested. With DEPLOYMENT=staging the requests of the page go to the API on staging.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from botocore.exceptions import BotoCoreError

from contract.command import CommandError
from contract.repository import ROOT
from release import account, drift
from release.github import runner
from release.terraform import Terraform

RESULTS = Path("test-results")
SUMMARY, FOUND = RESULTS / "summary.md", RESULTS / "verdict.json"


class Verdict(IntEnum):
    """The result of a smoke test, which is also its exit code.

    Python exits with 1 after an exception, so this is not a result.
    """

    HEALTHY = 0
    UNKNOWN = 3  # the test could not run, or the API is not known to work
    PAGE_UNKNOWN = 4  # the API passed all checks, and the page could not be tested
    BROKEN = 10


@dataclass(frozen=True)
class Report:
    """The verdict of a smoke test, and its reason if it has one."""

    verdict: Verdict
    reason: str = ""


def main() -> None:
    try:
        outputs = account.deployed()
        differences = drift.compare(outputs)
    except (CommandError, BotoCoreError) as error:  # such as an unknown AWS_PROFILE
        print(f"\n{error}", file=sys.stderr)
        sys.exit(Verdict.UNKNOWN)
    run_e2e(outputs["api_url"])
    report_drift(differences)
    sys.exit(judge(found()))


def test(root: Path) -> Report:
    """Run the smoke test of a checkout. If its result is unknown, run it once more."""
    command = [sys.executable, "-m", "release.smoke"]
    for _ in range(2):
        (root / FOUND).unlink(missing_ok=True)
        done = subprocess.run(command, cwd=root, check=False)  # noqa: S603
        verdict = Verdict(done.returncode) if done.returncode in set(Verdict) else Verdict.UNKNOWN
        if verdict in {Verdict.HEALTHY, Verdict.BROKEN}:
            break
    return Report(verdict, str(found(root).get("reason") or ""))


def run_e2e(api_url: str) -> None:
    """Run the suite in e2e/ against the deployed site."""
    FOUND.unlink(missing_ok=True)
    site = {"API_URL": api_url, "REQUIRE_SITE": "1", **page()}
    command = [sys.executable, "-m", "pytest", "e2e"]
    if account.deployment_name() != account.STAGING:
        command.append("--ignore=e2e/test_exactly_once.py")
    subprocess.run(command, env={**os.environ, **site}, check=False)  # noqa: S603


def found(root: Path = Path()) -> Mapping[str, str]:
    """Return what the suite found: `page` and `api`, which are healthy, broken or unknown."""
    try:
        return dict(json.loads((root / FOUND).read_text()))
    except (OSError, ValueError):
        return {}


def judge(states: Mapping[str, str]) -> Verdict:
    """Return the verdict of a run of the suite, which has found nothing if it could not run."""
    match states.get("page"), states.get("api"):
        case "healthy", "healthy":
            return Verdict.HEALTHY
        case ("broken", _) | (_, "broken"):
            return Verdict.BROKEN
        case _, "healthy":
            return Verdict.PAGE_UNKNOWN
    return Verdict.UNKNOWN


def page() -> Mapping[str, str]:
    """Return the variables that select the page: see e2e/conftest.py."""
    if os.environ.get("SITE_URL"):
        return {"REROUTE": "1" if account.deployment_name() == account.STAGING else ""}
    origins = account.read(Terraform()).settings.get("allowed_origins", "*")
    origin = "https://example.com" if "*" in origins else origins[0]
    return {"SITE_URL": f"{origin}/", "SITE_FOLDER": str(ROOT / "site")}


def report_drift(differences: list[str]) -> None:
    """Add the drift to the summary and to the verdict."""
    lines = [f"- **Drift:** {line}" for line in differences] or ["- The API matches openapi.yaml."]
    report = "\n".join(["## The deployed API and openapi.yaml", "", *lines, ""])
    print(report)
    runner.summary(report)
    RESULTS.mkdir(exist_ok=True)
    with SUMMARY.open("a") as file:
        file.write(f"\n{report}")
    if differences:
        reason = f"The API differs from openapi.yaml: {differences[0]}."
        FOUND.write_text(json.dumps({**found(), "api": "broken", "reason": reason}))


if __name__ == "__main__":
    main()
