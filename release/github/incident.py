"""`make incident-open`, `make incident-close`: one open issue for each kind of incident.

An issue is identified by its label: its title may be edited, and only people with a role in the
repository can set a label, while anyone can copy a mark in the text.
"""

import json
import os
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from release.github import gh, markdown, runner

KINDS = {"site": "The live site is broken", "release": "A release failed"}
RED = "b60205"


def main(command: str, kind: str) -> None:
    if command == "close":
        close(kind)
    else:
        outcome = runner.variable("OUTCOME", "Set it to one line that says what happened.")
        report(kind, outcome, [Path(name) for name in os.environ.get("EVIDENCE", "").split()])


def report(kind: str, outcome: str, evidence: Sequence[Path]) -> None:
    """Report a failure: comment on the open issue of this kind, or open one."""
    text = body(outcome, evidence)
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


def body(outcome: str, evidence: Sequence[Path]) -> str:
    """Return the text of an issue: what happened, in which run, and the evidence."""
    head = f"{markdown.code(outcome, markdown.LIMIT // 8)}{place()}\n\n"
    room = (markdown.LIMIT - len(head)) // max(len(evidence), 1)
    return head + "".join(shown(path, room) for path in evidence)


def place() -> str:
    return f"Commit {runner.variable('GITHUB_SHA')}, in [this run]({runner.run_url()})."


def shown(path: Path, room: int) -> str:
    head = f"`{path}`:\n\n"
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return f"There is no `{path}`: the run ended before it was written.\n\n"
    return head + markdown.code(text, room - len(head) - len("\n\n"))


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m release.github.incident", description=__doc__)
    parser.add_argument("command", choices=["open", "close"])
    parser.add_argument("kind", choices=KINDS)
    arguments = parser.parse_args()
    runner.run(main, arguments.command, arguments.kind)
