"""Validate the request, run its operation, validate the response."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from openapi_handler.contract import Contract
from openapi_handler.messages import Event, Request, Response
from openapi_handler.problems import INTERNAL_ERROR, Problem, ProblemTypes

FAILED = Problem(INTERNAL_ERROR, "The service failed and logged the error. Try again later.")
Report = Callable[[Request, Response, list[str], Exception | None, float], None]


class Handler:
    """Answers REST proxy events (payload 1.0) as a contract says.

    Args:
        operations: by operationId. Each takes a valid request and the arguments that the call
            of the handler adds, and returns a response or raises a Problem.
        failures: the problems that the client gets for some exceptions of operations. For all
            others it is `internal-error`.
        report: is called after each request, with the response, how the operation's own response
            broke the contract, why the operation failed, and the seconds that all took.
    """

    def __init__(
        self,
        contract: Contract,
        operations: Mapping[str, Callable[..., Response]],
        problem_types: ProblemTypes,
        failures: Mapping[type[Exception], Problem],
        report: Report,
    ) -> None:
        self._contract = contract
        self._operations = operations
        self._problem_types = problem_types
        self._failures = failures
        self._report = report

    def __call__(self, event: Event, *arguments: Any) -> dict[str, Any]:
        """Return the proxy response to an event.

        Every response is documented in the contract for its operation: any other response is
        replaced by a documented 500. A HEAD request gets the status and the headers of a GET.

        Raises:
            ValueError: the event is not a REST proxy event.
        """
        began = perf_counter()
        request = Request(event)
        is_head = self._contract.answer_head_as_get(request)
        error: Exception | None = None
        try:
            self._contract.check(request)
            operation = self._operations[self._contract.operation_id(request)]
            response = operation(request, *arguments)
        except Problem as problem:
            response = self._problem_types.response(problem)
        except Exception as exception:
            error = exception
            answer = self._failures.get(type(exception), FAILED)
            response = self._problem_types.response(answer)
        violations = self._contract.violations(request, response)
        if violations:
            response = self._problem_types.response(FAILED)
        self._report(request, response, violations, error, perf_counter() - began)
        return response.to_proxy(with_body=not is_head)
