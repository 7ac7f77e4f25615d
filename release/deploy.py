"""`make plan`, `make apply` and `make deploy`, for people and for workflows.

`make apply` and `make deploy` apply only a saved plan that was shown before.
"""

import json
import os
import sys
from pathlib import Path

from release import account, adopt, plan, preflight
from release.github import runner
from release.terraform import DeployError, Terraform

PLAN = "-".join(filter(None, ["visits", os.environ.get("DEPLOYMENT")])) + ".tfplan"
REPORT = Path("build", "plan.md")
PLAN_FAILED = """\
terraform plan failed; see its message above. If it says that the state is locked, and no other \
command is running, an earlier one was killed. Remove its lock, with the ID below "Lock Info":
  {terraform} force-unlock ID"""
ADOPTED = """
These resources exist already: an earlier apply was interrupted before it could record them. The \
next plan imports them instead of creating them:
  {names}
"""
NEW_LINES = """
The lines for your page change: see `html` above. If the page has the hash of a script, add the \
new one to it before you deploy; client/README.md explains how."""


def main(command: str) -> None:
    commands = {"plan": make_plan, "apply": apply_plan, "deploy": deploy}
    try:
        commands[command](Terraform())
    except DeployError as error:
        sys.exit(f"\n{error}")


def make_plan(terraform: Terraform) -> bool:
    """Save a plan for `make apply`, report it, and return whether it changes anything."""
    account.connect(terraform)
    saved = save_plan(terraform)
    changed = bool(saved["applyable"])
    report = plan.describe(saved)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(report)
    runner.summary(report)
    if os.environ.get("GITHUB_ACTIONS"):
        print(report)
    elif changed:
        print("\nThe plan is saved. Run make apply to apply it.")
    return changed


def save_plan(terraform: Terraform) -> plan.Plan:
    """Save a plan that continues what an interrupted apply left behind, and return it."""
    adopt.untaint_protected(terraform)
    saved = plan_once(terraform)
    region = str(account.backend(terraform)[0]["region"])
    blocks = adopt.import_blocks(saved, region)
    if not blocks:
        return saved
    print(ADOPTED.format(names="\n  ".join(blocks)))
    file = terraform.folder / "adopt.tf"  # Terraform refuses import blocks in override files
    file.write_text("\n".join(blocks.values()))
    try:
        return plan_once(terraform)
    finally:
        file.unlink()


def plan_once(terraform: Terraform) -> plan.Plan:
    """Save a plan, and return it.

    A person sees the whole plan. The log of a workflow can be public, and contains no values.
    """
    options = ["-input=false", f"-out={PLAN}", *account.variables(terraform)]
    if os.environ.get("GITHUB_ACTIONS"):
        print("Planning ...", flush=True)
        terraform.run("plan", *options)
    elif terraform.on_terminal("plan", *options):
        raise DeployError(PLAN_FAILED.format(terraform=terraform.by_hand))
    print("\nReading the plan ...", flush=True)
    return dict(json.loads(terraform.run("show", "-json", PLAN)))


def apply_plan(terraform: Terraform) -> None:
    """Apply the plan that `make plan` saved, and delete it."""
    account.check(terraform)
    saved = terraform.folder / PLAN
    if not saved.exists():
        raise DeployError("There is no plan to apply. Run make plan first.")
    try:
        apply(terraform, PLAN)
    finally:
        saved.unlink()


def deploy(terraform: Terraform) -> None:
    """Show a plan, apply it after a confirmation, and print the URL and the HTML to paste.

    The first deployment begins with the checks of `make preflight`.
    """
    target = account.connect(terraform)
    if not terraform.outputs() and not os.environ.get("SKIP_PREFLIGHT"):
        preflight.require(terraform)
    try:
        saved = save_plan(terraform)
        if saved["applyable"]:
            if saved["output_changes"]["html"]["actions"] == ["update"]:
                print(NEW_LINES)
            confirm(f"Apply this plan to account {target}? [y/N] ", "y")
            apply(terraform, PLAN)
    finally:
        (terraform.folder / PLAN).unlink(missing_ok=True)
    outputs = terraform.outputs()
    print(f"\nThe URL of the API:\n\n{outputs['api_url']}")
    print(f"\nPaste this into your page:\n\n{outputs['html']}")
    print(f"\nThe badge in Markdown, for a README:\n\n{outputs['markdown']}")


def confirm(question: str, word: str) -> None:
    print(f"\n{question}", end="", flush=True)
    if sys.stdin.readline().strip().lower() != word:
        raise DeployError("Nothing was changed.")


def apply(terraform: Terraform, *arguments: str) -> None:
    if terraform.on_terminal("apply", *arguments):
        raise DeployError(
            "terraform apply failed, and a part may be applied; see its message above. "
            "Fix the cause and repeat the command."
        )


if __name__ == "__main__":
    main(sys.argv[1])
