"""`make github`: configure the repository to deploy, and start the first deployment.

It can be repeated: what is configured already stays or is updated.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contract.command import CommandError
from contract.repository import ROOT
from release import account
from release.github import gh, runner
from release.terraform import Terraform

ENVIRONMENTS = ("staging", "production")
SETTINGS = Path("terraform", "terraform.tfvars")
NO_ROLES = (
    "terraform/bootstrap has created no roles for GitHub. Name your repository in "
    "terraform/bootstrap/terraform.tfvars and run make bootstrap: see docs/github.md."
)
NO_BOUNDARY = (
    f"{SETTINGS} has no permissions_boundary_arn. Without it the deploy role may not create roles. "
    "Add the line that this command prints, and commit the file: "
    "terraform -chdir=terraform/bootstrap output -raw tfvars"
)
OTHER_REGION = f"region in {SETTINGS} is {{found}}, but bootstrap's is {{region}}."
ROLE_HOLDS = "The role that deploys accepts only jobs of main in any case."
PRIVATE = "On the free plan, GitHub has no such rule for private repositories."
CHECKED = "What you push to main is deployed only if the check is green."
NO_UPDATES = "Without it, the weekly update of the packages fails. An organisation can forbid it."
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
    variables = read_variables()
    check_settings(variables["AWS_REGION"])
    for name, value in variables.items():
        gh.run("variable", "set", name, f"--body={value}")
        runner.say(f"{name} = {value}")
    for name in ENVIRONMENTS:
        with allowed(f"Only main may deploy to {name}", f"{PRIVATE} {ROLE_HOLDS}"):
            protect(name)
    with allowed("main requires the check ci-ok", f"{PRIVATE} {CHECKED}"):
        require_ci()
    with allowed("Workflows may open pull requests", NO_UPDATES):
        gh.send("PUT", "actions/permissions/workflow", **WORKFLOWS)
    for name in SCHEDULED:
        with allowed(f"{name} runs on its schedule", "Enable it under Actions."):
            gh.send("PUT", f"actions/workflows/{name}/enable")
    gh.run("workflow", "run", "ci.yml", "--ref=main")
    runner.say("The checks of main have started; the first deployment follows: gh run watch")


def read_variables() -> dict[str, str]:
    """Return the variables of the repository: bootstrap's outputs, and SITE_URL if it is given."""
    outputs = Terraform(ROOT / "terraform" / "bootstrap").outputs()
    variables = dict(outputs.get("github_variables") or {})
    if not variables:
        raise CommandError(NO_ROLES)
    if site := os.environ.get("SITE_URL"):
        variables["SITE_URL"] = site
    return variables


def check_settings(region: str) -> None:
    """Check what a deployment from GitHub needs in the settings."""
    settings = account.read_hcl(SETTINGS)
    if not settings.get("permissions_boundary_arn"):
        raise CommandError(NO_BOUNDARY)
    if settings.get("region") != region:
        raise CommandError(OTHER_REGION.format(found=settings.get("region"), region=region))


def protect(environment: str) -> None:
    """Create an environment in which only jobs of main run."""
    path = f"environments/{environment}"
    if environment not in names(gh.get("environments")["environments"]):
        gh.send("PUT", path, **ENVIRONMENT)  # it would remove the reviewers of an existing one
    policies = f"{path}/deployment-branch-policies"
    if "main" not in names(gh.get(policies)["branch_policies"]):
        gh.send("POST", policies, name="main")


def require_ci() -> None:
    if "main" not in names(gh.get("rulesets")):
        gh.send("POST", "rulesets", **RULESET)


def names(found: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in found]


@contextmanager
def allowed(what: str, why: str) -> Iterator[None]:
    """Make a change that GitHub allows only in some plans, and say whether it did."""
    try:
        yield
        runner.say(f"{what}.")
    except CommandError as error:
        runner.say(f"Not set: {what}. {why} GitHub says: {error}")


if __name__ == "__main__":
    runner.run(main)
