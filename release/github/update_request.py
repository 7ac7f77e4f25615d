"""`make update-request`: open the weekly pull request with the packages that `make lock` pinned."""

import subprocess

from release.github import gh, runner

BRANCH = "update-packages"
TITLE = "Pin the newest packages"
BODY = "`make lock` has pinned the newest packages. CI was started by hand for this branch: GitHub \
does not start it for a pull request that a workflow opens."


def main() -> None:
    if not git("status", "--porcelain", "requirements"):
        runner.say("All packages are pinned to their newest versions.")
        return
    git("switch", "--force-create", BRANCH)
    author = ("-c", "user.name=github-actions[bot]", "-c", "user.email=actions@github.com")
    git(*author, "commit", "--quiet", "--message", TITLE, "--", "requirements")
    gh.run("auth", "setup-git")
    git("push", "--force", "--quiet", "origin", BRANCH)
    if gh.run("pr", "list", f"--head={BRANCH}", "--json=number", "--jq=.[].number"):
        runner.say("The open pull request has the new versions.")
    else:
        options = (f"--head={BRANCH}", "--base=main", f"--title={TITLE}", f"--body={BODY}")
        runner.say(gh.run("pr", "create", *options), "notice")
    gh.run("workflow", "run", "ci.yml", f"--ref={BRANCH}")


def git(*arguments: str) -> str:
    """Run git and return what it prints."""
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if done.returncode:
        raise runner.Failure(f"git {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout.strip()


if __name__ == "__main__":
    runner.run(main)
