"""Checks that a document is OpenAPI 3.0 that this project can serve."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator

from openapi_handler import references

OUR_EXTENSIONS = ("x-amazon-apigateway-", "x-generated-methods")
NO_TEXT = "is a key that is no text. Put it in quotes."
EMPTY = "is empty. Give it a value, or remove it."
OTHER_KIND = "refers to {}, which is missing, contains itself, or is no component of this kind."
IN_SCHEMA = re.compile(r"(^|\.)schemas?(\.|$)")


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
    found = False
    try:
        for violation in OpenAPIV30SpecValidator(dict(document)).iter_errors():
            found = True
            yield ".".join(map(str, violation.absolute_path)) or "document", violation.message
    except (AssertionError, KeyError, TypeError):  # it goes on after an error that it has reported
        if not found:
            raise


def parts(node: Any, place: str = "", key: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield place, key and value of all that a document contains, but nothing of data.

    The extensions of other tools are data, and this project's own are not. A key may be no text.
    """
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(node, Mapping):
        items = node.items()
    elif isinstance(node, list):
        items = ((str(position), item) for position, item in enumerate(node))
    for name, value in items:
        text = str(name)
        if text.startswith(OUR_EXTENSIONS) or not references.is_data(text, key):
            inner = f"{place}.{text}".lstrip(".")
            yield inner, name, value
            yield from parts(value, inner, text)


def incomplete_fields(document: Any) -> Iterator[tuple[str, str]]:
    """Yield each key that is no text, such as 200, and each field without a value.

    The validator of OpenAPI fails on them.
    """
    for place, key, value in parts(document):
        if not isinstance(key, str):
            yield place, NO_TEXT
        elif value is None:
            yield place, EMPTY


def misplaced_references(resolved: Any) -> Iterator[tuple[str, str]]:
    """Yield each reference that resolve() left, except in schemas."""
    for place, _, value in parts(resolved):
        reference = value.get("$ref") if isinstance(value, Mapping) else None
        if isinstance(reference, str) and not IN_SCHEMA.search(place):
            yield place, OTHER_KIND.format(reference)
