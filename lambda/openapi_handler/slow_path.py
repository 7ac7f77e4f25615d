"""The slow path: judges messages with openapi-core and words its errors, without values."""

from collections.abc import Iterator
from typing import Any

from openapi_core.casting.schemas.exceptions import CastError
from openapi_core.deserializing.styles.exceptions import EmptyQueryParameterValue
from openapi_core.validation.request.exceptions import (
    MissingRequiredParameter,
    MissingRequiredRequestBody,
    ParameterValidationError,
    RequestBodyValidationError,
)
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue

from openapi_handler import validators
from openapi_handler.messages import Request, Response
from openapi_handler.problems import INVALID_REQUEST, Problem

INVALID = ParameterValidationError, RequestBodyValidationError
MISSING = MissingRequiredParameter, MissingRequiredRequestBody


class SlowPath:
    """openapi-core's validators of a contract.

    Args:
        document: a valid OpenAPI document.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.requests, self.responses = validators.build(document)

    def check(self, request: Request) -> None:
        """Validate a request.

        Raises:
            Problem: `invalid-request`. It names every rule that a parameter or the body breaks.
            PathNotFound, OperationNotFound: the gateway runs a different contract.
        """
        # mypy takes a cached_property for read-only.
        errors = list(self.requests.iter_errors(request))  # type: ignore[arg-type]
        if not all(isinstance(error, INVALID) for error in errors):
            raise errors[0]
        if errors:
            raise Problem(INVALID_REQUEST, " ".join(map(explain, errors)))

    def violations(self, request: Request, response: Response) -> list[str]:
        """Return each field and rule that a response breaks, without values."""
        return [
            f"{type(error).__name__} {getattr(error, 'name', '')}: {' and '.join(rules(error))}"
            for error in self.responses.iter_errors(request, response)  # type: ignore[arg-type]
        ]


def explain(error: Exception) -> str:
    """Return a sentence that names an invalid parameter or body and the rule, without the value."""
    name = "The body"
    if isinstance(error, ParameterValidationError):
        name = f"{error.location.capitalize()} parameter '{error.name}'"
    if isinstance(error, MISSING) or isinstance(error.__cause__, MISSING):
        return f"{name} is missing."
    if isinstance(error.__cause__, EmptyQueryParameterValue):
        return f"{name} is empty."
    return f"{name} breaks its {' and '.join(rules(error)) or 'media type'}."


def rules(error: Exception) -> Iterator[str]:
    """Yield the schema rules that caused an error of openapi-core, such as `maximum (30)`."""
    cause = error.__cause__
    if isinstance(cause, CastError):
        yield f"type ({cause.type})"
    if isinstance(cause, InvalidSchemaValue):
        for broken in cause.schema_errors:
            field = ".".join(map(str, broken.absolute_path))  # type: ignore[attr-defined]
            expected = broken.validator_value  # type: ignore[attr-defined]
            if isinstance(expected, dict):  # the schemas of all properties
                expected = list(expected)
            rule = f"{broken.validator} ({expected})"  # type: ignore[attr-defined]
            yield f"{rule} at {field}" if field else rule
