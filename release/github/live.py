"""`make live`: the commit that is live, which is the one whose smoke test passed last.

It is recorded as a deployment to the environment `live`. A tag would not do: GitHub lets no run
move one to a commit whose workflows are those of no branch any more.
https://docs.github.com/en/rest/deployments
"""

from release.github import incident, runner
from release.github.github import GitHub

ENVIRONMENT = "live"


def main() -> None:
    """Tell which commit is live, whether that is beyond doubt, and whether ours comes too late."""
    ours = runner.variable("GITHUB_SHA")
    github = GitHub()
    good = recorded(github)
    proven = bool(good) and not is_in_doubt(github)
    superseded = bool(good) and is_superseded(github, ours, good)
    runner.output(good=good, proven=str(proven).lower(), superseded=str(superseded).lower())
    if not good:
        runner.say("Nothing is live yet: this is the first deployment.")
    elif superseded:
        runner.say(f"{ours} comes too late for the live commit {good}, and must not replace it.")
    else:
        runner.say(f"The live commit is {good}.")


def recorded(github: GitHub) -> str:
    """The commit, or nothing. GitHub lists the newest first."""
    deployments = github.get(f"deployments?environment={ENVIRONMENT}&per_page=1")
    return str(deployments[0]["sha"]) if deployments else ""


def record(sha: str, site: str) -> None:
    """Say that a commit is live now, on a site."""
    github = GitHub()
    # Its checks need no second look: none of them waits for this one.
    deployment = github.post(
        "deployments", ref=sha, environment=ENVIRONMENT, auto_merge=False, required_contexts=[]
    )
    github.post(
        f"deployments/{deployment['id']}/statuses",
        state="success",
        environment_url=site,
        log_url=runner.run_url(),
    )
    runner.say(f"The live commit is {sha}.")


def is_in_doubt(github: GitHub) -> bool:
    """Whether something else may run: a release failed, or somebody repeats one."""
    repeated = runner.variable("GITHUB_RUN_ATTEMPT") != "1"
    return repeated or bool(incident.is_open(github, "release"))


def is_superseded(github: GitHub, ours: str, good: str) -> bool:
    """Whether a commit does not go on from the live one. Main's head need not: it was moved."""
    if github.get("git/ref/heads/main")["object"]["sha"] == ours:
        return False
    status = github.get(f"compare/{good}...{ours}?per_page=1")["status"]
    return status not in {"ahead", "identical"}


if __name__ == "__main__":
    runner.run(main)
