"""Follows the references ($ref) of an OpenAPI document."""

from typing import Any
from urllib.parse import unquote

# Where a reference is replaced by what it refers to, and the components that fit there. API
# Gateway's import follows references to schemas alone.
KINDS = {
    "parameters": "parameters",
    "requestBody": "requestBodies",
    "requestBodies": "requestBodies",
    "securitySchemes": "securitySchemes",
    "responses": "responses",
    "headers": "headers",
    "examples": "examples",
    "links": "links",
    "callbacks": "callbacks",
    "paths": "",
}
DATA = {"default", "enum", "example", "examples"}  # an OpenAPI document ends here
NAMED = {"properties", "schemas", "parameters", "responses", "headers", "requestBodies", "paths"}


class BadReference(ValueError):
    """A reference that cannot be followed. The message names it and says why."""


def follow(document: Any, reference: str) -> Any:
    """Return what a reference leads to. It may lead there by further references.

    Raises:
        BadReference: it leads to another file, to nothing or to itself.
    """
    return _follow(document, reference, ())


def _follow(document: Any, reference: str, before: tuple[str, ...]) -> Any:
    if reference in before:
        raise BadReference(f"{reference} leads to itself.")
    if not reference.startswith("#/"):
        raise BadReference(f"{reference} leads out of this file. References begin with #/ here.")
    node = document
    for escaped in reference[2:].split("/"):
        key = unquote(escaped).replace("~1", "/").replace("~0", "~")
        try:
            node = node[int(key) if isinstance(node, list) else key]
        except (KeyError, IndexError, TypeError, ValueError):
            raise BadReference(f"{reference} leads to nothing.") from None
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            node = _follow(document, node["$ref"], (*before, reference))
    return node


def resolve(document: Any) -> Any:
    """Return a copy in which each reference is what it refers to, except for those to schemas.

    A reference that cannot be followed, or that leads to a component of another kind, stays:
    check() and contract/lint.py report it.

    Args:
        document: the parsed openapi.yaml. What it shares, by YAML aliases, the copy shares too.
    """
    copies: dict[int, Any] = {}
    open_references: list[str] = []  # a callback may contain itself

    def copy(node: Any, name: Any = None, parent: Any = None) -> Any:
        """Copy a node. `name` is its key, and `parent` the key of what contains it."""
        if not isinstance(node, dict | list):
            return node
        reference = node.get("$ref") if isinstance(node, dict) else None
        place = name if name == "requestBody" else parent
        if isinstance(reference, str) and place in KINDS and reference not in open_references:
            is_kind = reference.startswith(f"#/components/{KINDS[place]}/")
            if is_kind or not reference.startswith("#/components/"):
                try:
                    target = follow(document, reference)
                except BadReference:
                    return dict(node)
                open_references.append(reference)
                resolved = copy(target)
                open_references.pop()
                return resolved
        if id(node) not in copies:
            if isinstance(node, dict):
                copies[id(node)] = {key: copy(value, key, name) for key, value in node.items()}
            else:
                copies[id(node)] = [copy(item, None, name) for item in node]
        return copies[id(node)]

    return copy(document)


def is_data(key: str, parent: str) -> bool:
    """Return whether a key has data or an extension as its value, and no part of OpenAPI.

    Args:
        key: of the value.
        parent: the key of what contains it. A property, for example, may have any name.
    """
    return parent not in NAMED and (key in DATA or key.startswith("x-"))


def check(document: Any) -> None:
    """Check that every reference can be followed.

    Raises:
        BadReference: some cannot. The message names each and its place.
    """
    errors = []
    queue: list[tuple[str, str, Any]] = [("", "", document)]
    visited = set()
    for name, place, node in queue:  # the loop appends to the queue
        if not isinstance(node, dict | list) or id(node) in visited:
            continue
        visited.add(id(node))
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            try:
                follow(document, node["$ref"])
            except BadReference as error:
                errors.append(f"{place.lstrip('.')}: {error}")
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in items:
            if not is_data(str(key), name):
                queue.append((str(key), f"{place}.{key}", value))
    if errors:
        raise BadReference("\n".join(errors))
