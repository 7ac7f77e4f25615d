"""The function of this project, from the built zip."""

import json
import os
from dataclasses import replace
from typing import Any

from visits import handler
from visits.operations import OPERATIONS

record_visit = OPERATIONS["recordVisit"]


def forgetful(*arguments: Any) -> Any:
    """Run the operation; with STORE_FORGETS, its answer lacks the field `visits`."""
    response = record_visit(*arguments)
    if os.environ.get("STORE_FORGETS"):
        body = {key: value for key, value in json.loads(response.body).items() if key != "visits"}
        response = replace(response, body=json.dumps(body))
    return response


OPERATIONS["recordVisit"] = forgetful
handle = handler.handle
