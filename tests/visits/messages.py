"""Requests and responses of the function, as the tests of its validation need them."""

from werkzeug.test import EnvironBuilder

from local.gateway.event import proxy_event
from openapi_handler.messages import Request
from openapi_handler.problems import Problem
from visits.handler import PROBLEM_TYPES

VISITS = "/counters/{counterId}/visits"


def request_of(method, path, query=None, headers=None, counter="resume"):
    builder = EnvironBuilder(method=method.upper(), query_string=query, headers=headers)
    parameters = {"counterId": counter} if "{" in path else {}
    return Request(proxy_event(builder.get_request(), path, parameters))


COUNTER = {
    "counterId": "resume",
    "visits": 3,
    "visitors": 2,
    "today": {"date": "2026-11-22", "visits": 3, "visitors": 2},
}
UNAVAILABLE = PROBLEM_TYPES.response(Problem("store-unavailable", "Later.", retry_after=1))
PROBLEM = UNAVAILABLE.body
