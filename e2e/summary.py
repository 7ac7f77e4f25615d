"""The verdict and the summary of a run: on the terminal, in files, and on GitHub's summary page."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from e2e.finding import API, BROKEN, HEALTHY, PAGE, UNKNOWN

HERE = Path(__file__).parent
ALL_WELL = "The page shows the number of the API, and each visit counts once."


class Summary:
    """A pytest plugin that lists the checks of the suite beside the evidence in `results`."""

    def __init__(self, site: str, results: Path) -> None:
        self._site = site
        self._results = results
        self._checks: dict[str, str] = {}
        self._failed: dict[str, str] = {}
        self._passed: set[str] = set()
        self._notes: list[str] = []
        self._findings: list[tuple[str, str, str]] = []
        (results / "verdict.json").unlink(missing_ok=True)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            if item.path.parent == HERE:
                check = (item.function.__doc__ or item.name).splitlines()[0]  # type: ignore[attr-defined]
                self._checks[item.nodeid] = f"{check} [{item.name}]"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.nodeid not in self._checks:
            return
        if report.failed:
            found: Any = dict(report.user_properties)["finding"]
            self._findings.append(found)
            self._failed.setdefault(report.nodeid, found[-1])
        elif report.passed and report.when == "call":
            self._passed.add(report.nodeid)
            self._notes += [str(text) for name, text in report.user_properties if name == "note"]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._failed and not self._passed:
            return
        text = self._text()
        self._results.mkdir(parents=True, exist_ok=True)
        (self._results / "summary.md").write_text(text)
        (self._results / "verdict.json").write_text(json.dumps(self._verdict(), indent=2) + "\n")
        if "GITHUB_STEP_SUMMARY" in os.environ:
            with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a") as file:
                file.write(text)
        if self._failed or self._notes:
            terminalreporter.section("summary")
            terminalreporter.write(text)

    def _verdict(self) -> dict[str, str]:
        """Return the verdict on the page and on the API, and the reason of the worst finding."""
        passed = {PAGE if "test_page.py" in check else API for check in self._passed}
        verdict = {part: HEALTHY if part in passed else UNKNOWN for part in (PAGE, API)}
        worst_first = sorted(self._findings, key=lambda finding: finding[1] != BROKEN)
        verdict |= {part: found for part, found, _ in reversed(worst_first)}
        return {**verdict, "reason": worst_first[0][2] if worst_first else ALL_WELL}

    def _text(self) -> str:
        verdict = self._verdict()
        well = self._passed - self._failed.keys()
        page, api = (verdict[part].replace(UNKNOWN, "not known") for part in (PAGE, API))
        passed = [text for check, text in self._checks.items() if check in well]
        failed = [f"{self._checks[check]}\n  {why}" for check, why in self._failed.items()]
        missing = len(self._checks) - len(passed) - len(failed)
        lines = [
            *(f"## {self._site}: page {page}, API {api}", "", verdict["reason"], ""),
            *(f"{len(passed)} checks passed, {len(failed)} failed", ""),
            *([f"- **Not run:** {missing} checks"] if missing else []),
            *(f"- **Failed:** {text}" for text in failed),
            *(f"- **Note:** {note}" for note in self._notes),
            *(f"- Passed: {text}" for text in passed),
            *(["", f"Evidence of what failed is in `{self._results}/`."] if failed else []),
        ]
        return "\n".join(lines) + "\n"
