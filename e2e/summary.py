"""The verdict and the summary of a run: on the terminal, in files, and on GitHub's summary page."""

import json
import os
from pathlib import Path

import pytest

from e2e.finding import API, BROKEN, HEALTHY, PAGE, UNKNOWN

HERE = Path(__file__).parent
PARTS = {"test_page.py": PAGE, "test_api.py": API, "test_exactly_once.py": API}
WORDS = {HEALTHY: "healthy", BROKEN: "broken", UNKNOWN: "not known"}
NOT_KNOWN = 3  # an exit code; pytest uses it for its internal errors
ALL_WELL = "The page shows the number of the API, and each visit counts once."


class Summary:
    """A pytest plugin that lists the passed and the failed checks of the suite.

    Args:
        site: the name of the watched site.
        results: the folder of the evidence, to which verdict and summary are written too.
        live: whether the site is a live one, for which the exit code says the verdict.

    """

    def __init__(self, site: str, results: Path, *, live: bool) -> None:
        self._site = site
        self._results = results
        self._live = live
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
            [found] = [value for name, value in report.user_properties if name == "finding"][-1:]
            self._findings.append(found)
            self._failed.setdefault(report.nodeid, found[-1].splitlines()[-1])
        elif report.passed and report.when == "call":
            self._passed.add(report.nodeid)
        if report.when == "call":
            self._notes += [text for name, text in report.user_properties if name == "note"]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        finished = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
        if self._live and session.exitstatus in finished and self._failed:
            verdicts = {verdict for _, verdict, _ in self._findings}
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if BROKEN in verdicts else NOT_KNOWN

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
        """Return the verdict on the page and on the API, and the reason of the worse one."""
        verdict = {}
        for part in (PAGE, API):
            found = {verdict for other, verdict, _ in self._findings if other == part}
            passed = any(PARTS[Path(node.split("::")[0]).name] == part for node in self._passed)
            worst = BROKEN if BROKEN in found else UNKNOWN
            verdict[part] = HEALTHY if passed and not found else worst
        worst = BROKEN if BROKEN in verdict.values() else UNKNOWN
        reasons = [reason for _, verdict, reason in self._findings if verdict == worst]
        return {**verdict, "reason": next(iter(reasons), ALL_WELL)}

    def _text(self) -> str:
        verdict = self._verdict()
        passed = self._passed - self._failed.keys()
        not_run = len(self._checks.keys() - passed - self._failed.keys())
        lines = [
            f"## {self._site}: page {WORDS[verdict[PAGE]]}, API {WORDS[verdict[API]]}",
            "",
            verdict["reason"],
            "",
            f"{len(passed)} checks passed, {len(self._failed)} failed",
            "",
        ]
        lines += [f"- **Not run:** {not_run} checks"] if not_run else []
        for nodeid, message in self._failed.items():
            lines += [f"- **Failed:** {self._checks[nodeid]}", f"  {message}"]
        if self._failed:
            lines += ["", f"Trace, screenshot, console and network are in `{self._results}/`.", ""]
        lines += [f"- **Note:** {note}" for note in self._notes]
        lines += [
            f"- Passed: {self._checks[nodeid]}" for nodeid in self._checks if nodeid in passed
        ]
        return "\n".join(lines) + "\n"
