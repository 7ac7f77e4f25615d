"""`make configured`: what a person sets once, so that GitHub can deploy."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from release.github import runner

VARIABLES = Path("terraform", "terraform.tfvars")
BOOTSTRAP = "terraform -chdir=terraform/bootstrap output"
HOW = 'README.md says how, in "Deploy from GitHub".'
ROLE = r"arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+"


@dataclass(frozen=True)
class Setting:
    """A variable of the repository. `meaning` and `source` are what README's table says."""

    name: str
    meaning: str
    source: str
    rule: str
    example: str


PRINTED, YOURS = "bootstrap's output `github_variables`", "its address in a browser"
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
        "role that deploys, for jobs of the environment `production`",
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
        "your page, which is watched after a deployment",
        YOURS,
        r"https?://[^\s/]+(/\S*)?",
        "https://example.com/",
    ),
)


def main() -> None:
    values = {each.name: os.environ.get(each.name, "").strip() for each in SETTINGS}
    if not any(values.values()):
        text = f"Deploying is not configured. {HOW}"
        runner.output(configured="false")
        runner.summary(text)
        runner.say(text, "notice")
        return
    wrong = [*variables(values), *terraform(values["AWS_REGION"])]
    for each in wrong:
        runner.say(each, "error")
    if wrong:
        raise runner.Failure(f"Deploying is configured, but not completely. {HOW}")
    runner.output(configured="true")
    runner.say("Deploying is configured.")


def variables(values: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the variables of the repository."""
    for each in SETTINGS:
        value = values[each.name]
        command = f"gh variable set {each.name} --body {each.example}"
        if not value:
            found = f"{each.name} is not set: the {each.meaning}."
        elif not re.fullmatch(each.rule, value):
            found = f"{each.name} is {value!r}, and has to look like {each.example}."
        else:
            continue
        yield f"{found} Set it: {command} (its value: {each.source})"


def terraform(region: str) -> Iterator[str]:
    """What is wrong with the settings that are committed."""
    if not VARIABLES.exists():
        yield f"{VARIABLES} is missing. Copy {VARIABLES}.example, fill it in and commit it."
        return
    said = dict(re.findall(r'^\s*(\w+)\s*=\s*"([^"]*)"', VARIABLES.read_text(), re.MULTILINE))
    if region and said.get("region") != region:
        yield f"AWS_REGION is {region}, but region in {VARIABLES} is {said.get('region')}."
    if not said.get("permissions_boundary_arn"):
        yield (
            f"{VARIABLES} has no permissions_boundary_arn, without which the role that deploys can "
            f"make no role. Add the line that this prints: {BOOTSTRAP} -raw tfvars"
        )


if __name__ == "__main__":
    runner.run(main)
