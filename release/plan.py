"""A saved plan, told without a value: what it does to which resource, and to which part of it."""

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
    """A plan as Markdown.

    Args:
        plan: what `terraform show -json` says of it.
    """
    rows = [row for change in plan.get("resource_changes", []) for row in row_of(change)]
    if not rows:
        return "### Terraform plan\n\nNothing changes.\n"
    number = Counter(verb.strip("*") for verb, _, _ in rows)
    total = ", ".join(f"{count} to {verb}" for verb, count in sorted(number.items()))
    table = "\n".join(f"| {verb} | `{address}` | {parts} |" for verb, address, parts in rows)
    return f"### Terraform plan\n\n{total}\n\n| | resource | what |\n| --- | --- | --- |\n{table}\n"


def row_of(resource: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    change = resource["change"]
    if verb := VERBS.get(tuple(change["actions"])):
        parts = ", ".join(different(change)) if verb == "change" else ""
        yield verb, resource["address"], parts


def different(change: Mapping[str, Any]) -> list[str]:
    """The attributes that an update changes."""
    before, after, unknown = change["before"], change["after"], change["after_unknown"]
    names = before.keys() | after.keys() | unknown.keys()
    return sorted(
        name for name in names if before.get(name) != after.get(name) or has_true(unknown.get(name))
    )


def has_true(unknown: Any) -> bool:
    """Whether something in it is only known after it was applied."""
    match unknown:
        case dict():
            return any(map(has_true, unknown.values()))
        case list():
            return any(map(has_true, unknown))
    return unknown is True
