"""Finds YAML that OpenAPI does not allow, or that tools read differently.

PyYAML reads YAML 1.1, and most other tools read YAML 1.2.
"""

import re
from collections.abc import Iterator

import yaml

TEXT, MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"
# What PyYAML takes for null, booleans and numbers, and other tools, too
ONE_MEANING = re.compile(
    r"~?|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?(0|[1-9][0-9]*)"
    r"|[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+][0-9]+)?"
)
# PyYAML takes these for strings, and other parsers of YAML 1.1 for booleans. Those of YAML 1.2 take
# the numbers for numbers, and PyYAML does not: it needs a point and a sign (1.0e+3).
OTHER_READINGS = re.compile(
    r"[yYnN]|[-+]?0o[0-7]+|[-+]?0x[0-9a-fA-F]+|[-+]?0[0-9]+|[-+]?\.?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
MERGE_KEY = "OpenAPI has no merge keys. Use a $ref, or repeat the fields."
NESTED_ALIAS = "An alias repeats this block, which contains an alias. Use a $ref."
TWICE = "{key} is a key of this mapping already. Keep one of them."
AMBIGUOUS = "{value} has several meanings in YAML. Put a text in quotes; write a number in digits."


def find(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the message of each merge key, nested alias, second key and odd value.

    https://spec.openapis.org/oas/v3.0.3#format allows only JSON's types. Tools reject nested
    aliases (npm `yaml`: "Excessive alias count"), because they multiply.
    """
    visited: set[int] = set()
    with_alias: set[int] = set()  # blocks that contain an alias

    def visit(node: yaml.Node, *outer: int) -> Iterator[tuple[int, str]]:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            if node.style is None and (message := ambiguity(node)):
                yield line, message
        elif id(node) in visited:  # it is an alias
            if id(node) in with_alias:
                yield line, NESTED_ALIAS
            with_alias.update(outer)
        else:
            visited.add(id(node))
            children = node.value
            if isinstance(node, yaml.MappingNode):
                children = [child for pair in node.value for child in pair]
                yield from duplicate_keys(node)
            for child in children:
                yield from visit(child, *outer, id(node))

    if root := yaml.compose(text, yaml.SafeLoader):
        yield from visit(root)


def duplicate_keys(mapping: yaml.MappingNode) -> Iterator[tuple[int, str]]:
    """Yield each key that the mapping has already. PyYAML would use the last one."""
    names = set()
    for key, _ in mapping.value:
        name = str(key.value)
        if name in names:
            yield key.start_mark.line + 1, TWICE.format(key=name)
        names.add(name)


def ambiguity(node: yaml.ScalarNode) -> str | None:
    """Return a message if versions of YAML read a plain value differently."""
    if node.tag == MERGE:
        return MERGE_KEY
    if node.tag == TEXT:
        is_ambiguous = OTHER_READINGS.fullmatch(node.value) is not None
    else:
        is_ambiguous = ONE_MEANING.fullmatch(node.value) is None
    return AMBIGUOUS.format(value=node.value) if is_ambiguous else None
