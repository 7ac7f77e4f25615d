"""Compare the validation of a visit and its response with openapi-core's defaults.

`make bench` runs this. It alternates between the two and prints the median of the ratios of their
CPU time, which depends less on the machine than the times do.
"""

import resource
import sys
from collections.abc import Callable
from statistics import median

from openapi_core import Config, OpenAPI

from benchmarks.rig import event
from contract import repository
from openapi_handler.messages import Request, Response
from openapi_handler.validators import MEDIA_TYPES

BLOCKS, CALLS = 25, 40
GOAL = 40  # times faster
RECEIPT = {
    "counterId": "resume",
    "visits": 1235,
    "visitors": 902,
    "today": {"date": "2026-11-22", "visits": 13, "visitors": 10},
    "counted": True,
}


def main() -> None:
    document, _ = repository.read()
    stock = OpenAPI.from_dict(document, Config(extra_media_type_deserializers=MEDIA_TYPES))
    loaded = repository.load()
    request = Request(event({"visitId": "550e8400-e29b-41d4-a716-446655440000"}))
    response = Response.json(201, RECEIPT)

    def defaults() -> None:
        stock.validate_request(request)
        stock.validate_response(request, response)

    def ours() -> None:
        loaded.check(request)
        assert not loaded.violations(request, response)

    for warm_up in (defaults, ours):
        warm_up()
    pairs = [(seconds(defaults), seconds(ours)) for _ in range(BLOCKS)]
    ratio = median(theirs / own for theirs, own in pairs)
    print(f"Validation is {ratio:.0f} times faster than with openapi-core's defaults.")
    if ratio < GOAL:
        sys.exit(f"Goal missed: it has to be {GOAL} times faster.")


def seconds(call: Callable[[], None]) -> float:
    """Return the CPU time of some calls in seconds."""
    began = resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(CALLS):
        call()
    ended = resource.getrusage(resource.RUSAGE_SELF)
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime


if __name__ == "__main__":
    main()
