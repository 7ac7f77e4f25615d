"""What changed from one contract to another, and how much that means to its clients.

redocly judges (https://redocly.com/docs/cli/rules/diff-rules), except for what it does not see,
which is API Gateway's parts and examples, and for the few changes that it underrates.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from contract import redocly

UNSEEN = re.compile(r"\bx-(amazon|visits)-|\bexamples?\b")
NOT_FOR_CLIENTS = re.compile(r"\b(timeoutInMillis|uri|description|examples?)\b|-request-validator")
WORDING = re.compile(r" (title|detail)$|\.(Retry-After|Access-Control-Max-Age)$")
MAY_GROW = re.compile(r"-gateway-responses|-any-method|-integration|-known-values")
NO_VERDICT = "redocly cannot compare the contracts, and says why:\n{}"


class Change(NamedTuple):
    """Its impact is the step that semver wants for it: major, minor or patch."""

    impact: str
    text: str
    place: str


class CannotCompare(Exception):
    """Something is missing or wrong. The message says what to do."""


def changes(old: Any, new: Any) -> set[Change]:
    """What changed between two parsed contracts.

    Raises:
        CannotCompare: one of them is not OpenAPI.
    """
    return {*seen(old, new), *unseen(old, new)}


def seen(old: Any, new: Any) -> Iterator[Change]:
    """What redocly sees. It gets JSON: what YAML's aliases share, it would look at once."""
    with TemporaryDirectory() as folder:
        names = [Path(folder, name) for name in ("old.json", "new.json")]
        for name, document in zip(names, (old, new), strict=True):
            name.write_text(json.dumps(document, default=str), "utf-8")
        found = redocly.run("diff", *names, "--format=json", "--fail-on=none")
    if not found.stdout:
        raise CannotCompare(NO_VERDICT.format(found.stderr))
    for change in json.loads(found.stdout)["changes"]:
        place = where(change)
        if place != "info version" and not UNSEEN.search(place):
            yield judged(change, place)


def where(change: Mapping[str, Any]) -> str:
    """The keys that lead there. The side that lacks it has only its parent."""
    sides = [change[side]["pointer"] for side in ("base", "revision") if side in change]
    return str(max(sides, key=len)).removeprefix("#/").replace("/", " ").replace("~1", "/")


def judged(change: Mapping[str, Any], place: str) -> Change:
    if reason := underrated(change, place):
        return Change("major", reason, place)
    said = " ".join(verdict["message"] for verdict in change["verdicts"])
    return Change(change["impact"], said or f"`{last(place)}` was {change['kind']}.", place)


def last(place: str) -> str:
    return place.rpartition(" ")[2]


def underrated(change: Mapping[str, Any], place: str) -> str | None:
    """Why a change breaks clients that redocly takes for harmless."""
    match change:
        case {"typeName": "RequestBody", "revision": {"value": {"required": True}}}:
            return "The request body became required."
        case {"typeName": "Header", "property": "required", "base": {"value": True}}:
            return "The header became optional."
        case {"typeName": "Schema", "kind": "removed"} if place.endswith(" schema"):
            return "The schema was removed: anything may come."
    return None


def unseen(old: Any, new: Any) -> Iterator[Change]:
    """What redocly does not see."""
    for place, before, after in differences(old, new):
        if UNSEEN.search(place):
            name = f"`{last(place)}`"
            text = f"{name} was added." if before is None else f"{name} was removed."
            if not (before is None or after is None):
                text = f"{name} changed from `{before}` to `{after}`."
            yield Change(impact(place, before, after), text, place)


def differences(old: Any, new: Any, *place: str) -> Iterator[tuple[str, Any, Any]]:
    """Each place where they differ, and what is there; None where nothing is."""
    before, after = parts(old), parts(new)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in {**before, **after}:
            yield from differences(before.get(key), after.get(key), *place, str(key))
    elif old != new:
        yield " ".join(place), old, new


def parts(node: Any) -> Any:
    """What is in a node, be it a list or a template of JSON. A list of texts has no order."""
    if isinstance(node, list) and all(isinstance(item, str) for item in node):
        return {item: item for item in node}
    if isinstance(node, list):
        return dict(enumerate(node))
    if isinstance(node, str) and node.startswith('{"'):
        return dict(re.findall(r'"(\w+)": *("[^"]*"|[^,}]+)', node))
    return node


def impact(place: str, before: Any, after: Any) -> str:
    """How much API Gateway's part matters to clients: more than it may, where we cannot tell."""
    if NOT_FOR_CLIENTS.search(place):
        return "patch"
    if before is None:
        return "minor" if MAY_GROW.search(place) else "major"
    if after is not None and WORDING.search(place):
        return "patch"
    if ".header." in place and words(before) <= words(after):
        return "minor"
    return "major"


def words(header: str | None) -> set[str]:
    """A header's values, of which it may get more: methods, names of headers."""
    return set(re.findall(r"[^', ]+", header or ""))
