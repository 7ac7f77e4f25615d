"""Checks that a document is OpenAPI 3.0 that this project can serve."""

from collections.abc import Iterator, Mapping
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator
from referencing.exceptions import Unresolvable

from visits.references import resolve

SCHEMAS = "#/components/schemas/"
OUTSIDE = "refers to another file or host ({}). Only this file is deployed: write it out."
NOWHERE = "refers to {}, which does not exist."
OTHER_KIND = "refers to {}, which is not a component of the kind that belongs here."


def find_errors(document: Any) -> Iterator[tuple[str, str]]:
    """Yield the place and the message of each error of a parsed document.

    Args:
        document: the parsed openapi.yaml, not resolved.
    """
    if not isinstance(document, Mapping) or not str(document.get("openapi")).startswith("3.0."):
        yield "openapi", "is not OpenAPI 3.0: it needs `openapi: 3.0.3`."
        return
    references = list(find_references(document))
    if references:
        yield from references
        return
    try:
        for error in OpenAPIV30SpecValidator(document).iter_errors():
            yield ".".join(map(str, error.absolute_path)) or "document", error.message
    except Unresolvable as error:
        yield "document", NOWHERE.format(error.ref)


def find_references(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each reference that cannot be followed."""
    for place, reference in references(document):
        if not reference.startswith("#/"):
            yield place, OUTSIDE.format(reference)
        elif not exists(document, reference):
            yield place, NOWHERE.format(reference)
    for place, reference in references(resolve(document)):
        leads_to_schema = reference.startswith(SCHEMAS) or "schema" in place
        if not leads_to_schema and exists(document, reference):
            yield place, OTHER_KIND.format(reference)


def references(node: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield the place and the text of each `$ref`, except in examples, which are data."""
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield place, node["$ref"]
        for name, value in node.items():
            if name not in {"example", "examples", "value"}:
                yield from references(value, f"{place}.{name}".strip("."))
    elif isinstance(node, list):
        for position, item in enumerate(node):
            yield from references(item, f"{place}.{position}")


def exists(document: Any, reference: str) -> bool:
    """Return whether a reference such as `#/components/schemas/Counter` leads to a value."""
    node = document
    for key in reference.removeprefix("#/").split("/"):
        name = key.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, Mapping) or name not in node:
            return False
        node = node[name]
    return True
