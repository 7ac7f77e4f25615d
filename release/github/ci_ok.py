"""`make ci-ok`: check that every job of the CI workflow succeeded.

GitHub accepts a required job that was skipped. Here a skipped job is a failure.
"""

import json

from release.github import runner

SOURCE = "In a workflow: env: NEEDS: ${{ toJSON(needs) }}"


def main() -> None:
    needs = read(runner.variable("NEEDS", SOURCE))
    bad = [f"{job}: {each['result']}" for job, each in needs.items() if each["result"] != "success"]
    if bad:
        raise runner.Failure(f"Not every job succeeded. {', '.join(bad)}")
    runner.say(f"All jobs succeeded: {', '.join(needs)}")


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
