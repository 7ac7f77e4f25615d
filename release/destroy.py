"""`make destroy`: delete a deployment with its counts, after a confirmation that names it."""

import json

from botocore.exceptions import BotoCoreError, ClientError

from contract.command import CommandError
from release import account
from release.deploy import PLAN, save_plan
from release.terminal import confirm, run
from release.terraform import Terraform
from release.totals import read
from visits.counting.items import Sums
from visits.counting.table import StoreUnavailable
from visits.settings import parse_counters

NOTHING = "Nothing is deployed as {name}, so there is nothing to delete."
QUESTION = """\
This deletes the deployment {deployment.name} from account {account}: its API, and its table \
{deployment.table} {visits}. To keep the counts, run make export first. Type 'delete' to \
continue: """


def destroy(terraform: Terraform) -> None:
    """Remove the protection of the table, and destroy everything."""
    target = account.connect(terraform)
    deployment, state = account.read(terraform), terraform.state()
    if not state.managed:
        raise CommandError(NOTHING.format(name=deployment.name))
    confirm(
        QUESTION.format(deployment=deployment, account=target, visits=visits(deployment)), "delete"
    )
    try:
        with terraform.override("destroy"):
            save_plan(terraform, state)
            terraform.apply(PLAN)
            terraform.on_terminal("destroy", "-auto-approve", "-input=false", *deployment.options)
    finally:
        (terraform.folder / PLAN).unlink(missing_ok=True)
    print("\nThe deployment is deleted. docs/owner/leave.md lists what is left in the account.")


def visits(deployment: account.Deployment) -> str:
    """Return how many visits the table has, in words."""
    client = deployment.client("dynamodb")
    declared = parse_counters(json.dumps(deployment.settings["counters"]))
    try:
        totals = [
            Sums(read(client, deployment.table, name)).total(start)["visits"]
            for name, start in declared.items()
        ]
    except (BotoCoreError, ClientError, StoreUnavailable) as error:
        return f"whose visits cannot be read ({error})"
    return f"with {sum(totals):,} visits"


if __name__ == "__main__":
    run(lambda: destroy(Terraform()))
