"""The table of a plan: action, resource, what changes, and values of settings alone."""

from release import plan


def resource(address, *actions, before=None, after=None, unknown=None, **change):
    change |= {"actions": list(actions), "before": before, "after": after}
    return {"address": address, "change": {**change, "after_unknown": unknown or {}}}


def test_plan_without_changes_has_no_rows():
    """Resources that are unchanged or only read are not listed."""
    found = {"resource_changes": [resource("a", "no-op"), resource("data.b", "read")]}
    assert plan.describe(found) == "### Terraform plan\n\nNothing changes.\n"
    assert plan.as_text(found) == "Nothing changes."


def test_actions_are_listed_and_counted():
    """What is deleted stands out, in both orders of a replacement. Imports are listed, too."""
    found = {
        "resource_changes": [
            resource("a.new", "create"),
            resource("a.gone", "delete"),
            resource("a.other", "delete", "create"),
            resource("a.same", "create", "delete"),
            resource("a.lost", "no-op", importing={"id": "x"}),
        ],
        "output_changes": {"html": {"actions": ["update"]}, "region": {"actions": ["create"]}},
    }
    report, text = plan.describe(found), plan.as_text(found)
    assert "1 to change, 1 to create, 1 to delete, 1 to import, 2 to replace" in report
    for row in ("| **delete** | `a.gone` |  |", "| **replace** | `a.other` |  |"):
        assert row in report
    assert text.splitlines()[:4] == [
        "  create  a.new",
        "  DELETE  a.gone",
        "  REPLACE a.other",
        "  REPLACE a.same",
    ]
    assert "import  a.lost" in text
    assert "change  output.html" in text
    assert "output.region" not in text


def test_update_shows_the_values_of_settings_alone():
    """Every other attribute that differs, or is not known yet, is named. A block is not unknown
    because Terraform lists it."""
    before = {"memory_size": 512, "code": "SECRET-1", "gone": "SECRET-2", "name": "same"}
    before["environment"] = [{"variables": {"VISIT_CAP": "100", "SHARDS": "4", "NEW": "a|b"}}]
    after = {**before, "memory_size": 1024, "code": "SECRET-3", "gone": None}
    after["environment"] = [{"variables": {"VISIT_CAP": "50", "SHARDS": "4", "NEW": "x" * 99}}]
    unknown = {"version": True, "ttl": [{"enabled": False, "name": {}}], "id": [{"of": True}]}
    change = resource("a.b", "update", before=before, after=after, unknown=unknown)
    assert plan.describe({"resource_changes": [change]}).splitlines()[-1] == (
        f"| change | `a.b` | code, NEW: a\\|b → {'x' * 60}…, VISIT_CAP: 100 → 50, gone, id, "
        "memory_size: 512 → 1024, version |"
    )
