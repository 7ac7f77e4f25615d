"""The Lambda function of the visitor counter. Lambda calls handle()."""

import os
from functools import cache
from pathlib import Path
from typing import Any

from openapi_handler import contract
from openapi_handler.contract import Contract
from openapi_handler.handler import Handler
from openapi_handler.messages import Event
from openapi_handler.problems import Problem, ProblemTypes
from visits import telemetry
from visits.counting.connection import connect
from visits.counting.table import BUDGET, StoreUnavailable, Table
from visits.counting.visitor import crawlers
from visits.operations import Shared, operation
from visits.settings import Settings

# API Gateway answers with the other problem types of the contract.
PROBLEM_TYPES = ProblemTypes(
    "urn:problem-type:visits:",
    {"origin-not-allowed": 403, "unknown-counter": 404, "store-unavailable": 503},
)
STORE_UNAVAILABLE = Problem(
    "store-unavailable", "Repeat the request: a visitId is counted once.", retry_after=1
)
FAILURES: dict[type[Exception], Problem] = {StoreUnavailable: STORE_UNAVAILABLE}
PACKAGE = Path(__file__).resolve().parent
ELEMENTS = "elements"  # the folder of the scripts in the built package


class Function:
    """One copy of the function, with its own memory.

    Args:
        elements: the folder with the scripts of the client.
    """

    def __init__(self, settings: Settings, contract: Contract, elements: Path) -> None:
        crawlers()  # compiles a large pattern
        self.shared = Shared(contract, elements, settings, connect())
        self._answer = Handler(contract, operation, PROBLEM_TYPES, FAILURES, telemetry.report)

    def __call__(self, event: Event, _context: object) -> dict[str, Any]:
        """Answer a REST proxy event (payload 1.0) with a proxy response."""
        table = Table(self.shared.dynamodb, self.shared.settings.table, BUDGET)
        return self._answer(event, self.shared, table)


@cache
def function() -> Function:
    """Return the function with what the build packs beside this file.

    Raises:
        SettingsError: the environment is wrong. The gateway answers 502.
    """
    settings = Settings.from_environment(os.environ)
    return Function(settings, contract.unpack(PACKAGE), PACKAGE / ELEMENTS)


def handle(event: Event, context: object) -> dict[str, Any]:
    return function()(event, context)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    function()  # Lambda has more CPU during initialisation, and a wrong setting fails early
