"""The contract at run time: loads openapi.yaml and validates messages with openapi-core."""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
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

from visits import references, validators
from visits.message import Request, Response
from visits.problem import Problem

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]  # of the repository; meaningless in the built package
PACKED = HERE / "contract.json"  # exists only in the built package
SOURCE = ROOT / "openapi.yaml"

INVALID = ParameterValidationError, RequestBodyValidationError
MISSING = MissingRequiredParameter, EmptyQueryParameterValue, MissingRequiredRequestBody


class Contract:
    """An OpenAPI document and the validators built from it.

    Args:
        document: the parsed openapi.yaml.
        sha256: SHA-256 of the file, in hexadecimal.
    """

    def __init__(self, document: dict[str, Any], sha256: str) -> None:
        self.document = document
        self.sha256 = sha256
        self._requests, self._responses = validators.build(document)

    def operation_id(self, request: Request) -> str:
        """Return the operationId of a request that passed check()."""
        return str(self.document["paths"][request.path][request.method]["operationId"])

    def check(self, request: Request) -> None:
        """Validate a request.

        Raises:
            Problem: `invalid-request`. It names every rule that a parameter or the body breaks.
            PathNotFound, OperationNotFound: the gateway runs a different contract.
        """
        errors = list(self._requests.iter_errors(request))
        if not all(isinstance(error, INVALID) for error in errors):
            raise errors[0]
        if errors:
            raise Problem("invalid-request", " ".join(map(explain, errors)))

    def violations(self, request: Request, response: Response) -> list[str]:
        """Return each field and rule that a response breaks, without values."""
        return [
            f"{type(error).__name__} {getattr(error, 'name', '')}: {' and '.join(rules(error))}"
            for error in self._responses.iter_errors(request, response)
        ]


def explain(error: Exception) -> str:
    """Return a sentence that names an invalid parameter or body and the rule, without the value."""
    name = "The body"
    if isinstance(error, ParameterValidationError):
        name = f"{error.location.capitalize()} parameter '{error.name}'"
    if isinstance(error, MISSING) or isinstance(error.__cause__, MISSING):
        return f"{name} is missing."
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


def read(source: Path = SOURCE) -> tuple[dict[str, Any], str]:
    """Return the document in a YAML file, resolved, and the SHA-256 of the file in hexadecimal."""
    import yaml  # noqa: PLC0415 - the built package reads JSON, which starts faster

    content = source.read_bytes()
    return references.resolve(yaml.safe_load(content)), hashlib.sha256(content).hexdigest()


@cache
def load() -> Contract:
    """Return the contract of this package, built once."""
    if PACKED.is_file():
        packed = json.loads(PACKED.read_bytes())
        return Contract(packed["document"], packed["sha256"])
    return Contract(*read())
