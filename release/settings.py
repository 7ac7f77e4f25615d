"""Checks the settings in terraform/, before anything else is done."""

import difflib
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from release import account
from release.terraform import DeployError, Terraform

UNDECLARED = re.compile(
    r'declare a variable named "(\w+)" but a\s+value\s+was found in file "(.+?)"'
)
NO_SUCH_SETTING = "There is no setting {name}, which terraform/{file} sets.{hint}"


def check(terraform: Terraform) -> None:
    """Let Terraform check the settings of the deployment: a plan of variables.tf takes 0.3 seconds.

    Raises:
        DeployError: with Terraform's words.
    """
    terraform.check()
    account.select(terraform)
    print("Checking the settings ...", flush=True)
    with TemporaryDirectory() as name:
        folder = Path(name, "terraform")
        folder.mkdir()
        contract = terraform.folder.parent / "openapi.yaml"
        (folder.parent / contract.name).symlink_to(contract.resolve())
        for file in [terraform.folder / "variables.tf", *terraform.folder.glob("*.tfvars*")]:
            (folder / file.name).symlink_to(file.resolve())
        variables = Terraform(folder, terraform.environment)
        try:
            printed = variables.run("plan", "-input=false", *account.variables(terraform))
        except DeployError as error:
            message = str(error).partition("\nError: ")[2]
            raise DeployError(f"The settings are wrong.\n\nError: {message}") from None
    if found := UNDECLARED.search(printed):
        declared = re.findall(r'variable "(\w+)"', (terraform.folder / "variables.tf").read_text())
        like = difflib.get_close_matches(found[1], declared, n=1)
        hint = f" Do you mean {like[0]}?" if like else " terraform/variables.tf has all settings."
        raise DeployError(NO_SUCH_SETTING.format(name=found[1], file=found[2], hint=hint))
