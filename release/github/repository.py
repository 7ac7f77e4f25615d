"""`make github`: configure the repository to deploy, and start the first deployment.

It can be repeated: what is configured already stays or is updated.
"""

import json
import os
from typing import Any

from contract.command import CommandError
from contract.repository import ROOT
from release.github import configured, gh, runner
from release.terraform import Terraform

NO_ROLES = (
    "terraform/bootstrap has created no roles for GitHub. Name your repository in "
    "terraform/bootstrap/terraform.tfvars and run make bootstrap: see docs/github.md."
)
NOT_ALLOWED = "Not set: {what}. {why} GitHub says: {error}"
PRIVATE = "On the free plan, GitHub has no such rule for private repositories."
SCHEDULED = ("smoke.yml", "weekly.yml")
RULESET: dict[str, Any] = {
    "name": "main",
    "target": "branch",
    "enforcement": "active",
    "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
    "rules": [
        {
            "type": "required_status_checks",
            "parameters": {
                "required_status_checks": [{"context": "ci-ok"}],
                "strict_required_status_checks_policy": False,
            },
        }
    ],
}
WORKFLOWS = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": True}
ENVIRONMENT = {
    "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}
}


def main() -> None:
    set_variables()
    for name in configured.ENVIRONMENTS:
        allowed(
            f"Only main may deploy to {name}",
            f"{PRIVATE} {configured.ROLE_HOLDS}",
            lambda name=name: protect(name),
        )
    allowed(
        "main requires the check ci-ok",
        f"{PRIVATE} What you push to main is deployed only if the check is green.",
        require_ci,
    )
    allowed(
        "Workflows may open pull requests",
        "Without it, the weekly update of the packages fails. An organisation can forbid it.",
        lambda: gh.send("PUT", "actions/permissions/workflow", **WORKFLOWS),
    )
    for name in SCHEDULED:
        allowed(
            f"{name} runs on its schedule",
            "Enable it under Actions.",
            lambda name=name: gh.send("PUT", f"actions/workflows/{name}/enable"),
        )
    configured.check(configured.repository())
    gh.run("workflow", "run", "ci.yml", "--ref=main")
    runner.say("The checks of main have started; the first deployment follows: gh run watch")


def set_variables() -> None:
    """Set the repository's variables to bootstrap's outputs, and SITE_URL if it is given."""
    outputs = Terraform(ROOT / "terraform" / "bootstrap").outputs()
    values = outputs.get("github_variables") or {}
    if not values:
        raise CommandError(NO_ROLES)
    if site := os.environ.get("SITE_URL"):
        values["SITE_URL"] = site
    for name, value in values.items():
        gh.run("variable", "set", name, f"--body={value}")
        runner.say(f"{name} = {value}")


def protect(environment: str) -> None:
    """Create an environment in which only jobs of main run."""
    path = f"environments/{environment}"
    existing = json.loads(gh.get("environments"))["environments"]
    if environment not in [found["name"] for found in existing]:
        gh.send("PUT", path, **ENVIRONMENT)  # it would remove the reviewers of an existing one
    if "main" not in gh.get(f"{path}/deployment-branch-policies"):
        gh.send("POST", f"{path}/deployment-branch-policies", name="main")


def require_ci() -> None:
    if "main" not in [found["name"] for found in json.loads(gh.get("rulesets"))]:
        gh.send("POST", "rulesets", **RULESET)


def allowed(what: str, why: str, change: Any) -> None:
    """Make a change that GitHub allows only in some plans, and say whether it did."""
    try:
        change()
        runner.say(f"{what}.")
    except gh.GhError as error:
        runner.say(NOT_ALLOWED.format(what=what, why=why, error=error))


if __name__ == "__main__":
    runner.run(main)
