"""`make ci-ok`: check that every job of the CI workflow succeeded, in that workflow or afterwards.

GitHub accepts a required job that was skipped. Here a skipped job is a failure, except the plan,
for which not every run may sign in.
"""

import json
import os

from release.github import gh, runner

SOURCE = "In a workflow: env: NEEDS: ${{ toJSON(needs) }}"
NOT_GREEN = (
    "The check ci-ok of {commit} is {result}. Deploy a commit whose check is green, or start this "
    "workflow with its input `unchecked`: gh workflow run deploy.yml -f unchecked=true"
)


def main() -> None:
    if "NEEDS" not in os.environ:
        require_green(runner.variable("GITHUB_SHA"))
        return
    needs = read(runner.variable("NEEDS", SOURCE))
    results = {job: each["result"] for job, each in needs.items()}
    if results.get("plan") == "skipped":
        del results["plan"]
    bad = [f"{job}: {result}" for job, result in results.items() if result != "success"]
    if bad:
        raise runner.Failure(f"Not every job succeeded. {', '.join(bad)}")
    runner.say(f"All jobs succeeded: {', '.join(results)}")


def require_green(commit: str) -> None:
    """Check that CI has passed for a commit."""
    path = f"commits/{commit}/check-runs?check_name=ci-ok&filter=latest"
    result = gh.get(path, "--jq=.check_runs[0].conclusion")
    if result != "success":
        raise runner.Failure(NOT_GREEN.format(commit=commit, result=result or "missing"))
    runner.say(f"The check ci-ok of {commit} is green.")


def read(text: str) -> dict[str, dict[str, str]]:
    try:
        needs = json.loads(text)
        if needs and all("result" in each for each in needs.values()):
            return dict(needs)
    except (ValueError, TypeError, AttributeError):
        pass
    raise runner.Failure(f"NEEDS has no job with a result: {text}. {SOURCE}")


if __name__ == "__main__":
    runner.run(main)
