"""`make incident-open`, `make incident-close`: one open issue for each kind of incident.

An issue is recognised by its label: its title may be improved, and only people with a role in the
repository can set a label, while a mark in the text could be anybody's.
"""

import os
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from release.github import markdown, runner
from release.github.github import GitHub

KINDS = {"site": "The live site is broken", "release": "A release failed"}
RED = "b60205"


def main(command: str, kind: str) -> None:
    if command == "close":
        end(kind)
    else:
        outcome = runner.variable("OUTCOME", "Say in a line what happened.")
        start(kind, outcome, [Path(name) for name in os.environ.get("EVIDENCE", "").split()])


def start(kind: str, outcome: str, evidence: Sequence[Path]) -> None:
    """Tell that something is broken: in the issue that is open for it, or in a new one."""
    github, text = GitHub(), report(outcome, evidence)
    for issue in is_open(github, kind)[:1]:
        comment = github.post(f"issues/{issue['number']}/comments", body=text)
        runner.say(f"An issue of this kind is open, and has a new comment: {comment['html_url']}")
        return
    runner.say(f"There is a new issue: {create(github, kind, text)['html_url']}", "notice")


def end(kind: str) -> None:
    """Tell that it works again, where it was told to be broken."""
    github = GitHub()
    issues = is_open(github, kind)
    for issue in issues:
        github.post(f"issues/{issue['number']}/comments", body=f"It works again.\n\n{place()}")
        github.patch(f"issues/{issue['number']}", state="closed", state_reason="completed")
        runner.say(f"Closed: {issue['html_url']}", "notice")
    if not issues:
        runner.say(f"No issue with the label {label(kind)} is open: nothing to close.")


def is_open(github: GitHub, kind: str) -> list[Any]:
    """The open issues of a kind, the oldest first."""
    query = f"issues?state=open&labels={label(kind)}&sort=created&direction=asc&per_page=100"
    return [each for each in github.pages(query) if "pull_request" not in each]


def label(kind: str) -> str:
    return f"incident-{kind}"


def create(github: GitHub, kind: str, text: str) -> Any:
    name, title = label(kind), KINDS[kind]
    # A new issue makes no new label for a run's token: https://github.com/octokit/rest.js/issues/479
    if not github.find(f"labels/{name}"):
        github.post("labels", name=name, color=RED, description=title)
    return github.post("issues", title=title, body=text, labels=[name])


def report(outcome: str, evidence: Sequence[Path]) -> str:
    """What happened, where, and the evidence."""
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
