"""`make report`: open an issue if a job fails, and close it when a later one works.

There is one open issue for each kind of incident. It is identified by its label: its title may be
edited, and only people with a role in the repository can set a label.
"""

import json
import os

from release.github import gh, runner

KINDS = {"site": "The live site is broken", "release": "A release failed"}
NO_RESULT = (
    "There is no result: the set-up failed, or the job was cancelled. Its log shows whether it "
    "applied anything. It is not known to be broken, so nothing was rolled back. Re-run it."
)


def main() -> None:
    """Report what a job has done until now. RESULT has the outputs of its step that tests."""
    kind, status = runner.variable("KIND"), runner.variable("STATUS")
    result = json.loads(os.environ.get("RESULT") or "null") or {}
    if status != "success":
        report(kind, status, result.get("outcome") or NO_RESULT)
    elif result.get("healthy") == "true":
        # A release ends with a test of the site.
        for healthy in KINDS if kind == "release" else [kind]:
            close(healthy)


def report(kind: str, status: str, outcome: str) -> None:
    """Comment on the open issue of this kind, or open one."""
    passive = outcome.replace("@", "@\u200b")  # text of a page would mention people
    job = runner.variable("GITHUB_JOB")
    text = f"**{passive}**\n\nThe result of the job {job} is {status}: {place()}"
    if numbers := open_issues(kind):
        url = gh.run("issue", "comment", numbers[0], "--body-file=-", text=text)
    else:
        gh.run("label", "create", label(kind), "--force")
        command = ("issue", "create", f"--title={KINDS[kind]}", f"--label={label(kind)}")
        url = gh.run(*command, "--body-file=-", text=text)
    runner.say(f"Reported: {url}", "notice")


def close(kind: str) -> None:
    """Close the open issues of a kind, with a comment that it works again."""
    for number in open_issues(kind):
        gh.run("issue", "close", number, f"--comment=It works again: {place()}")
        runner.say(f"Closed: issue {number}", "notice")


def open_issues(kind: str) -> list[str]:
    """Return the numbers of the open issues of a kind."""
    command = ("issue", "list", f"--label={label(kind)}", "--json=number", "--jq=.[].number")
    return gh.run(*command).split()


def label(kind: str) -> str:
    return f"incident-{kind}"


def place() -> str:
    """Return a sentence with the commit and the run, whose page has what the tests saw."""
    commit, repository, run = (
        runner.variable(f"GITHUB_{name}") for name in ("SHA", "REPOSITORY", "RUN_ID")
    )
    url = f"{runner.variable('GITHUB_SERVER_URL')}/{repository}/actions/runs/{run}"
    return f"commit {commit[:7]}, in [this run]({url})."


if __name__ == "__main__":
    runner.run(main)
