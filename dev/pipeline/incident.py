"""`make incident-open`, `make incident-close`: one open issue for each kind of incident.

An issue is recognised by its label: its title may be improved, and only people with a role in the
repository can set a label, while a mark in the text could be anybody's.
"""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from dev.pipeline import markdown, runner
from dev.pipeline.github import GitHub

KINDS = {"site": "The live site is broken", "release": "A release failed"}
RED = "b60205"


def main(command: str, kind: str) -> None:
    github, label = GitHub(), f"incident-{kind}"
    query = f"issues?state=open&labels={label}&sort=created&direction=asc&per_page=100"
    issues = [each for each in github.pages(query) if "pull_request" not in each]
    if command == "close":
        close(github, issues, label)
    elif issues:
        comment = github.post(f"issues/{issues[0]['number']}/comments", body=report())
        runner.say(f"An issue of this kind is open, and has a new comment: {comment['html_url']}")
    else:
        issue = create(github, label, KINDS[kind])
        runner.say(f"There is a new issue: {issue['html_url']}", "notice")


def create(github: GitHub, label: str, title: str) -> Any:
    # A new issue makes no new label for a run's token: https://github.com/octokit/rest.js/issues/479
    if not github.find(f"labels/{label}"):
        github.post("labels", name=label, color=RED, description=title)
    return github.post("issues", title=title, body=report(), labels=[label])


def close(github: GitHub, issues: list[Any], label: str) -> None:
    for issue in issues:
        github.post(f"issues/{issue['number']}/comments", body=f"It works again.\n\n{place()}")
        github.patch(f"issues/{issue['number']}", state="closed", state_reason="completed")
        runner.say(f"Closed: {issue['html_url']}", "notice")
    if not issues:
        runner.say(f"No issue with the label {label} is open: nothing to close.")


def report() -> str:
    """What happened, where, and the evidence."""
    outcome = runner.variable("OUTCOME", "Say in a line what happened.")
    head = f"{markdown.code(outcome, markdown.LIMIT // 8)}{place()}\n\n"
    paths = os.environ.get("EVIDENCE", "").split()
    room = (markdown.LIMIT - len(head)) // max(len(paths), 1)
    return head + "".join(evidence(Path(path), room) for path in paths)


def place() -> str:
    return f"Commit {runner.variable('GITHUB_SHA')}, in [this run]({runner.run_url()})."


def evidence(path: Path, room: int) -> str:
    head = f"`{path}`:\n\n"
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return f"There is no `{path}`: the run ended before it was written.\n\n"
    return head + markdown.code(text, room - len(head) - len("\n\n"))


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m dev.pipeline.incident", description=__doc__)
    parser.add_argument("command", choices=["open", "close"])
    parser.add_argument("kind", choices=KINDS)
    arguments = parser.parse_args()
    runner.run(main, arguments.command, arguments.kind)
