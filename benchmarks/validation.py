"""What validation costs: openapi-core as it comes, and as the function sets it up.

`make benchmark` interleaves both in one process and prints ratios of CPU time, since
machines differ and are shared: medians of blocks, a POST request and its response.
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
    rules = contract.load()
    query = {"visitId": "550e8400-e29b-41d4-a716-446655440000"}
    builder = EnvironBuilder(
        method="POST", query_string=query, headers={"Origin": "https://a.example"}
    )
    event = proxy_event(builder.get_request(), PATH, {"counterId": "resume"})
    request, response = Request(event), Response.json(201, RECEIPT)

    def as_it_comes() -> None:
        stock.validate_request(request)
        stock.validate_response(request, response)

    def as_set_up() -> None:
        rules.check(request)
        assert not rules.violations(request, response)

    for each in (as_it_comes, as_set_up):
        each()
    blocks = [[seconds(each) for each in (as_it_comes, as_set_up)] for _ in range(BLOCKS)]
    stock_time, our_time = (median(column) for column in zip(*blocks, strict=True))
    print(f"openapi-core as it comes: {stock_time * 1e6:7.0f} us")
    print(f"as the function has it:   {our_time * 1e6:7.0f} us")
    print(f"ratio:                    {median(a / b for a, b in blocks):7.1f}")


def seconds(call: Callable[[], None]) -> float:
    """CPU time of one call, from many."""
    began = process_time()
    for _ in range(CALLS):
        call()
    return (process_time() - began) / CALLS


if __name__ == "__main__":
    main()
