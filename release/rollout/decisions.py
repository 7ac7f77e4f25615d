"""What follows from the apply and the smoke test of a release, as functions of their results."""

from dataclasses import dataclass
from enum import Enum

from release.smoke import Report, Verdict

NOT_KNOWN = "Nothing was rolled back, because it is not known to be broken. Repeat the run."


class Applied(Enum):
    """What an apply changed in AWS."""

    NOTHING = "the plan was empty"
    ALL = "the plan was applied"
    PART = "Terraform failed, or was stopped at the limit"


@dataclass(frozen=True)
class Outcome:
    """The result of a release.

    Attributes:
        text: the result in words.
        healthy: whether the commit is deployed and works.
        go_back: whether the last good release must be deployed again.
    """

    text: str
    healthy: bool = False
    go_back: bool = False


def judge_staging(commit: str, applied: Applied, report: Report) -> Outcome:
    """Judge a release on staging: the API must work, and the page must not be broken."""
    text = describe(commit, applied, report)
    if applied is not Applied.PART and report.verdict is Verdict.HEALTHY:
        return Outcome(f"{short(commit)} works on staging.", healthy=True)
    if applied is not Applied.PART and report.verdict is Verdict.PAGE_UNKNOWN:
        return Outcome(f"On staging the release may go on: {text}", healthy=True)
    return Outcome(f"On staging: {text} Production was not changed.")


def judge_production(commit: str, good: str, applied: Applied, report: Report) -> Outcome:
    """Judge a release in production. It is rolled back only if the smoke test found it broken."""
    text = describe(commit, applied, report)
    if report.verdict is Verdict.HEALTHY:
        if applied is Applied.PART:
            return Outcome(f"{text} The page works. Fix the cause and push.")
        return Outcome(f"{short(commit)} is deployed, and its smoke test passed.", healthy=True)
    if report.verdict is not Verdict.BROKEN:
        return Outcome(f"{text} {NOT_KNOWN}")
    if good in {"", commit}:
        return Outcome(f"{text} There is no earlier release to go back to. Fix it and push.")
    return Outcome(text, go_back=True)


def judge_rollback(good: str, applied: Applied, report: Report) -> Outcome:
    """Judge the last good release after it was deployed again. It is tested if all was applied."""
    if applied is Applied.NOTHING:
        return Outcome(
            f"Going back to {short(good)} would change nothing: look for a cause outside."
        )
    if applied is Applied.PART:
        return Outcome(
            f"Going back to {short(good)} stopped half-way: it is unknown what is deployed."
        )
    text = f"{short(good)} is deployed again. {describe(good, applied, report)}"
    if report.verdict is Verdict.BROKEN:
        text += " Look for a cause outside."
    return Outcome(text, healthy=report.verdict is Verdict.HEALTHY)


def describe(commit: str, applied: Applied, report: Report) -> str:
    results = {
        Verdict.HEALTHY: "The smoke test of {} passed.",
        Verdict.BROKEN: "The smoke test of {} failed.",
        Verdict.PAGE_UNKNOWN: "The API of {} passed its checks; the page could not be tested.",
        Verdict.UNKNOWN: "The smoke test of {} could not run.",
    }
    half_way = "Its apply stopped half-way. " if applied is Applied.PART else ""
    reason = f" {report.reason}" if report.reason else ""
    return f"{half_way}{results[report.verdict].format(short(commit))}{reason}"


def short(commit: str) -> str:
    return commit[:7]
