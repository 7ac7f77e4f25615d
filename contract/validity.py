"""Checks that a document is OpenAPI 3.0 that this project can serve."""

from collections.abc import Iterator, Mapping
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator

from openapi_handler import references

OTHER_KIND = "refers to {}, which is not a component of the kind that belongs here."


def find_errors(document: Any) -> Iterator[tuple[str, str]]:
    """Yield the place and the message of each error of a document that is not yet resolved."""
    if not isinstance(document, Mapping) or not str(document.get("openapi")).startswith("3.0."):
        yield "openapi", "is not OpenAPI 3.0: it needs `openapi: 3.0.3`."
        return
    try:
        references.check(document)
    except references.BadReference as error:
        for line in str(error).splitlines():
            place, _, message = line.partition(": ")
            yield place, message
        return
    if misplaced := list(misplaced_references(references.resolve(document))):
        yield from misplaced
        return
    for violation in OpenAPIV30SpecValidator(dict(document)).iter_errors():
        yield ".".join(map(str, violation.absolute_path)) or "document", violation.message


def misplaced_references(node: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield each reference that resolve() left, except in schemas and in examples."""
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield place, OTHER_KIND.format(reference)
        for name, value in node.items():
            if name not in {"schema", "schemas", "example", "examples"}:
                yield from misplaced_references(value, f"{place}.{name}".strip("."))
    elif isinstance(node, list):
        for position, item in enumerate(node):
            yield from misplaced_references(item, f"{place}.{position}")
