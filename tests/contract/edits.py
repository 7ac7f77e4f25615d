"""The edits of the contract's mutation test: every small change that can weaken openapi.yaml."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from copy import copy, deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

from openapi_handler.contract import KNOWN_VALUES

Keys = tuple[Any, ...]  # the keys that lead to a value
GONE = object()
MARK = "x"  # makes a text another one

# What is written for people, or only groups operations. It is not edited.
DOCUMENTATION = {"description", "detail", "examples", "license", "summary", "tags", "title"}
AWS = "x-amazon-apigateway-"
# The fields whose keys are names that the contract chooses.
NAMED = {"content", "headers", "paths", "properties", "responses", "schemas", KNOWN_VALUES}
NAMED |= {"requestTemplates", "responseParameters", "responseTemplates"}
NAMED |= {f"{AWS}gateway-responses", f"{AWS}request-validators"}
SWAPPED = {"headers", "properties", "responses"}  # the fields in which two values change places
OTHER_KEYWORDS = {
    "aws_proxy": "mock",
    "mock": "aws_proxy",
    "never": "when_no_match",
    "when_no_match": "never",
    "path": "query",
    "query": "header",
    "string": "integer",
    "integer": "number",
    "boolean": "string",
    "POST": "GET",
}


@dataclass(frozen=True)
class Edit:
    """One change of a document: another value at the end of some keys, or none.

    Attributes:
        everywhere: whether a shared block changes in all its places, not only in this one.
    """

    keys: Keys
    change: str
    value: Any
    everywhere: bool

    def __str__(self) -> str:
        return f"{' '.join(map(str, self.keys))}: {self.change}" + (
            "" if self.everywhere else " (only here)"
        )

    def apply(self, document: Any) -> Any:
        """Return a changed copy of a document."""
        if self.everywhere:
            return changed(deepcopy(document), self.keys, self.value, copied=lambda node: node)
        return changed(document, self.keys, self.value, copied=copy)


def changed(node: Any, keys: Keys, value: Any, copied: Any) -> Any:
    """Return a node with another value at the end of the keys."""
    if not keys:
        return value
    node, key = copied(node), keys[0]
    child = value if len(keys) == 1 else changed(node[key], keys[1:], value, copied)
    if child is GONE:
        del node[key]
    else:
        node[key] = child
    return node


def edits(document: Any, random: Random) -> Iterator[Edit]:
    """Yield each edit. A shared block is edited everywhere, and in one of its places alone."""
    places = defaultdict(list)
    for keys, node in collections((), document):
        places[id(node)].append((keys, node))
    for found in places.values():
        keys, node = found[0]
        yield from (Edit(*edit, everywhere=True) for edit in edits_of(keys, node))
        if len(found) > 1:
            keys, _ = random.choice(found)
            yield from (Edit(*edit, everywhere=False) for edit in edits_of(keys, node))


def collections(keys: Keys, node: Any) -> Iterator[tuple[Keys, Any]]:
    """Yield each mapping and list with the keys that lead to it."""
    yield keys, node
    for key, item in items(keys, node):
        if isinstance(item, dict | list):
            yield from collections((*keys, key), item)


def items(keys: Keys, node: Any) -> list[tuple[Any, Any]]:
    """Return what a mapping or list contains, without documentation and what OpenAPI ignores."""
    if isinstance(node, list):
        return list(enumerate(node))
    return [
        (key, item)
        for key, item in node.items()
        if (has_names(keys) or key not in DOCUMENTATION)
        and not (keys[-1:] == ("headers",) and key == "Content-Type")
    ]


def has_names(keys: Keys) -> bool:
    """Return whether the keys of the mapping there are names, not keywords of OpenAPI."""
    return keys[-1:] != () and keys[-1] in NAMED and keys[-2:-1] != ("properties",)


def edits_of(keys: Keys, node: Any) -> Iterator[tuple[Keys, str, Any]]:
    """Yield the edits of a mapping or list: of its keys, its items that are scalars, and others."""
    found = items(keys, node)
    for position, (key, item) in enumerate(found):
        yield (*keys, key), "removed", GONE
        following = found[(position + 1) % len(found)]
        if has_names(keys) and keys[-1] in SWAPPED and meaning(following[1]) != meaning(item):
            yield (*keys, key), f"replaced by {following[0]}", following[1]
        if has_names(keys):
            name = f"{key[0]}99" if re.fullmatch(r"\d{3}", key) else f"{key}{MARK}"
            yield keys, f"{key} renamed", {name if k == key else k: v for k, v in node.items()}
        if not isinstance(item, dict | list):
            for value in other_values(key, item):
                yield (*keys, key), f"{item} -> {value}", value
    yield from additions(keys, node)


def meaning(node: Any) -> str:
    """Return what is the same for values that differ only in their documentation."""
    if isinstance(node, dict):
        return str({key: meaning(node[key]) for key in sorted(node.keys() - DOCUMENTATION)})
    return str(node)


def additions(keys: Keys, node: Any) -> Iterator[tuple[Keys, str, Any]]:
    """Yield what adds a value, property, parameter, header, status or operation."""
    field = keys[-1] if keys else None
    if isinstance(node, list) and (field == "enum" or KNOWN_VALUES in keys):
        yield keys, "value added", [*node, "added"]
    elif isinstance(node, list) and field == "parameters":
        added = {"name": "added", "in": "query", "schema": {"type": "string"}}
        yield keys, "parameter added", [*node, added]
    elif field == "properties":
        yield keys, "property added", {**node, "added": {"type": "string"}}
    elif field == "headers":
        yield keys, "header added", {**node, "Added": {"schema": {"type": "string"}}}
    elif field == "responses" and "200" in node:
        yield keys, "status added", {**node, "202": node["200"]}
    elif keys[:1] == ("paths",) and len(keys) == 2:
        operation = {**next(iter(node.values())), "operationId": "added"}
        yield keys, "operation added", {**node, "patch": operation}


def other_values(key: Any, value: Any) -> Iterator[Any]:
    """Yield the values that replace a scalar."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value // 2, value * 2) if value > 1000 else (value - 1, value + 1)
    elif key == "pattern":
        yield from wider_patterns(value)
    elif key == "statusCode":
        yield f"{value[0]}99"
    elif value.startswith("{"):
        yield from other_templates(value)
    elif re.fullmatch("'.*'", value):
        yield from (f"'{', '.join(each)}'" for each in other_lists(value[1:-1].split(", ")))
    else:
        yield OTHER_KEYWORDS.get(value, f"{value}{MARK}")


def wider_patterns(pattern: str) -> Iterator[str]:
    """Yield patterns without an anchor, with any character for a class, or of any length."""
    for narrow, wide in ((r"^\^", ""), (r"\$$", ""), (r"\[[^]]+\]", "."), (r"\{[\d,]+\}", "*")):
        for match in re.finditer(narrow, pattern):
            yield f"{pattern[: match.start()]}{wide}{pattern[match.end() :]}"


def other_lists(values: list[str]) -> Iterator[list[str]]:
    """Yield the values of a header with one more, and without each of them."""
    yield [*values, MARK]
    if len(values) > 1:
        yield from ([each for each in values if each != gone] for gone in values)


def other_templates(template: str) -> Iterator[str]:
    """Yield a template of JSON without each member, and with another value of it."""
    variable = r"\$context\.[\w.]+"
    members = json.loads(re.sub(rf'(?<!"){variable}', r'"\g<0>"', template))
    for name, value in members.items():
        others: list[Any] = [GONE]
        if isinstance(value, int):
            others.append(value + 1)
        elif re.fullmatch(variable, value):
            others.append("constant")
        elif name not in DOCUMENTATION:
            others.append(f"{value}{MARK}")
        for other in others:
            edited = {**members, name: other}
            text = json.dumps({key: each for key, each in edited.items() if each is not GONE})
            yield re.sub(rf'"({variable})"', r"\1", text)
