"""Checks that a document is OpenAPI 3.0 that this project can serve."""

from collections.abc import Iterator, Mapping
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator

from openapi_handler import references

OUR_EXTENSIONS = ("x-amazon-apigateway-", "x-generated-methods")
NO_TEXT = "is a key that is no text. Put it in quotes."
EMPTY = "is empty. Give it a value, or remove it."

OTHER_KIND = "refers to {}, which is missing, contains itself, or is no component of this kind."


def find_errors(document: Any) -> Iterator[tuple[str, str]]:
    """Yield the place and the message of each error of a document that is not yet resolved."""
    if not isinstance(document, Mapping) or not str(document.get("openapi")).startswith("3.0."):
        yield "openapi", "is not OpenAPI 3.0: it needs `openapi: 3.0.3`."
        return
    if incomplete := list(incomplete_fields(document)):
        yield from incomplete
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


def incomplete_fields(node: Any, place: str = "", name: str = "") -> Iterator[tuple[str, str]]:
    """Yield each key that is no text, such as 200, and each field without a value.

    The validator of OpenAPI fails on them. Data and the extensions of other tools may have them.
    """
    items = node.items() if isinstance(node, Mapping) else enumerate(node)
    for key, value in items:
        inner = f"{place}.{key}".strip(".")
        if isinstance(node, Mapping) and not isinstance(key, str):
            yield inner, NO_TEXT
        elif value is None:
            yield inner, EMPTY
        elif isinstance(value, Mapping | list) and is_read(str(key), name):
            yield from incomplete_fields(value, inner, str(key))


def is_read(key: str, parent: str) -> bool:
    """Return whether the value of a key is a part of OpenAPI, or of an extension that we read."""
    return key.startswith(OUR_EXTENSIONS) or not references.is_data(key, parent)


def misplaced_references(node: Any, place: str = "", key: str = "") -> Iterator[tuple[str, str]]:
    """Yield each reference that resolve() left, except in schemas and in data."""
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield place, OTHER_KIND.format(reference)
        for name, value in node.items():
            if name not in {"schema", "schemas"} and is_read(name, key):
                yield from misplaced_references(value, f"{place}.{name}".strip("."), name)
    elif isinstance(node, list):
        for position, item in enumerate(node):
            yield from misplaced_references(item, f"{place}.{position}")
