"""What the suite found, for people: on the terminal, in a file, and on GitHub's summary page."""

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent


class Summary:
    """The claims of the suite, and of each broken one what a visitor sees.

    Args:
        site: what was watched.
        results: the folder of the evidence; the summary goes there too.

    """

    def __init__(self, site: str, results: Path) -> None:
        self._site = site
        self._results = results
        self._claims: dict[str, str] = {}
        self._broken: dict[str, str] = {}
        self._kept: set[str] = set()
        self._notes: list[str] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            if item.path.parent == HERE:
                claim = (item.function.__doc__ or item.name).splitlines()[0]  # type: ignore[attr-defined]
                self._claims[item.nodeid] = f"{claim} [{item.name}]"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.nodeid not in self._claims:
            return
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = crash.message if crash else str(report.longrepr)
            self._broken[report.nodeid] = message.removeprefix("Failed: ").splitlines()[0]
        elif report.passed and report.when == "call":
            self._kept.add(report.nodeid)
        if report.when == "call":
            self._notes += [text for name, text in report.user_properties if name == "note"]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._broken and not self._kept:
            return
        text = self._text()
        self._results.mkdir(parents=True, exist_ok=True)
        (self._results / "summary.md").write_text(text)
        if "GITHUB_STEP_SUMMARY" in os.environ:
            with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a") as file:
                file.write(text)
        if self._broken or self._notes:
            terminalreporter.section("what a visitor sees")
            terminalreporter.write(text)

    def _text(self) -> str:
        kept = self._kept - self._broken.keys()
        holding = [self._claims[nodeid] for nodeid in self._claims if nodeid in kept]
        unseen = len(self._claims.keys() - kept - self._broken.keys())
        lines = [f"## {self._site}: {len(kept)} claims hold, {len(self._broken)} do not", ""]
        lines += [f"- **Not looked at:** {unseen} claims"] if unseen else []
        for nodeid, message in self._broken.items():
            lines += [f"- **Broken:** {self._claims[nodeid]}", f"  {message}"]
        if self._broken:
            lines += ["", f"Trace, screenshot, console and network are in `{self._results}/`.", ""]
        lines += [f"- **Note:** {note}" for note in self._notes]
        lines += [f"- Holds: {claim}" for claim in holding]
        return "\n".join(lines) + "\n"
