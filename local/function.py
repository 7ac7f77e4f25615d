"""The function on this machine, with the files of the repository instead of those of the zip."""

import os
from functools import cache
from typing import Any

from contract import repository
from visits.handler import Function
from visits.settings import Settings


@cache
def function() -> Function:
    """Return the one copy of the function, which reads its settings when it is first used."""
    settings = Settings.from_environment(os.environ)
    return Function(settings, repository.load(), repository.ELEMENTS)


def handle(event: dict[str, Any], context: object) -> dict[str, Any]:
    return function()(event, context)
