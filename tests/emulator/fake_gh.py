"""A fake `gh` for one repository, as far as release/github uses it.

As a program, under the name `gh` on the PATH, it keeps the repository in the JSON file that
FAKE_GITHUB names. As a module it gives tests access to the same file.
"""

import argparse
import fcntl
import json
import os
import re
import shlex
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

MAX_BODY = 65_536
EMPTY = {"issues": {}, "comments": {}, "labels": [], "variables": {}, "sent": {}}
# `answers` and `allowed` are the other paths of the REST API that can be read and written.
SETTINGS = {"failures": [], "answers": {}, "allowed": []}


class FakeGitHub:
    """A repository in a folder. Attributes are read from its file, and written to it."""

    def __init__(self, folder):
        self.__dict__["file"] = folder / "github.json"
        (folder / "bin").mkdir()
        gh = folder / "bin" / "gh"
        command = shlex.join([sys.executable, "-I", "-S", str(Path(__file__).resolve())])
        gh.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        gh.chmod(0o755)
        self.file.write_text(json.dumps({**EMPTY, **SETTINGS, "calls": []}))

    def __getattr__(self, name):
        return json.loads(self.file.read_text())[name]

    def __setattr__(self, name, value):
        self.file.write_text(json.dumps({**json.loads(self.file.read_text()), name: value}))

    def environment(self):
        """Return what a runner sets for a step, with the fake on the PATH."""
        return {
            "PATH": f"{self.file.parent / 'bin'}:{os.environ['PATH']}",
            "FAKE_GITHUB": str(self.file),
            "GH_TOKEN": "a-token",
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "robin/visits",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": "7",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_SHA": 40 * "0",
        }

    def add_issue(self, title="", labels=(), **values):
        """Add an issue or a pull request, and return its number."""
        state = json.loads(self.file.read_text())
        number = new_issue(state, title, "", labels, **values)["number"]
        self.issues = state["issues"]
        return number

    @property
    def open_issues(self):
        """Return the titles of the open issues."""
        return [issue["title"] for issue in self.issues.values() if issue["state"] == "open"]

    @property
    def texts(self):
        """Return the texts of all comments."""
        return [comment["body"] for comment in self.comments.values()]


def new_issue(repository, title, body, labels, **values):
    number = len(repository["issues"]) + len(repository["comments"]) + 1
    url = f"https://github.example/robin/visits/issues/{number}"
    repository["issues"][str(number)] = {
        "number": number, "title": title, "body": body, "state": "open",
        "labels": [{"name": label} for label in labels], "html_url": url, **values,
    }  # fmt: skip
    return repository["issues"][str(number)]


def new_comment(state, issue, body):
    number = len(state["issues"]) + len(state["comments"]) + 1
    url = f"{state['issues'][issue]['html_url']}#issuecomment-{number}"
    state["comments"][str(number)] = {"issue": int(issue), "body": body, "html_url": url}
    return url


def api(state, arguments, body):
    """Answer a call of the REST API: https://docs.github.com/en/rest."""
    url = urlsplit(re.sub(r"^repos/[^/]+/[^/]+/", "", arguments.path))
    query = {name: value for name, [value] in parse_qs(url.query).items()}
    match arguments.method, url.path.split("/"):
        case "GET", ["issues"]:
            found = [
                issue for issue in state["issues"].values()
                if issue["state"] == query["state"] and {"name": query["labels"]} in issue["labels"]
            ]  # fmt: skip
            answer = found if arguments.paginate else found[: int(query["per_page"])]
        case "GET", _ if url.path in state["answers"]:
            answer = state["answers"][url.path]
        case "PUT" | "POST", _ if url.path in state["allowed"]:
            state["sent"][url.path] = body
            return ""  # like an answer without content
        case call:
            raise AssertionError(f"Not Found (HTTP 404): {call}")
    return printed(answer, arguments.jq)


def printed(answer, jq):
    """Print as gh does: --jq prints each result on a line of its own, and text without quotes."""
    if jq == ".[]":
        return "\n".join(map(json.dumps, answer))
    for name in re.findall(r"\w+", jq or ""):
        answer = answer[int(name) if name.isdigit() else name]
    return answer if isinstance(answer, str) else json.dumps(answer)


def issue(state, arguments, text):
    if arguments.command == "create":
        assert arguments.label in state["labels"], "could not add label: not found"
        return new_issue(state, arguments.title, text, [arguments.label])["html_url"]
    number = arguments.number
    body = text if arguments.command == "comment" else arguments.comment
    url = new_comment(state, number, body)
    if arguments.command == "close":
        state["issues"][number]["state"] = "closed"
    return url


def label(state, arguments, _):
    state["labels"].append(arguments.name)
    return ""


def variable(state, arguments, _):
    if arguments.command == "set":
        state["variables"][arguments.name] = arguments.body
        return ""
    return json.dumps([{"name": k, "value": v} for k, v in state["variables"].items()])


def nothing(_state, _arguments, _text):
    return ""


# The part of gh's command line that release/github uses.
COMMANDS = {
    "api": (api, "path", "--method", "--input", "--jq", "--paginate"),
    "issue create": (issue, "--title", "--label", "--body-file"),
    "issue comment": (issue, "number", "--body-file"),
    "issue close": (issue, "number", "--comment"),
    "label create": (label, "name", "--force", "--color", "--description"),
    "variable set": (variable, "name", "--body"),
    "variable list": (variable, "--json"),
    "workflow run": (nothing, "name", "--ref"),
    "auth setup-git": (nothing,),
    "pr view": (nothing, "name", "--json", "--jq"),
    "pr create": (nothing, "--head", "--base", "--title", "--body"),
}
FLAGS = {"--paginate", "--force"}


def parse(words):
    """Return the parsed command line; wrong options are an error, as they are for gh."""
    length = 1 if words[0] == "api" else 2
    run, *options = COMMANDS[" ".join(words[:length])]
    parser = argparse.ArgumentParser(prog="gh", allow_abbrev=False)
    parser.set_defaults(run=run, command=words[length - 1], method="GET")
    for option in options:
        kind = {"action": "store_true"} if option in FLAGS else {}
        parser.add_argument(option, **kind)
    return parser.parse_args(words[length:])


def main():
    file = Path(os.environ["FAKE_GITHUB"])
    lock = file.with_suffix(".lock").open("w")  # jobs run at the same time
    fcntl.flock(lock, fcntl.LOCK_EX)
    state = json.loads(file.read_text())
    arguments = parse(sys.argv[1:])
    text = sys.stdin.read() if {"--input=-", "--body-file=-"} & {*sys.argv} else ""
    state["calls"].append(" ".join(sys.argv[1:]))
    try:
        assert not state["failures"], state["failures"].pop(0)
        body = json.loads(text) if arguments.command == "api" and text else {}
        length = len(body.get("body", "")) if body else len(text)
        assert length <= MAX_BODY, "body is too long (HTTP 422)"
        print(arguments.run(state, arguments, body if arguments.command == "api" else text))
    except AssertionError as error:
        sys.exit(f"gh: {error}")
    finally:
        file.write_text(json.dumps(state))


if __name__ == "__main__":
    main()
