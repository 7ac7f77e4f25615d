"""A saved plan as a table: action, resource, and what changes.

Values are shown only of settings, none of which is secret: a pull request can be public.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

VERBS = {
    ("create",): "create",
    ("update",): "change",
    ("delete",): "DELETE",
    ("create", "delete"): "REPLACE",
    ("delete", "create"): "REPLACE",
}
# The attributes whose values are shown. They come from variables.tf, without names and addresses.
SETTINGS = {
    "environment",
    "limit_amount",
    "memory_size",
    "reserved_concurrent_executions",
    "retention_in_days",
    "settings",
    "threshold",
    "tracing_config",
    "xray_tracing_enabled",
}
LONGEST = 60  # characters of a value
NOTHING = "Nothing changes."

Plan = Mapping[str, Any]  # what `terraform show -json` prints


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    action: str
    resource: str
    changes: str = ""


def describe(plan: Plan) -> str:
    """Return a plan as a table, and the number of each action."""
    if not (found := rows(plan)):
        return NOTHING
    width = max(len(row.resource) for row in found)
    table = [f"  {row.action:8}{row.resource:{width}}  {row.changes}".rstrip() for row in found]
    number = Counter(row.action.lower() for row in found)
    total = ", ".join(f"{count} to {verb}" for verb, count in sorted(number.items()))
    return "\n".join([*table, "", total])


def rows(plan: Plan) -> list[Row]:
    """Return what changes: resources, and outputs of an earlier deployment."""
    changed = [row for each in plan.get("resource_changes", []) for row in rows_of(each)]
    outputs = plan.get("output_changes", {}).items()
    return changed + [
        Row("change", f"output.{name}") for name, each in outputs if each["actions"] == ["update"]
    ]


def rows_of(resource: Mapping[str, Any]) -> Iterator[Row]:
    change = resource["change"]
    if change.get("importing"):
        yield Row("import", resource["address"])
    if verb := VERBS.get(tuple(change["actions"])):
        changed = ", ".join(changes(change)) if verb == "change" else ""
        yield Row(verb, resource["address"], changed)


def changes(change: Mapping[str, Any]) -> Iterator[str]:
    """Yield the name of each attribute that changes, or the values of a setting."""
    before, after, unknown = change["before"], change["after"], change["after_unknown"]
    for name in sorted(before.keys() | after.keys() | unknown.keys()):
        old, new = before.get(name), after.get(name)
        if name in SETTINGS and old != new:
            yield from differences(name, old, new)
        elif old != new or "true" in json.dumps(unknown.get(name)):  # any part of it
            yield name


def differences(name: str, old: Any, new: Any) -> Iterator[str]:
    """Yield each value that differs in nested values, with the last name on the way to it."""
    match old, new:
        case (dict(), dict()):
            for key in sorted(old.keys() | new.keys()):
                yield from differences(key, old.get(key), new.get(key))
        case (list(), list()) if len(old) == len(new):
            for old_part, new_part in zip(old, new, strict=True):
                yield from differences(name, old_part, new_part)
        case _ if old != new:
            yield f"{name}: {shown(old)} → {shown(new)}"


def shown(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def hashes(html: object) -> set[str]:
    """Return the hashes of the scripts in the lines for a page."""
    return set(re.findall(r'integrity="([^"]+)"', str(html)))
