"""`make last-good-release`: find the commit whose smoke test was the last to pass.

It is recorded as a deployment to the environment `last-good-release`. A tag cannot record it:
a run's token may not move a tag to a commit whose workflow files differ from those of every branch.
https://docs.github.com/en/rest/deployments
"""

import json

from release.github import gh, incident, runner

ENVIRONMENT = "last-good-release"


def main() -> None:
    """Write the step's outputs.

    `good` is the commit, or empty. `proven` is "true" if the site is known to run it.
    `superseded` is "true" if this run's commit must not replace it.
    """
    ours = runner.variable("GITHUB_SHA")
    good = recorded()
    proven = bool(good) and not is_in_doubt()
    superseded = bool(good) and is_superseded(ours, good)
    runner.output(good=good, proven=str(proven).lower(), superseded=str(superseded).lower())
    if not good:
        runner.say("There is no good release yet: this is the first deployment.")
    elif superseded:
        runner.say(f"{ours} is not newer than the last good release {good}: it is not deployed.")
    else:
        runner.say(f"The last good release is {good}.")


def recorded() -> str:
    """Return the commit, or an empty string. GitHub lists the newest deployment first."""
    deployments = json.loads(gh.get(f"deployments?environment={ENVIRONMENT}&per_page=1"))
    return str(deployments[0]["sha"]) if deployments else ""


def record(sha: str, site: str) -> None:
    """Record a commit as the last good release, with the address of the site."""
    # No required contexts: GitHub would refuse while a check of the commit runs, as this one does.
    deployment = gh.send(
        "POST",
        "deployments",
        ref=sha,
        environment=ENVIRONMENT,
        auto_merge=False,
        required_contexts=[],
    )
    gh.send(
        "POST",
        f"deployments/{deployment['id']}/statuses",
        state="success",
        environment_url=site,
        log_url=runner.run_url(),
    )
    runner.say(f"{sha} is recorded as the last good release.")


def is_in_doubt() -> bool:
    """Return whether the site may run another commit: a release failed, or a run is repeated."""
    return runner.variable("GITHUB_RUN_ATTEMPT") != "1" or bool(incident.open_issues("release"))


def is_superseded(ours: str, good: str) -> bool:
    """Return whether a commit is not a descendant of the last good release.

    The head of main is always deployed, even after a forced push.
    """
    if gh.get("git/ref/heads/main", "--jq=.object.sha") == ours:
        return False
    status = gh.get(f"compare/{good}...{ours}?per_page=1", "--jq=.status")
    return status not in {"ahead", "identical"}


if __name__ == "__main__":
    runner.run(main)
