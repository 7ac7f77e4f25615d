"""The verdict of a smoke test."""

import json

import pytest

from release import smoke
from release.smoke import Verdict


@pytest.mark.parametrize(
    ("page", "api", "verdict"),
    [
        ("healthy", "healthy", Verdict.HEALTHY),
        ("broken", "healthy", Verdict.BROKEN),
        ("unknown", "broken", Verdict.BROKEN),
        ("unknown", "healthy", Verdict.PAGE_UNKNOWN),
        ("unknown", "unknown", Verdict.UNKNOWN),
        ("healthy", "unknown", Verdict.UNKNOWN),
    ],
)
def test_the_verdict_follows_from_what_the_suite_found(page, api, verdict):
    """Only what was seen to be broken is broken; an API that works is said to work."""
    assert smoke.judge({}) is Verdict.UNKNOWN
    assert smoke.judge({"page": page, "api": api}) is verdict


@pytest.mark.parametrize(
    ("code", "verdict", "runs"),
    [
        ("raise SystemExit(0)", Verdict.HEALTHY, 1),
        ("raise SystemExit(10)", Verdict.BROKEN, 1),
        ("raise SystemExit(4)", Verdict.PAGE_UNKNOWN, 2),
        ("raise ValueError", Verdict.UNKNOWN, 2),
    ],
)
def test_an_exception_is_not_a_broken_release(tmp_path, code, verdict, runs):
    """Python exits with 1 after it. What is not known is tested once more, and has its reason."""
    (tmp_path / "release").mkdir()
    (tmp_path / "test-results").mkdir()
    found = json.dumps({"reason": "It asks for a password."})
    (tmp_path / "release" / "smoke.py").write_text(
        f"open('runs', 'a').write('x')\nopen('test-results/verdict.json', 'w').write({found!r})\n"
        f"{code}\n"
    )
    assert smoke.test(tmp_path) == smoke.Report(verdict, "It asks for a password.")
    assert len((tmp_path / "runs").read_text()) == runs
