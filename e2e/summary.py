"""The summary of a run: on the terminal, in a file, and on GitHub's summary page."""

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent


class Summary:
    """A pytest plugin that lists the passed and the failed checks of the suite.

    Args:
        site: the name of the watched site.
        results: the folder of the evidence, to which the summary is written too.

    """

    def __init__(self, site: str, results: Path) -> None:
        self._site = site
        self._results = results
        self._checks: dict[str, str] = {}
        self._failed: dict[str, str] = {}
        self._passed: set[str] = set()
        self._notes: list[str] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            if item.path.parent == HERE:
                check = (item.function.__doc__ or item.name).splitlines()[0]  # type: ignore[attr-defined]
                self._checks[item.nodeid] = f"{check} [{item.name}]"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.nodeid not in self._checks:
            return
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = crash.message if crash else str(report.longrepr)
            self._failed[report.nodeid] = message.removeprefix("Failed: ").splitlines()[0]
        elif report.passed and report.when == "call":
            self._passed.add(report.nodeid)
        if report.when == "call":
            self._notes += [text for name, text in report.user_properties if name == "note"]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._failed and not self._passed:
            return
        text = self._text()
        self._results.mkdir(parents=True, exist_ok=True)
        (self._results / "summary.md").write_text(text)
        if "GITHUB_STEP_SUMMARY" in os.environ:
            with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a") as file:
                file.write(text)
        if self._failed or self._notes:
            terminalreporter.section("summary")
            terminalreporter.write(text)

    def _text(self) -> str:
        passed = self._passed - self._failed.keys()
        not_run = len(self._checks.keys() - passed - self._failed.keys())
        lines = [f"## {self._site}: {len(passed)} checks passed, {len(self._failed)} failed", ""]
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
