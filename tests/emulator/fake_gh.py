"""A fake `gh` for one repository, as far as release/github and the workflows use it.

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

EMPTY = {
    "issues": {},
    "texts": [],  # of issues and comments
    "labels": [],
    "variables": {},
    "answers": {},  # of the REST API, by path
    "allowed": [],  # paths of the REST API to write to
    "sent": {},  # what was written, by path
    "calls": [],
}


class FakeGitHub:
    """A repository in a folder. Attributes are read from its file, and written to it."""

    def __init__(self, folder):
        self.__dict__["file"] = folder / "github.json"
        (folder / "bin").mkdir()
        gh = folder / "bin" / "gh"
        command = shlex.join([sys.executable, "-I", "-S", str(Path(__file__).resolve())])
        gh.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        gh.chmod(0o755)
        self.file.write_text(json.dumps(EMPTY))

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

    def add_issue(self, title, label):
        self.issues = {**self.issues, **new_issue(self.issues, title, label)}

    @property
    def open_issues(self):
        """Return the titles of the open issues."""
        return [issue["title"] for issue in self.issues.values() if issue["state"] == "open"]


def new_issue(issues, title, label):
    return {str(len(issues) + 1): {"title": title, "label": label, "state": "open"}}


def api(state, arguments, text):
    """Answer a call of the REST API: https://docs.github.com/en/rest."""
    path = re.sub(r"^repos/[^/]+/[^/]+/|\?.*", "", arguments.path)
    if arguments.method != "GET" and path in state["allowed"]:
        state["sent"][path] = json.loads(text)
        return ""
    found = state["answers"] if arguments.method == "GET" else {}
    assert path in found, "Not Found (HTTP 404)"
    answer = found[path]
    for name in re.findall(r"\w+", arguments.jq or ""):
        answer = answer[int(name) if name.isdigit() else name]
    return answer if isinstance(answer, str) else json.dumps(answer)


def list_issues(state, arguments, _):
    found = state["issues"].items()
    return "\n".join(
        number
        for number, issue in found
        if (issue["state"], issue["label"]) == ("open", arguments.label)
    )


def create_issue(state, arguments, text):
    assert arguments.label in state["labels"], "could not add label: not found"
    state["issues"] |= new_issue(state["issues"], arguments.title, arguments.label)
    state["texts"].append(text)
    return f"https://github.example/robin/visits/issues/{len(state['issues'])}"


def comment_on_issue(state, arguments, text):
    assert arguments.number in state["issues"]
    state["texts"].append(text)
    return f"https://github.example/robin/visits/issues/{arguments.number}#issuecomment-1"


def close_issue(state, arguments, _):
    state["issues"][arguments.number]["state"] = "closed"
    state["texts"].append(arguments.comment)
    return ""


def create_label(state, arguments, _):
    state["labels"].append(arguments.name)
    return ""


def set_variable(state, arguments, _):
    state["variables"][arguments.name] = arguments.body
    return ""


def do_nothing(_state, _arguments, _text):
    return ""


# The part of gh's command line that is used.
COMMANDS = {
    "api": (api, "path", "--method", "--input", "--jq"),
    "issue list": (list_issues, "--label", "--json", "--jq"),
    "issue create": (create_issue, "--title", "--label", "--body-file"),
    "issue comment": (comment_on_issue, "number", "--body-file"),
    "issue close": (close_issue, "number", "--comment"),
    "label create": (create_label, "name", "--force"),
    "variable set": (set_variable, "name", "--body"),
    "workflow run": (do_nothing, "name", "--ref"),
    "auth setup-git": (do_nothing,),
    "pr view": (do_nothing, "name", "--json", "--jq"),
    "pr create": (do_nothing, "--head", "--base", "--title", "--body"),
}


def parse(words):
    """Return the parsed command line; wrong options are an error, as they are for gh."""
    length = 1 if words[0] == "api" else 2
    run, *options = COMMANDS[" ".join(words[:length])]
    parser = argparse.ArgumentParser(prog="gh", allow_abbrev=False)
    parser.set_defaults(run=run, method="GET")
    for option in options:
        parser.add_argument(option, **({"action": "store_true"} if option == "--force" else {}))
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
        print(arguments.run(state, arguments, text))
    except AssertionError as error:
        sys.exit(f"gh: {error}")
    finally:
        file.write_text(json.dumps(state))


if __name__ == "__main__":
    main()
