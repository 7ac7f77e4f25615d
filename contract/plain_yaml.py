"""Finds YAML that OpenAPI does not allow, or that tools read differently.

PyYAML reads YAML 1.1, and most other tools read YAML 1.2.
"""

import re
from collections.abc import Iterator

import yaml

# https://yaml.org/spec/1.2.2/#1032-tag-resolution
CORE_SCHEMA = {
    "tag:yaml.org,2002:null": r"null|Null|NULL|~|",
    "tag:yaml.org,2002:bool": r"true|True|TRUE|false|False|FALSE",
    "tag:yaml.org,2002:int": r"[-+]?(0|[1-9][0-9]*)",
    "tag:yaml.org,2002:float": r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+][0-9]+)?",
}
# PyYAML takes these for strings, and other parsers of YAML 1.1 for booleans. Those of YAML 1.2 take
# the numbers for numbers, and PyYAML does not: it needs a point and a sign (1.0e+3).
OTHER_READINGS = re.compile(
    r"[yYnN]|[-+]?0o[0-7]+|[-+]?0x[0-9a-fA-F]+|[-+]?0[0-9]+|[-+]?\.?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
TEXT = "tag:yaml.org,2002:str"
MERGE_KEY = "OpenAPI has no merge keys. Use a $ref, or repeat the fields."
NESTED_ALIAS = "*{anchor} repeats a block that contains an alias. Use a $ref."
TWICE = "{key} is a key of this mapping already. Keep one of them."
AMBIGUOUS = "{value} has several meanings in YAML. Put a text in quotes; write a number in digits."


def find(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the message of each merge key, nested alias, second key and odd value.

    https://spec.openapis.org/oas/v3.0.3#format allows only JSON's types. Tools reject nested
    aliases (npm `yaml`: "Excessive alias count"), because they multiply.
    """
    yield from duplicate_keys(yaml.compose(text, yaml.SafeLoader))
    resolver = yaml.resolver.Resolver()
    open_anchors: list[str | None] = []  # of the blocks that contain the event, outermost first
    with_alias: set[str | None] = set()  # anchors of the blocks that contain an alias
    for event in yaml.parse(text):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.CollectionStartEvent):
            open_anchors.append(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            open_anchors.pop()
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in with_alias:
                yield line, NESTED_ALIAS.format(anchor=event.anchor)
            with_alias.update(open_anchors)
        elif isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
            if event.value == "<<":
                yield line, MERGE_KEY
            elif is_ambiguous(event.value, resolver):
                yield line, AMBIGUOUS.format(value=event.value)


def duplicate_keys(root: yaml.Node | None) -> Iterator[tuple[int, str]]:
    """Yield each key that its mapping has already. PyYAML would use the last one."""
    nodes, visited = [root], set()
    for node in nodes:  # the loop appends to the list
        if not isinstance(node, yaml.CollectionNode) or id(node) in visited:
            continue
        visited.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            nodes.extend(node.value)
            continue
        names = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in names:
                yield key.start_mark.line + 1, TWICE.format(key=key.value)
            names.add(str(key.value))
            nodes.append(value)


def is_ambiguous(value: str, resolver: yaml.resolver.Resolver) -> bool:
    """Return whether versions of YAML read a plain value differently."""
    tag = resolver.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    pattern = CORE_SCHEMA.get(tag)
    if tag == TEXT or pattern is None:
        return tag != TEXT or OTHER_READINGS.fullmatch(value) is not None
    return re.fullmatch(pattern, value) is None
