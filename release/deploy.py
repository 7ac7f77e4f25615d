"""`make plan`, `apply`, `deploy` and `destroy`: Terraform for people and for pipelines.

What is applied is always the plan that was shown.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from release import account, plan
from release.account import TERRAFORM, CannotDeploy, terraform
from release.github import runner

PLAN = "visits.tfplan"
REPORT = Path("build", "plan.md")
NO_CHANGE, CHANGES = 0, 2  # of terraform plan -detailed-exitcode


def main(command: str) -> None:
    try:
        {"plan": make_plan, "apply": apply_plan, "deploy": deploy, "destroy": destroy}[command]()
    except CannotDeploy as error:
        sys.exit(f"\n{error}")


def make_plan() -> None:
    """Save a plan for `make apply`, and tell people and workflows what is in it."""
    account.connect()
    changed = save_plan()
    report = plan.describe(json.loads(account.read("show", "-json", PLAN)))
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(report)
    runner.summary(report)
    runner.output(changed=str(changed).lower())
    if changed:
        print("\nThe plan is saved. Apply it: make apply")


def save_plan() -> bool:
    """Show and save a plan; whether it changes anything."""
    with override("rollback" if os.environ.get("ROLLBACK") else None):
        planned = terraform("plan", "-input=false", "-detailed-exitcode", f"-out={PLAN}")
    if planned not in {NO_CHANGE, CHANGES}:
        raise CannotDeploy("There is no plan; Terraform says why above.")
    return planned == CHANGES


def apply_plan() -> None:
    """Apply the plan that `make plan` has saved, once."""
    saved = TERRAFORM / PLAN
    if not saved.exists():
        raise CannotDeploy("There is no plan to apply. Make one, and read it: make plan")
    try:
        apply(PLAN)
    finally:
        saved.unlink()


def deploy() -> None:
    """Plan, show, ask, apply the plan, and say what to do next."""
    to = account.connect()
    try:
        if save_plan():
            agree(f"Apply this plan to account {to}? [y/N] ", "y")
            apply(PLAN)
    finally:
        (TERRAFORM / PLAN).unlink(missing_ok=True)
    print("\nThe API, and the lines for your page:\n", flush=True)
    terraform("output", "-raw", "api_url")
    print("\n", flush=True)
    terraform("output", "-raw", "html")


def destroy() -> None:
    """Take the locks off the table, and destroy everything with it, after its name was typed."""
    to = account.connect()
    question = "This deletes the API and the table with all counts"
    agree(f"{question} from account {to}. Type 'delete' to go on: ", "delete")
    with override("destroy"):
        apply("-auto-approve", "-input=false")
        if terraform("destroy", "-auto-approve", "-input=false"):
            raise CannotDeploy("Not everything was destroyed; Terraform says why above.")


@contextmanager
def override(name: str | None) -> Iterator[None]:
    """Let one of the override files in terraform/ count, if one is named."""
    if name is None:
        yield
        return
    file = TERRAFORM / f"{name}_override.tf"
    shutil.copy(file.with_name(f"{file.name}.example"), file)
    try:
        yield
    finally:
        file.unlink()


def agree(question: str, word: str) -> None:
    print(f"\n{question}", end="", flush=True)
    if sys.stdin.readline().strip().lower() != word:
        raise CannotDeploy("Nothing was changed.")


def apply(*arguments: str) -> None:
    if terraform("apply", *arguments):
        raise CannotDeploy(
            "Not everything was applied; Terraform says why above. Mend it and repeat."
        )


if __name__ == "__main__":
    main(sys.argv[1])
