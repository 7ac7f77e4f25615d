"""`make plan`, `make apply` and `make deploy`, for people and for workflows.

`make apply` and `make deploy` apply only a saved plan that was shown before. The cheapest check
comes first: settings, Terraform, credentials, state, build, plan.
"""

import json
import os
import re
import shlex
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from contract import generation
from contract.command import CommandError
from release import account, plan, preflight, repair, settings, terminal
from release.github import runner
from release.package import __main__ as package
from release.terraform import State, Terraform

PLAN = "-".join(filter(None, ["visits", os.environ.get("DEPLOYMENT")])) + ".tfplan"
REPORT = Path("build", "plan.md")
WHOLE_PLAN = Path("build", "plan.txt")
LOCKED = re.compile(
    r"Error acquiring the state lock[\s\S]*?\bID:\s+(?P<id>\S+)[\s\S]*?\bOperation:\s+(?P<what>\S*)"
    r"[\s\S]*?\bWho:\s+(?P<who>\S+)[\s\S]*?\bCreated:\s+(?P<since>\S+ [\d:]+)"
)
REPAIRED = "An earlier deployment stopped half-way. This plan completes it."
NOT_REPAIRED = """\
An earlier deployment stopped half-way, and these credentials may not change the state. The next \
deployment completes it; this plan does not show how."""
UNKNOWN = "It is not known what is deployed, because AWS refused: {error}"
REMOVE_LOCK = """\
The state is locked: {what} of {who}, since {since} UTC. If this command still runs, wait for its \
end. If it was killed, its lock can be removed. Remove the lock?"""
NEW_LINES = """
The scripts have changed, and with them their hashes in the lines for your page. If the page has \
the hash of a script, add the new one to it before you deploy; client/README.md explains how. The \
new lines are those of `html` in build/plan.txt."""
APPLIED = "The plan is applied. make deploy prints the lines for your page again."


def main(command: str) -> None:
    # Not for a rollback: an earlier commit has the document that its own generation made.
    if command != "apply" and generation.is_stale():
        raise CommandError(generation.STALE)
    {"plan": make_plan, "apply": apply_plan, "deploy": deploy}[command](Terraform())


def make_plan(terraform: Terraform) -> bool:
    """Save a plan for `make apply`, report it, and return whether it changes anything."""
    settings.check(terraform)
    account.connect(terraform)
    saved = save_plan(terraform, terraform.state())
    report = plan.describe(saved)
    print(f"\n{report}")
    markdown = f"### Terraform plan\n\n```text\n{report}\n```\n"
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(markdown)
    runner.summary(markdown)
    if saved["applyable"] and not os.environ.get("GITHUB_ACTIONS"):
        print(f"\nThe plan is saved. Run make apply to apply it. {WHOLE_PLAN} has all of it.")
    return bool(saved["applyable"])


def apply_plan(terraform: Terraform) -> None:
    """Apply the plan that `make plan` saved, and delete it."""
    account.connect(terraform)
    if not (terraform.folder / PLAN).exists():
        raise CommandError("There is no plan to apply. Run make plan first.")
    terraform.apply(PLAN)


def deploy(terraform: Terraform) -> None:
    """Show a plan, apply it after a confirmation, and print the URL and the HTML to paste.

    The first deployment begins with the checks of `make preflight`.
    """
    settings.check(terraform)
    target = account.connect(terraform)
    state = terraform.state()
    if not state.outputs and not os.environ.get("SKIP_PREFLIGHT"):
        preflight.require(terraform, state, target)
    package.main(shlex.split(os.environ.get("BUILD_OPTIONS", "")))
    outputs = state.outputs
    try:
        saved = save_plan(terraform, state)
        print(f"\n{plan.describe(saved)}")
        if saved["applyable"]:
            planned = saved["output_changes"]["html"].get("after")
            if outputs and planned and plan.hashes(planned) != plan.hashes(outputs["html"]):
                print(NEW_LINES)
            confirm_plan(target)
            terraform.apply(PLAN)
            try:
                outputs = terraform.outputs()
            except KeyboardInterrupt:
                raise CommandError(APPLIED) from None
    finally:
        (terraform.folder / PLAN).unlink(missing_ok=True)
    print(f"\nThe URL of the API:\n\n{outputs['api_url']}")
    print(f"\nPaste this into your page:\n\n{outputs['html']}")
    print(f"\nThe badge in Markdown, for a README:\n\n{outputs['markdown']}")


def save_plan(terraform: Terraform, state: State) -> plan.Plan:
    """Save a plan. If the state is locked, offer to remove the lock of a killed command first.

    On GitHub, deployments wait for each other: a lock of a runner belongs to a run that was killed.
    """
    try:
        return plan_completion(terraform, state)
    except CommandError as error:
        lock = LOCKED.search(str(error))
        on_github = bool(os.environ.get("GITHUB_ACTIONS"))
        if not lock or (on_github and not lock["who"].startswith("runner@")):
            raise
        if not on_github:
            terminal.confirm(f"{REMOVE_LOCK.format(**lock.groupdict())} [y/N] ")
    terraform.run("force-unlock", "-force", lock["id"])
    return plan_completion(terraform, terraform.state())


def plan_completion(terraform: Terraform, state: State) -> plan.Plan:
    """Save a plan that completes what an interrupted apply has left undone, and return it."""
    deployment = account.read(terraform)
    try:
        unfinished = repair.unfinished(state, deployment.client("lambda"))
        blocks = repair.import_blocks(deployment, state.managed)
    except (BotoCoreError, ClientError) as error:
        raise CommandError(UNKNOWN.format(error=error)) from None
    if unfinished or blocks:
        print(REPAIRED)
    try:
        repair.prepare(terraform, state, unfinished)
    except CommandError as error:
        if "AccessDenied" not in str(error):
            raise
        print(NOT_REPAIRED)
    file = terraform.folder / "lost.tf"  # Terraform refuses import blocks in override files
    file.write_text("\n".join(blocks.values()))
    try:
        return plan_once(terraform, deployment.options)
    finally:
        file.unlink()


def plan_once(terraform: Terraform, options: list[str]) -> plan.Plan:
    """Save a plan, and return it.

    The log of a workflow can be public, so there is no file with all values there.
    """
    print("Planning ...", flush=True)
    printed = terraform.run("plan", "-input=false", f"-out={PLAN}", *options)
    if not os.environ.get("GITHUB_ACTIONS"):
        WHOLE_PLAN.parent.mkdir(exist_ok=True)
        WHOLE_PLAN.write_text(printed)
    if "\nNo changes." in printed:  # reading a plan takes some seconds
        return {"applyable": False}
    return dict(json.loads(terraform.run("show", "-json", PLAN)))


def confirm_plan(target: str) -> None:
    """End the command unless the answer is yes. The answer p shows the whole plan first."""
    question = f"Apply this plan to account {target}? [y/N"
    answer = terminal.ask(f"{question}, or p for the whole plan] ")
    if answer == "p":
        print(WHOLE_PLAN.read_text())
        answer = terminal.ask(f"{question}] ")
    terminal.end_unless(answer, "y")


if __name__ == "__main__":
    terminal.run(lambda: main(sys.argv[1]))
