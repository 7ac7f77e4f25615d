"""`make live`: the commit that is live, which is the one whose smoke test passed last.

It is recorded as a deployment to the environment `live`. A tag would not do: GitHub lets no run
move one to a commit whose workflows are those of no branch any more.
https://docs.github.com/en/rest/deployments
"""

from dev.pipeline import runner
from dev.pipeline.github import GitHub

ENVIRONMENT = "live"


def main() -> None:
    """Tell which commit is live, and whether it is newer than this run's."""
    ours = runner.variable("GITHUB_SHA")
    github = GitHub()
    good = recorded(github)
    superseded = bool(good) and is_older(github, ours, good)
    runner.output(good=good, superseded=str(superseded).lower())
    if not good:
        runner.say("Nothing is live yet: this is the first deployment.")
    elif superseded:
        runner.say(f"The live commit {good} is newer than {ours}, which must not replace it.")
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


def is_older(github: GitHub, ours: str, good: str) -> bool:
    """Whether one commit is an ancestor of the other."""
    return bool(github.get(f"compare/{good}...{ours}?per_page=1")["status"] == "behind")


if __name__ == "__main__":
    runner.run(main)
