"""Finds the changes between two contracts, and how much each affects clients.

redocly classifies most changes (https://redocly.com/docs/cli/rules/diff-rules). It ignores
extensions and examples, and classifies a few breaking changes as compatible. This module
classifies those.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from contract import redocly
from contract.command import CommandError

# These match places: the keys that lead to a value, separated by spaces. A property or a header may
# have the name of a field.
FIELD = "(?<!properties )(?<!headers )(?<![^ ])"
IGNORED_BY_REDOCLY = re.compile(rf"{FIELD}(x-|examples?(?![^ ]))")
INTERNAL = re.compile(
    rf"{FIELD}(timeoutInMillis|uri|description|summary|examples?)(?![^ ])"
    r"|-request-validator|x-rate-limit"
)
FOR_PEOPLE = re.compile(r" (title|detail)$|\.(Retry-After|Access-Control-Max-Age)$")
COMPATIBLE_ADDITIONS = re.compile(
    r"-gateway-responses|-any-method|-integration|-known-values|-idempotent"
)

REDOCLY_FAILED = "redocly cannot compare the contracts. It reports:\n{}"


class Change(NamedTuple):
    """A change. Its impact is the part of the version to increment: major, minor or patch."""

    impact: str
    text: str
    place: str


def changes(old: Any, new: Any) -> set[Change]:
    """Return the changes between two parsed contracts."""
    return {*found_by_redocly(old, new), *ignored_by_redocly(old, new)}


def found_by_redocly(old: Any, new: Any) -> Iterator[Change]:
    """Yield the changes that redocly finds.

    redocly reads JSON here. In YAML it visits a block that aliases share only once.
    """
    with TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("old.json", "new.json")]
        for file, document in zip(files, (old, new), strict=True):
            file.write_text(json.dumps(document, default=str), "utf-8")
        result = redocly.run("diff", *files, "--format=json", "--fail-on=none")
    if not result.stdout:
        raise CommandError(REDOCLY_FAILED.format(result.stderr))
    for change in json.loads(result.stdout)["changes"]:
        place = place_of(change)
        if place != "info version" and not IGNORED_BY_REDOCLY.search(place):
            yield classify(change, place)


def place_of(change: Mapping[str, Any]) -> str:
    """Return the keys that lead to a change.

    redocly gives a pointer for each side. For the side without the value it is the parent's.
    """
    pointers = [change[side]["pointer"] for side in ("base", "revision") if side in change]
    return str(max(pointers, key=len)).removeprefix("#/").replace("/", " ").replace("~1", "/")


def classify(change: Mapping[str, Any], place: str) -> Change:
    """Convert a change from redocly's report, with a higher impact if redocly underestimates it."""
    if reason := breaking_reason(change, place):
        return Change("major", reason, place)
    text = " ".join(verdict["message"] for verdict in change["verdicts"])
    return Change(change["impact"], text or f"`{last_key(place)}` was {change['kind']}.", place)


def last_key(place: str) -> str:
    return place.rpartition(" ")[2]


def breaking_reason(change: Mapping[str, Any], place: str) -> str | None:
    """Return why a change breaks clients although redocly does not classify it as breaking."""
    match change:
        case {"typeName": "RequestBody", "revision": {"value": {"required": True}}}:
            return "The request body became required."
        case {"typeName": "Header", "property": "required", "base": {"value": True}}:
            return "The header became optional."
        case {"typeName": "Schema", "kind": "removed"} if place.endswith(" schema"):
            return "The schema was removed, so any value is allowed."
    return None


def ignored_by_redocly(old: Any, new: Any) -> Iterator[Change]:
    """Yield the changes in extensions and in examples."""
    for place, before, after in differences(old, new):
        if IGNORED_BY_REDOCLY.search(place):
            name = f"`{last_key(place)}`"
            if before is None:
                text = f"{name} was added."
            elif after is None:
                text = f"{name} was removed."
            else:
                text = f"{name} changed from `{before}` to `{after}`."
            yield Change(impact(place, before, after), text, place)


def differences(old: Any, new: Any, *keys: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield each place where two values differ, with both values. A missing value is None."""
    before, after = children(old), children(new)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in {**before, **after}:
            yield from differences(before.get(key), after.get(key), *keys, str(key))
    elif old != new:
        yield " ".join(keys), old, new


def children(node: Any) -> Any:
    """Return a mapping of what a node contains, also for a list and for a template of JSON.

    The order of a list of strings is not a change.
    """
    if isinstance(node, list) and all(isinstance(item, str) for item in node):
        return {item: item for item in node}
    if isinstance(node, list):
        return dict(enumerate(node))
    if isinstance(node, str) and node.startswith('{"'):
        return dict(re.findall(r'"(\w+)": *("[^"]*"|[^,}]+)', node))
    return node


def impact(place: str, before: Any, after: Any) -> str:
    """Return the impact of a change that redocly ignores. An unknown change is major."""
    if INTERNAL.search(place):
        return "patch"
    if before is None:
        return "minor" if COMPATIBLE_ADDITIONS.search(place) else "major"
    if after is not None and FOR_PEOPLE.search(place):
        return "patch"
    if ".header." in place and header_values(before) <= header_values(after):
        return "minor"
    return "major"


def header_values(header: str | None) -> set[str]:
    """Return the values in a header's list, such as the methods in Allow."""
    return set(re.findall(r"[^', ]+", header or ""))
