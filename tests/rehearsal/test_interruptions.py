"""An interrupted deployment is completed by the next one, whatever the step.

The calls are those after which a plan of Terraform alone sees nothing, or cannot go on.
"""

import shutil
from signal import SIGINT, SIGKILL

import pytest
import yaml

from contract import generation
from contract.repository import ROOT
from tests.emulator.interruption import Interruption
from tests.rehearsal import checkout
from tests.serving import serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("terraform"), reason="Terraform is not installed"),
]

# The name of the step, the call, the signal, and whether AWS gets the call.
STEPS = (
    ("a role is created, and its answer is lost", "Action=CreateRole", SIGKILL, True),
    ("the settings are changed", "PUT /2015-03-31/functions/visits/configuration", SIGINT, True),
    ("the body is not imported", r"PUT /restapis/\w+ ", SIGINT, False),
)


def test_an_interrupted_deployment_is_completed_by_the_next_one(
    started_aws, tmp_path_factory, zip_file
):
    """After Ctrl-C or a kill at any step, one `make deploy` later the settings, the code and the
    contract are live. Until then, `make drift` names what is not published."""
    started_aws.reset()
    started_aws.create_bucket("state")
    folder, code = checkout.make(tmp_path_factory.mktemp("checkout")), zip_file.read_bytes()
    (folder / "terraform" / "here_override.tf").write_text(checkout.override(started_aws))
    body, contract = folder / generation.GENERATED.relative_to(ROOT), folder / "openapi.yaml"
    original = contract.read_text()
    interruption = Interruption(started_aws.endpoint)
    with (
        serving(interruption) as url,
        checkout.running_provider(tmp_path_factory.mktemp("provider"), url) as provider,
    ):
        signed_in = {**checkout.account(url), **provider}
        for number, (step, call, signal, arrives) in enumerate(STEPS):
            settings = f"{checkout.TFVARS}visit_cap = {100 + number}\n"
            (folder / "terraform" / "terraform.tfvars").write_text(settings)
            contract.write_text(original.replace("/health:", f"/health{number}:", 1))
            body.write_text(generation.write(yaml.safe_load(contract.read_text())))
            checkout.place_zip(folder, code + bytes(number))
            process = checkout.start(folder, answers="y", **signed_in)
            interruption.stop(process, call, signal, arrives=arrives)
            if step == "the settings are changed":
                drift = checkout.refused(folder, module="drift", **signed_in)
                assert "Environment is changed, but not live. Run make deploy." in drift
            # The first answer is for the lock of a killed command.
            answers = "y\ny" if signal == SIGKILL else "y"
            checkout.succeeded(folder, answers=answers, **signed_in)
            assert live(started_aws) == (str(100 + number), len(code) + number), step
            checkout.succeeded(folder, module="drift", **signed_in)


def live(aws):
    """Return a setting of the live version, and the size of its code."""
    version = aws.client("lambda").get_function_configuration(
        FunctionName="visits", Qualifier="current"
    )
    return version["Environment"]["Variables"]["VISIT_CAP"], version["CodeSize"]
