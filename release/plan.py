"""A saved plan as Markdown: its resources and the attributes that change, without any value."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

VERBS = {
    ("create",): "create",
    ("update",): "change",
    ("delete",): "**delete**",
    ("create", "delete"): "**replace**",
    ("delete", "create"): "**replace**",
}

Plan = Mapping[str, Any]


def describe(plan: Plan) -> str:
    """Return a plan as Markdown.

    Args:
        plan: the output of `terraform show -json`, parsed.
    """
    rows = [row for change in plan.get("resource_changes", []) for row in rows_of(change)]
    if not rows:
        return "### Terraform plan\n\nNothing changes.\n"
    number = Counter(verb.strip("*") for verb, _, _ in rows)
    total = ", ".join(f"{count} to {verb}" for verb, count in sorted(number.items()))
    table = "\n".join(f"| {verb} | `{address}` | {names} |" for verb, address, names in rows)
    return (
        f"### Terraform plan\n\n{total}\n\n"
        f"| action | resource | attributes |\n| --- | --- | --- |\n{table}\n"
    )


def rows_of(resource: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the action, the address and the changed attributes, if the resource changes."""
    change = resource["change"]
    if verb := VERBS.get(tuple(change["actions"])):
        names = ", ".join(changed_attributes(change)) if verb == "change" else ""
        yield verb, resource["address"], names


def changed_attributes(change: Mapping[str, Any]) -> list[str]:
    before, after, unknown = change["before"], change["after"], change["after_unknown"]
    names = before.keys() | after.keys() | unknown.keys()
    return sorted(
        name for name in names if before.get(name) != after.get(name) or has_true(unknown.get(name))
    )


def has_true(unknown: Any) -> bool:
    """Return whether any part of an attribute is known only after the apply."""
    match unknown:
        case dict():
            return any(map(has_true, unknown.values()))
        case list():
            return any(map(has_true, unknown))
    return unknown is True
