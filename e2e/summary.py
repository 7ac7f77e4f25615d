"""The verdict and the summary of a run: on the terminal, in files, and on GitHub's summary page."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from e2e.finding import API, BROKEN, HEALTHY, PAGE, UNKNOWN

ALL_WELL = "The page shows the number of the API, and each visit counts once."


class Summary:
    """A pytest plugin that writes what the checks of the suite found into the folder `results`."""

    def __init__(self, site: str, results: Path) -> None:
        self._site = site
        self._results = results
        self._passed: set[str] = set()  # parts
        self._notes: list[str] = []
        self._findings: dict[str, tuple[str, str, str]] = {}
        (results / "verdict.json").unlink(missing_ok=True)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.nodeid.startswith("e2e/"):
            return
        if report.failed:
            found: Any = dict(report.user_properties)["finding"]
            self._findings.setdefault(report.nodeid, found)
        elif report.passed and report.when == "call":
            self._passed.add(PAGE if "test_page.py" in report.nodeid else API)
            self._notes += [str(text) for name, text in report.user_properties if name == "note"]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._findings and not self._passed:
            return
        text = self._text()
        self._results.mkdir(parents=True, exist_ok=True)
        (self._results / "summary.md").write_text(text)
        (self._results / "verdict.json").write_text(json.dumps(self._verdict(), indent=2) + "\n")
        if "GITHUB_STEP_SUMMARY" in os.environ:
            with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a") as file:
                file.write(text)
        if self._findings or self._notes:
            terminalreporter.section("summary")
            terminalreporter.write(text)

    def _verdict(self) -> dict[str, str]:
        """Return the verdict on the page and on the API, and the reason of the worst finding."""
        verdict = {part: HEALTHY if part in self._passed else UNKNOWN for part in (PAGE, API)}
        worst_first = sorted(self._findings.values(), key=lambda finding: finding[1] != BROKEN)
        verdict |= {part: found for part, found, _ in reversed(worst_first)}
        return {**verdict, "reason": worst_first[0][2] if worst_first else ALL_WELL}

    def _text(self) -> str:
        verdict = self._verdict()
        page, api = (verdict[part].replace(UNKNOWN, "not known") for part in (PAGE, API))
        lines = [
            *(f"## {self._site}: page {page}, API {api}", "", verdict["reason"], ""),
            *(f"- **Failed:** `{check}`: {why}" for check, (_, _, why) in self._findings.items()),
            *(f"- **Note:** {note}" for note in self._notes),
        ]
        return "\n".join(lines) + "\n"
