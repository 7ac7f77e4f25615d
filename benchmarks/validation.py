"""Compares the time of validation: openapi-core's defaults against the function's validators.

`make benchmark` validates a POST request and its response. It alternates between both in one
process and prints medians of CPU time and their ratio, which depends less on the machine.
"""

from collections.abc import Callable
from statistics import median
from time import process_time

from openapi_core import Config, OpenAPI
from werkzeug.test import EnvironBuilder

from local.gateway.event import proxy_event
from visits import contract
from visits.message import Request, Response
from visits.validators import MEDIA_TYPES

BLOCKS, CALLS = 25, 40
PATH = "/counters/{counterId}/visits"
RECEIPT = {
    "counterId": "resume",
    "visits": 1235,
    "visitors": 902,
    "today": {"date": "2026-11-22", "visits": 13, "visitors": 10},
    "counted": True,
}


def main() -> None:
    document, _ = contract.read()
    stock = OpenAPI.from_dict(document, Config(extra_media_type_deserializers=MEDIA_TYPES))
    loaded = contract.load()
    query = {"visitId": "550e8400-e29b-41d4-a716-446655440000"}
    builder = EnvironBuilder(
        method="POST", query_string=query, headers={"Origin": "https://a.example"}
    )
    event = proxy_event(builder.get_request(), PATH, {"counterId": "resume"})
    request, response = Request(event), Response.json(201, RECEIPT)

    def default() -> None:
        stock.validate_request(request)
        stock.validate_response(request, response)

    def ours() -> None:
        loaded.check(request)
        assert not loaded.violations(request, response)

    for validate in (default, ours):
        validate()
    blocks = [[seconds(validate) for validate in (default, ours)] for _ in range(BLOCKS)]
    stock_time, our_time = (median(column) for column in zip(*blocks, strict=True))
    print(f"openapi-core's defaults:   {stock_time * 1e6:7.0f} us")
    print(f"the function's validators: {our_time * 1e6:7.0f} us")
    print(f"ratio:                     {median(a / b for a, b in blocks):7.1f}")


def seconds(call: Callable[[], None]) -> float:
    """Return the CPU time of one call in seconds, averaged over many."""
    began = process_time()
    for _ in range(CALLS):
        call()
    return (process_time() - began) / CALLS


if __name__ == "__main__":
    main()
