"""`make live`, `make live-move`: the tag `live` is the commit whose smoke tests passed last."""

import re
from argparse import ArgumentParser

from dev.pipeline import runner
from dev.pipeline.github import Forbidden, GitHub

TAG = "tags/live"
# A tag on such a commit takes the permission "workflows", which no run's token can have:
# https://docs.github.com/en/rest/git/refs
WORKFLOWS = "It also refuses a commit whose workflows are those of no branch any more: the run of \
the newer commit will move the tag."


def show() -> None:
    """Tell which commit is live, and whether it is newer than this run's."""
    ours = runner.variable("GITHUB_SHA")
    github = GitHub()
    good = tagged(github)
    superseded = bool(good) and is_older(github, ours, good)
    runner.output(good=good, superseded=str(superseded).lower())
    if not good:
        runner.say("Nothing is live yet: this is the first deployment.")
    elif superseded:
        runner.say(f"The live commit {good} is newer than {ours}, which must not replace it.")
    else:
        runner.say(f"The live commit is {good}.")


def move(sha: str) -> None:
    """Let the tag point to a commit."""
    if not re.fullmatch("[0-9a-f]{40}", sha):
        raise runner.Failure(f"SHA is {sha!r}. Name a commit by its 40 digits.")
    github = GitHub()
    try:
        if tagged(github):
            github.patch(f"git/refs/{TAG}", sha=sha, force=True)
        else:
            github.post("git/refs", ref=f"refs/{TAG}", sha=sha)
    except Forbidden as error:
        raise runner.Failure(f"{error} {WORKFLOWS}") from None
    runner.say(f"The live commit is {sha}.")


def tagged(github: GitHub) -> str:
    """The commit that the tag points to, or nothing."""
    reference = github.find(f"git/ref/{TAG}")
    target = reference["object"] if reference else {"type": "commit", "sha": ""}
    if target["type"] == "tag":  # somebody has made it by hand, with a message or a signature
        target = github.get(f"git/tags/{target['sha']}")["object"]
    return str(target["sha"])


def is_older(github: GitHub, ours: str, good: str) -> bool:
    """Whether one commit is an ancestor of the other."""
    return bool(github.get(f"compare/{good}...{ours}?per_page=1")["status"] == "behind")


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m dev.pipeline.live", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("show")
    commands.add_parser("move").add_argument("sha")
    arguments = parser.parse_args()
    if arguments.command == "show":
        runner.run(show)
    else:
        runner.run(move, arguments.sha)
