"""Resolves the references of an OpenAPI document that API Gateway's import does not follow."""

from typing import Any

KINDS = ("parameters", "responses", "headers")


def resolve(document: Any) -> Any:
    """Return a copy in which each $ref to a parameter, response or header is what it refers to.

    References to schemas stay, because the import follows those. So does a reference that leads
    to no component of its kind, or to another reference; contract/lint.py reports it.

    Args:
        document: the parsed openapi.yaml. What it shares, by YAML aliases, the copy shares too.
    """
    components = document.get("components") if isinstance(document, dict) else None
    targets = {
        (kind, f"#/components/{kind}/{name}"): component
        for kind in KINDS
        if isinstance(components, dict) and isinstance(components.get(kind), dict)
        for name, component in components[kind].items()
        if isinstance(component, dict) and "$ref" not in component
    }
    copies: dict[int, Any] = {}

    def copy(node: Any, name: Any = None, parent: Any = None) -> Any:
        """Copy a node. `name` is its key, and `parent` the key of what contains it."""
        if not isinstance(node, dict | list):
            return node
        reference = node.get("$ref") if isinstance(node, dict) else None
        if isinstance(reference, str) and (parent, reference) in targets:
            return copy(targets[parent, reference])
        if id(node) not in copies:
            if isinstance(node, dict):
                copies[id(node)] = {key: copy(value, key, name) for key, value in node.items()}
            else:
                copies[id(node)] = [copy(item, None, name) for item in node]
        return copies[id(node)]

    return copy(document)
