"""The slow path: judges messages with openapi-core and words its errors, without values."""

import json
from collections.abc import Iterator
from typing import Any

from openapi_core.casting.schemas.exceptions import CastError
from openapi_core.deserializing.media_types.exceptions import MediaTypeDeserializeError
from openapi_core.deserializing.styles.exceptions import EmptyQueryParameterValue
from openapi_core.templating.media_types.exceptions import MediaTypeNotFound
from openapi_core.validation.request.exceptions import (
    MissingRequiredParameter,
    MissingRequiredRequestBody,
    ParameterValidationError,
    RequestBodyValidationError,
    SecurityValidationError,
)
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue

from openapi_handler import validators
from openapi_handler.messages import Request, Response
from openapi_handler.problems import INVALID_REQUEST, Problem

INVALID = ParameterValidationError, RequestBodyValidationError, SecurityValidationError
LONGEST_NAME = 64
TOO_DEEP = "The body is nested too deep."
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
            OperationNotFound: the gateway runs a different contract.
        """
        # mypy takes a cached_property for read-only.
        try:
            errors = list(self.requests.iter_errors(request))  # type: ignore[arg-type]
        except RecursionError:  # a schema may refer to itself
            raise Problem(INVALID_REQUEST, TOO_DEEP) from None
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
    if isinstance(error, SecurityValidationError):
        return "The credentials are missing."
    name = "The body"
    if isinstance(error, ParameterValidationError):
        name = f"{error.location.capitalize()} parameter '{error.name}'"
    cause = error.__cause__
    if isinstance(error, MISSING) or isinstance(cause, MISSING):
        return f"{name} is missing."
    if isinstance(cause, EmptyQueryParameterValue):
        return f"{name} is empty."
    if isinstance(cause, MediaTypeNotFound):
        return f"{name} has another media type than {' or '.join(cause.availableMimetypes)}."
    if isinstance(cause, MediaTypeDeserializeError):
        return f"{name} is not valid {cause.mimetype}."
    return f"{name} {' and '.join(dict.fromkeys(rules(error))) or 'is invalid'}."


def rules(error: Exception) -> Iterator[str]:
    """Yield the schema rules that caused an error, such as `breaks its maximum (30) at days`."""
    cause = error.__cause__
    if isinstance(cause, CastError):
        yield f"breaks its type ({cause.type})"
    if isinstance(cause, InvalidSchemaValue):
        for broken in cause.schema_errors:
            yield from describe(broken)


def describe(broken: Any) -> Iterator[str]:
    """Yield what is wrong with a value, by an error of jsonschema."""
    field = ".".join(map(str, broken.absolute_path))
    prefix = f"{field}." if field else ""
    expected, schema = broken.validator_value, broken.schema
    if broken.validator == "required":
        yield from (f"lacks {prefix}{name}" for name in expected if name not in broken.instance)
    elif has_additional(broken):
        # A name is of the client, so it is shown as JSON and not at any length.
        names = [name for name in broken.instance if name not in schema.get("properties", {})]
        yield from (f"must not have {prefix}{json.dumps(name)[:LONGEST_NAME]}" for name in names)
    else:
        is_simple = broken.validator == "enum" or isinstance(expected, str | int | float)
        value, place = f" ({expected})" if is_simple else "", f" at {field}" if field else ""
        yield f"breaks its {broken.validator}{value}{place}"


def has_additional(broken: Any) -> bool:
    """Return whether an object has too many properties.

    openapi-core reports what a response may not have as an error of `properties` or `type`.
    """
    return isinstance(broken.instance, dict) and (
        broken.validator in {"additionalProperties", "properties"}
        or broken.validator_value == "object"
    )
