"""`make comment`: keep one comment per topic on a pull request, and update it in every run."""

import json
import re
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from release.github import gh, markdown, runner

NOTHING = "The newest commit has nothing to report here."
READ_ONLY = "The text is in the run's summary. This run's token may not write comments, as is \
usual for pull requests from forks. {error}"


def main(topic: str, name: str) -> None:
    if not re.fullmatch("[a-z-]+", topic):
        raise runner.Failure(f"TOPIC is {topic!r}. Use one lower-case word, such as plan.")
    number = runner.variable("PULL_REQUEST", "Set it to the number of the pull request.")
    text = read(Path(name))
    try:
        runner.say(write(number, f"<!-- visits: {topic} -->", text))
    except gh.Forbidden as error:
        runner.say(READ_ONLY.format(error=error), "notice")


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        raise runner.Failure(f"Cannot read {path}: {error.strerror}.") from None


def write(number: str, marker: str, text: str) -> str:
    """Create or update the comment, and return what was done.

    Args:
        number: of the pull request.
        marker: the first line, which identifies the topic.
        text: Markdown; if it is empty, an earlier comment is emptied.
    """
    path = f"issues/{number}/comments"
    lines = gh.get(f"{path}?per_page=100", "--paginate", "--jq=.[]").splitlines()
    former = next((each for each in map(json.loads, lines) if is_ours(each, marker)), None)
    if not former and not text:
        return "There is nothing to report, and no earlier comment."
    body = markdown.cut(f"{marker}\n{text or NOTHING}", markdown.LIMIT)
    if former:
        comment = gh.send("PATCH", f"issues/comments/{former['id']}", body=body)
    else:
        comment = gh.send("POST", path, body=body)
    return f"The comment is {comment['html_url']}"


def is_ours(comment: Mapping[str, Any], marker: str) -> bool:
    """Return whether a workflow wrote the comment: anyone can copy the marker."""
    author = comment["user"] or {}  # null after the account was deleted
    return author.get("type") == "Bot" and str(comment["body"]).startswith(marker)


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m release.github.comment", description=__doc__)
    parser.add_argument("topic")
    parser.add_argument("file")
    arguments = parser.parse_args()
    runner.run(main, arguments.topic, arguments.file)
