"""A fake `gh` for one repository, as far as release/github uses it.

As a program, under the name `gh` on the PATH, it keeps the repository in the JSON file that
FAKE_GITHUB names. As a module it gives tests access to the same file.
"""

import argparse
import fcntl
import json
import os
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

MAX_BODY = 65_536
BOT = {"login": "github-actions[bot]", "type": "Bot"}
EMPTY = {"issues": {}, "comments": {}, "labels": [], "deployments": [], "parents": {}}
WRITE = {"head": "", "token": "a-token", "read_only": False, "failures": [], "calls": []}


class FakeGitHub:
    """A repository in a folder. Attributes are read from its file, and written to it.

    Args:
        parents: its commits, each with its parent, the oldest first.
    """

    def __init__(self, folder, parents=()):
        self.__dict__["file"] = folder / "github.json"
        (folder / "bin").mkdir()
        gh = folder / "bin" / "gh"
        gh.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {Path(__file__).resolve()} "$@"\n')
        gh.chmod(0o755)
        self.file.write_text(json.dumps({**EMPTY, **WRITE, "parents": dict(parents)}))

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
            "GITHUB_SHA": next(reversed(self.parents), 40 * "0"),
        }

    def add_issue(self, title="", labels=(), **values):
        """Add an issue or a pull request, and return its number."""
        state = json.loads(self.file.read_text())
        number = new_issue(state, title, "", labels, **values)["number"]
        self.issues = state["issues"]
        return number

    def add_comment(self, issue, body, user=BOT):
        state = json.loads(self.file.read_text())
        new_comment(state, str(issue), body, user)
        self.comments = state["comments"]

    def add_deployment(self, sha, environment="last-good-release"):
        self.deployments = [
            *self.deployments,
            {"id": 0, "sha": sha, "environment": environment, "statuses": []},
        ]

    @property
    def open_issues(self):
        """Return the titles of the open issues."""
        issues = self.issues.values()
        return [each["title"] for each in issues if each["state"] == "open"]

    @property
    def texts(self):
        """Return the texts of all comments."""
        return [each["body"] for each in self.comments.values()]


def new_issue(repository, title, body, labels, **values):
    number = len(repository["issues"]) + len(repository["comments"]) + 1
    url = f"https://github.example/robin/visits/issues/{number}"
    repository["issues"][str(number)] = {
        "number": number, "title": title, "body": body, "state": "open",
        "labels": [{"name": label} for label in labels], "html_url": url, **values,
    }  # fmt: skip
    return repository["issues"][str(number)]


def new_comment(state, issue, body, user=BOT):
    number = len(state["issues"]) + len(state["comments"]) + 1
    url = f"{state['issues'][issue]['html_url']}#issuecomment-{number}"
    comment = {"id": number, "issue": int(issue), "body": body, "user": user, "html_url": url}
    state["comments"][str(number)] = comment
    return comment


def api(state, arguments, body):
    """Answer a call of the REST API: https://docs.github.com/en/rest."""
    url = urlsplit(arguments.path.removeprefix("repos/{owner}/{repo}/"))
    query = {name: value for name, [value] in parse_qs(url.query).items()}
    match arguments.method, url.path.split("/"):
        case "GET", ["issues"]:
            found = [
                each for each in state["issues"].values()
                if each["state"] == query["state"] and {"name": query["labels"]} in each["labels"]
            ]  # fmt: skip
            answer = found if arguments.paginate else found[: int(query["per_page"])]
        case "GET", ["issues", number, "comments"]:
            assert number in state["issues"], "Not Found (HTTP 404)"
            found = [each for each in state["comments"].values() if str(each["issue"]) == number]
            answer = found if arguments.paginate else found[: int(query["per_page"])]
        case "POST", ["issues", number, "comments"]:
            answer = new_comment(state, number, body["body"])
        case "PATCH", ["issues", "comments", number]:
            answer = state["comments"][number]
            answer.update(body)
        case "GET", ["deployments"]:
            wanted = query["environment"]
            answer = [each for each in state["deployments"] if each["environment"] == wanted][-1:]
        case "POST", ["deployments"]:
            assert body["ref"] in state["parents"], "No ref found (HTTP 422)"
            number = len(state["deployments"])
            answer = {"id": number, "sha": body["ref"], "statuses": [], **body}
            state["deployments"].append(answer)
        case "POST", ["deployments", number, "statuses"]:
            state["deployments"][int(number)]["statuses"].append(body)
            answer = body
        case "GET", ["git", "ref", "heads", "main"]:
            answer = {"object": {"sha": state["head"] or [*state["parents"]][-1]}}
        case "GET", ["compare", commits]:
            base, head = (history(state, commit) for commit in commits.split("..."))
            ahead, behind = set(head) - set(base), set(base) - set(head)
            status = ("diverged" if behind else "ahead") if ahead else "behind"
            answer = {"status": status if ahead or behind else "identical"}
        case call:
            raise AssertionError(f"Not Found (HTTP 404): {call}")
    return printed(answer, arguments.jq)


def printed(answer, jq):
    """Print as gh does: --jq prints each result on a line of its own, and text without quotes."""
    if jq == ".[]":
        return "\n".join(map(json.dumps, answer))
    for name in filter(None, (jq or "").split(".")):
        answer = answer[name]
    return answer if isinstance(answer, str) else json.dumps(answer)


def history(state, commit):
    parent = state["parents"][commit]
    return [commit, *(history(state, parent) if parent else [])]


def issue(state, arguments, text):
    if arguments.command == "create":
        missing = [each for each in arguments.label if each not in state["labels"]]
        assert not missing, f"could not add label: '{missing}' not found"
        return new_issue(state, arguments.title, text, arguments.label)["html_url"]
    number = arguments.number
    body = text if arguments.command == "comment" else arguments.comment
    url = new_comment(state, number, body)["html_url"]
    if arguments.command == "close":
        state["issues"][number]["state"] = "closed"
    return url


def label(state, arguments, _):
    state["labels"].append(arguments.name)
    return ""


def parser():
    """Return the part of gh's command line that release/github uses."""
    parser = argparse.ArgumentParser(prog="gh", allow_abbrev=False)
    kinds = parser.add_subparsers(required=True)
    call = kinds.add_parser("api")
    call.set_defaults(run=api, command="api")
    call.add_argument("path")
    call.add_argument("--method", default="GET")
    call.add_argument("--input", choices=["-"])
    call.add_argument("--jq")
    call.add_argument("--paginate", action="store_true")
    issues = kinds.add_parser("issue").add_subparsers(dest="command", required=True)
    for command, options in {"create": (), "comment": ["number"], "close": ["number"]}.items():
        one = issues.add_parser(command)
        one.set_defaults(run=issue)
        for option in (*options, "--title", "--comment"):
            one.add_argument(option)
        one.add_argument("--body-file", choices=["-"])
        one.add_argument("--label", action="append")
    create = kinds.add_parser("label").add_subparsers(required=True).add_parser("create")
    create.set_defaults(run=label, command="label")
    create.add_argument("name")
    create.add_argument("--force", action="store_true", required=True)
    create.add_argument("--color")
    create.add_argument("--description")
    return parser


def main():
    file = Path(os.environ["FAKE_GITHUB"])
    lock = file.with_suffix(".lock").open("w")  # jobs run at the same time
    fcntl.flock(lock, fcntl.LOCK_EX)
    state = json.loads(file.read_text())
    arguments = parser().parse_args()
    text = sys.stdin.read()
    writes = arguments.command != "api" or arguments.method != "GET"
    state["calls"].append(" ".join(sys.argv[1:4]))
    try:
        assert not state["failures"], state["failures"].pop(0)
        assert os.environ["GH_TOKEN"] == state["token"], "Bad credentials (HTTP 401)"
        forbidden = "Resource not accessible by integration (HTTP 403)"
        assert not (writes and state["read_only"]), forbidden
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
