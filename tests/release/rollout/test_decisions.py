"""What follows from the apply and the smoke test of a release."""

import pytest

from release.rollout.decisions import Applied, judge_production, judge_rollback, judge_staging
from release.smoke import Report, Verdict

GOOD, NEW = 40 * "a", 40 * "b"
ALL, PART, NOTHING = Applied.ALL, Applied.PART, Applied.NOTHING
HEALTHY, BROKEN, UNKNOWN = Verdict.HEALTHY, Verdict.BROKEN, Verdict.UNKNOWN
PAGE_UNKNOWN = Verdict.PAGE_UNKNOWN


@pytest.mark.parametrize(
    ("applied", "verdict", "text"),
    [
        (ALL, HEALTHY, "bbbbbbb is deployed, and its smoke test passed"),
        (NOTHING, HEALTHY, "its smoke test passed"),
        (PART, HEALTHY, "stopped half-way. The smoke test of bbbbbbb passed. The page works."),
        (ALL, UNKNOWN, "could not run. The host is down. Nothing was rolled back"),
        (PART, UNKNOWN, "not known to be broken"),
        (ALL, PAGE_UNKNOWN, "the page could not be tested. The host is down. Nothing was rolled"),
        (ALL, BROKEN, "The smoke test of bbbbbbb failed. The host is down."),
        (PART, BROKEN, "stopped half-way"),
        (NOTHING, BROKEN, "failed"),  # an earlier attempt of the run may have applied it
    ],
)
def test_only_a_broken_release_is_rolled_back(applied, verdict, text):
    """A release is rolled back if its smoke test ran and failed, and is good if all is well."""
    reason = "" if verdict is HEALTHY else "The host is down."
    outcome = judge_production(NEW, GOOD, applied, Report(verdict, reason))
    assert text in outcome.text
    assert outcome.healthy == (verdict is HEALTHY and applied is not PART)
    assert outcome.go_back == (verdict is BROKEN)


@pytest.mark.parametrize("good", ["", NEW])
def test_the_first_release_is_not_rolled_back(good):
    """Without an earlier good release the broken one stays, and the text says so."""
    outcome = judge_production(NEW, good, ALL, Report(BROKEN))
    assert "There is no earlier release to go back to" in outcome.text
    assert (outcome.healthy, outcome.go_back) == (False, False)


@pytest.mark.parametrize(
    ("applied", "verdict", "healthy", "text"),
    [
        (ALL, HEALTHY, True, "bbbbbbb works on staging."),
        (NOTHING, HEALTHY, True, "works on staging."),
        (ALL, PAGE_UNKNOWN, True, "the page could not be tested. It asks for a password."),
        (PART, PAGE_UNKNOWN, False, "Production was not changed."),
        (PART, HEALTHY, False, "Production was not changed."),
        (ALL, BROKEN, False, "Production was not changed."),
        (ALL, UNKNOWN, False, "Production was not changed."),
    ],
)
def test_what_passes_staging(applied, verdict, healthy, text):
    """The API must work. A page that cannot be tested is reported, and does not stop a release."""
    reason = "It asks for a password." if verdict is PAGE_UNKNOWN else ""
    outcome = judge_staging(NEW, applied, Report(verdict, reason))
    assert outcome.healthy == healthy
    assert text in outcome.text
    assert not outcome.go_back


@pytest.mark.parametrize(
    ("applied", "verdict", "text"),
    [
        (ALL, HEALTHY, "aaaaaaa is deployed again. The smoke test of aaaaaaa passed."),
        (ALL, BROKEN, "The smoke test of aaaaaaa failed. Look for a cause outside."),
        (ALL, UNKNOWN, "The smoke test of aaaaaaa could not run."),
        (NOTHING, UNKNOWN, "would change nothing: look for a cause outside"),
        (PART, UNKNOWN, "it is unknown what is deployed"),
    ],
)
def test_going_back_works_if_its_smoke_test_passes(applied, verdict, text):
    """Everything else is no success, and the text says what is known."""
    outcome = judge_rollback(GOOD, applied, Report(verdict))
    assert text in outcome.text
    assert outcome.healthy == (verdict is HEALTHY)
