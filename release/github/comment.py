"""`make comment`: one comment for each topic on a pull request, which every run writes anew."""

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from release.github import markdown, runner
from release.github.github import Forbidden, GitHub

NOTHING = "The newest commit leaves nothing to say here."
READ_ONLY = "The text stands in the run's summary: GitHub lets this run write no comment, which is \
so for pull requests from forks. {error}"


def main(topic: str, name: str) -> None:
    if not re.fullmatch("[a-z-]+", topic):
        raise runner.Failure(f"TOPIC is {topic!r}. Name it in a word, such as plan.")
    number = runner.variable("PULL_REQUEST", "Name the pull request by its number.")
    text = read(Path(name))
    try:
        runner.say(write(GitHub(), f"issues/{number}/comments", f"<!-- visits: {topic} -->", text))
    except Forbidden as error:
        runner.say(READ_ONLY.format(error=error), "notice")


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        raise runner.Failure(f"{path} cannot be read: {error.strerror}. Name a file.") from None


def write(github: GitHub, comments: str, marker: str, text: str) -> str:
    """Write the comment; what was done, in words."""
    ours = (each for each in github.pages(f"{comments}?per_page=100") if is_ours(each, marker))
    former = next(ours, None)
    if not former and not text:
        return "There is nothing to say, and no comment that says something else."
    body = markdown.cut(f"{marker}\n{text or NOTHING}", markdown.LIMIT)
    if former:
        comment = github.patch(f"issues/comments/{former['id']}", body=body)
    else:
        comment = github.post(comments, body=body)
    return f"The comment is {comment['html_url']}"


def is_ours(comment: Any, marker: str) -> bool:
    """Whether a run wrote it: the marker could be anybody's."""
    author = comment["user"] or {}  # nobody's, after an account was deleted
    return author.get("type") == "Bot" and str(comment["body"]).startswith(marker)


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m release.github.comment", description=__doc__)
    parser.add_argument("topic")
    parser.add_argument("file")
    arguments = parser.parse_args()
    runner.run(main, arguments.topic, arguments.file)
