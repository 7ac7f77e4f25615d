"""The operations of a service by operationId."""

from collections.abc import Callable
from typing import TypeVar

from openapi_handler.messages import Response

Operation = TypeVar("Operation", bound=Callable[..., Response])


class Operations(dict[str, Callable[..., Response]]):
    """The functions that it decorates: `read_health` is the operation with the id `readHealth`."""

    def __call__(self, function: Operation) -> Operation:
        first, *others = function.__name__.split("_")
        self["".join([first, *map(str.capitalize, others)])] = function
        return function
