"""`make report`: open an issue if a job failed, and close it when a run works again.

There is one open issue for each kind of incident. It is identified by its label: its title may be
edited, and only people with a role in the repository can set a label, while anyone can copy a mark
in the text.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from release.github import gh, runner

KINDS = {"site": "The live site is broken", "release": "A release failed"}
RED = "b60205"
EVIDENCE = Path("evidence")  # where the workflow puts the summaries of the smoke tests
LIMIT = 65_536  # characters of an issue or a comment; GitHub refuses longer ones
CUT = "\n\nThe rest was cut: see the artifacts of the run.\n"
# What GitHub takes for a mention, an issue, HTML or a link, in a text from outside.
ACTIVE = re.compile(r"(?i)@(?=\w)|#(?=\d)|gh-(?=\d)|<(?=[\w/!?])|\](?=[(\[:])|github\.com(?=/)")
NO_RESULT = (
    "The job {job} ended without a result ({result}): its set-up or its runner failed, a review "
    "was rejected, or it was cancelled. Its log shows whether it applied anything. It is not known "
    "to be broken, so nothing was rolled back. Re-run it."
)


def main() -> None:
    kind, needs = runner.variable("KIND"), json.loads(runner.variable("NEEDS"))
    if text := " ".join(failures(needs)):
        report(kind, text, evidence())
    elif any(is_healthy(job) for name, job in needs.items() if name != "staging"):
        # A release ends with a test of the site.
        for healthy in KINDS if kind == "release" else [kind]:
            close(healthy)


def failures(needs: Mapping[str, Any]) -> list[str]:
    """Return the result of each failed job in words.

    Args:
        needs: result and outputs of the jobs, by name. A run that was cancelled before production
            has changed nothing that visitors see, so it is no failure.
    """
    before_production = needs.get("staging", {}).get("result") == "cancelled"
    return [
        describe(name, job)
        for name, job in needs.items()
        if job["result"] == "failure" or (job["result"] == "cancelled" and not before_production)
    ]


def describe(name: str, job: Mapping[str, Any]) -> str:
    outcome = str(job["outputs"].get("outcome") or "")
    if is_healthy(job):
        return f"{outcome} But a later step of the job {name} failed."
    return outcome or NO_RESULT.format(job=name, result=job["result"])


def is_healthy(job: Mapping[str, Any]) -> bool:
    return bool(job["outputs"].get("healthy") == "true")


def evidence() -> list[str]:
    """Return what the smoke tests saw: the failed release first, then the one before it."""
    paths = sorted(EVIDENCE.rglob("summary.md"), key=lambda path: ("checkouts" in path.parts, path))
    return [path.read_text(encoding="utf-8", errors="replace") for path in paths]


def report(kind: str, outcome: str, seen: Sequence[str]) -> None:
    """Report a failure: comment on the open issue of this kind, or open one."""
    text = body(outcome, seen)
    for issue in open_issues(kind)[:1]:
        url = gh.run("issue", "comment", str(issue["number"]), "--body-file=-", text=text)
        runner.say(f"An issue of this kind is open and has a new comment: {url}")
        return
    name, title = label(kind), KINDS[kind]
    gh.run("label", "create", name, "--force", f"--color={RED}", f"--description={title}")
    command = ("issue", "create", f"--title={title}", f"--label={name}", "--body-file=-")
    runner.say(f"There is a new issue: {gh.run(*command, text=text)}", "notice")


def close(kind: str) -> None:
    """Close every open issue of a kind, with a comment that it works again."""
    issues = open_issues(kind)
    for issue in issues:
        text = f"It works again.\n\n{place()}"
        gh.run("issue", "close", str(issue["number"]), f"--comment={text}")
        runner.say(f"Closed: {issue['html_url']}", "notice")
    if not issues:
        runner.say(f"There is nothing to close: no open issue has the label {label(kind)}.")


def open_issues(kind: str) -> list[Any]:
    """Return the open issues of a kind, the oldest first.

    `gh issue list` would not do: with a label it searches, and the search index can be late.
    """
    path = f"issues?state=open&labels={label(kind)}&sort=created&direction=asc&per_page=100"
    issues = map(json.loads, gh.get(path, "--paginate", "--jq=.[]").splitlines())
    return [issue for issue in issues if "pull_request" not in issue]


def label(kind: str) -> str:
    return f"incident-{kind}"


def body(outcome: str, seen: Sequence[str]) -> str:
    """Return the Markdown of an issue: what happened, in which run, and what the tests saw."""
    text = "\n\n".join([f"**{passive(outcome)}**", place(), *map(passive, seen)])
    return text if len(text) <= LIMIT else text[: LIMIT - len(CUT)] + CUT


def passive(text: str) -> str:
    """Return Markdown in which GitHub finds no mention, no issue, no HTML and no named link.

    A character without width breaks them, and readers see the same text.
    """
    return ACTIVE.sub("\\g<0>\u200b", text)


def place() -> str:
    return f"Commit {runner.variable('GITHUB_SHA')[:7]}, in [this run]({runner.run_url()})."


if __name__ == "__main__":
    runner.run(main)
