"""`make configured`: check the settings that GitHub needs to deploy, in a workflow or elsewhere."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from contract.command import CommandError
from release import account
from release.github import gh, runner

ENVIRONMENTS = ("staging", "production")
VARIABLES = Path("terraform", "terraform.tfvars")
BOOTSTRAP = "terraform -chdir=terraform/bootstrap output"
HOW = "`make github` sets everything that it can; docs/github.md has the rest."
ROLE_HOLDS = "The role that deploys accepts only jobs of main in any case."
ROLE = r"arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+"


@dataclass(frozen=True)
class Setting:
    """A variable of the repository.

    Attributes:
        meaning, source: its row of the table in docs/github.md.
        rule: a regular expression for its value.
        required: whether a deployment needs it.
    """

    name: str
    meaning: str
    source: str
    rule: str
    example: str
    required: bool = True


PRINTED, YOURS = "bootstrap's output `github_variables`", "its address in a browser"
MARKUP = "your page's HTML"
SETTINGS = (
    Setting("AWS_REGION", "region of everything", PRINTED, "[a-z]{2}(-[a-z]+)+-[0-9]", "eu-west-1"),
    Setting(
        "AWS_PLAN_ROLE",
        "role that plans for pull requests, and can only read",
        PRINTED,
        ROLE,
        "arn:aws:iam::123456789012:role/github-visits-plan",
    ),
    Setting(
        "AWS_DEPLOY_ROLE",
        "role that deploys, for jobs of main in the environments `staging` and `production`",
        PRINTED,
        ROLE,
        "arn:aws:iam::123456789012:role/github-visits-deploy",
    ),
    Setting(
        "TF_STATE_BUCKET",
        "bucket that keeps Terraform's state",
        PRINTED,
        "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "visits-terraform-state-123456789012",
    ),
    Setting(
        "SITE_URL",
        "your page, which is tested after a deployment; without it, the page in `site/` is",
        YOURS,
        r"https?://[^\s/]+(/\S*)?",
        "https://example.com/",
        required=False,
    ),
    Setting(
        "NUMBER_SELECTOR",
        "CSS selector of the number, for a page that shows the same number elsewhere, too",
        MARKUP,
        r"\S.*",
        "#count",
        required=False,
    ),
    Setting(
        "CLICK_FIRST",
        "CSS selector of what to click before the number appears, such as a banner",
        MARKUP,
        r"\S.*",
        "#accept",
        required=False,
    ),
)


def main() -> None:
    if os.environ.get("GITHUB_ACTIONS") == "true":  # a run's token may not read more than these
        check(os.environ)
    else:
        for name in ENVIRONMENTS:
            report_branches(name)
        check(repository())


def check(source: Mapping[str, str]) -> None:
    """Check the variables of the repository and the committed settings."""
    values = {setting.name: source.get(setting.name, "").strip() for setting in SETTINGS}
    errors = [*variables(values), *terraform(values["AWS_REGION"])]
    for error in errors:
        runner.say(error, "error")
    if errors:
        raise CommandError(f"Deploying is not configured completely. {HOW}")
    runner.say("Deploying is configured.")


def repository() -> Mapping[str, str]:
    """Return the variables of the repository."""
    listed = json.loads(gh.run("variable", "list", "--json=name,value"))
    return {variable["name"]: variable["value"] for variable in listed}


def report_branches(environment: str) -> None:
    """Say if other branches than main may use an environment. Private ones often have no rules."""
    try:
        policies = gh.get(f"environments/{environment}/deployment-branch-policies")
        branches = [policy["name"] for policy in json.loads(policies)["branch_policies"]]
        if branches == ["main"]:
            return
        found = f"allows {branches} and not only main."
    except gh.GhError as error:
        found = f"has no rule for its branches. {error}"
    runner.say(f"The environment {environment} {found} {ROLE_HOLDS}")


def variables(values: Mapping[str, str]) -> Iterator[str]:
    """Yield each error in the variables of the repository."""
    for setting in SETTINGS:
        name, value, example = setting.name, values[setting.name], setting.example
        if not value and not setting.required:
            continue
        if not value:
            error = f"{name} is not set: the {setting.meaning}."
        elif not re.fullmatch(setting.rule, value):
            error = f"{name} is {value!r}, but must look like {example}."
        else:
            continue
        command = f"gh variable set {name} --body {example}"
        yield f"{error} Set it: {command} (its value: {setting.source})"


def terraform(region: str) -> Iterator[str]:
    """Yield each error in the committed settings. An empty AWS_REGION is not compared."""
    if not VARIABLES.exists():
        yield f"{VARIABLES} is missing. Copy {VARIABLES}.example, fill it in and commit it."
        return
    try:
        values = account.read_hcl(VARIABLES)
    except CommandError as error:
        yield str(error)
        return
    if region and values.get("region") != region:
        yield f"AWS_REGION is {region}, but region in {VARIABLES} is {values.get('region')}."
    if not values.get("permissions_boundary_arn"):
        yield (
            f"{VARIABLES} has no permissions_boundary_arn. Without it the deploy role may not "
            f"create roles. Add the line that this command prints: {BOOTSTRAP} -raw tfvars"
        )


if __name__ == "__main__":
    runner.run(main)
