"""The table of a plan: action, resource, what changes, and values of settings alone."""

from release import plan


def resource(address, *actions, before=None, after=None, unknown=None, **change):
    change |= {"actions": list(actions), "before": before, "after": after}
    return {"address": address, "change": {**change, "after_unknown": unknown or {}}}


def test_actions_are_listed_and_counted():
    """What is deleted stands out, in both orders of a replacement. Imports are listed, too;
    resources that are unchanged or only read are not."""
    unchanged = [resource("a", "no-op"), resource("data.b", "read")]
    assert plan.describe({"resource_changes": unchanged}) == "Nothing changes."
    found = {
        "resource_changes": [
            *unchanged,
            resource("a.new", "create"),
            resource("a.gone", "delete"),
            resource("a.other", "delete", "create"),
            resource("a.same", "create", "delete"),
            resource("a.lost", "no-op", importing={"id": "x"}),
        ],
        "output_changes": {"html": {"actions": ["update"]}, "region": {"actions": ["create"]}},
    }
    assert plan.describe(found).splitlines() == [
        "  create  a.new",
        "  DELETE  a.gone",
        "  REPLACE a.other",
        "  REPLACE a.same",
        "  import  a.lost",
        "  change  output.html",
        "",
        "1 to change, 1 to create, 1 to delete, 1 to import, 2 to replace",
    ]


def test_update_shows_the_values_of_settings_alone():
    """Every other attribute that differs, or is not known yet, is named. A block is not unknown
    because Terraform lists it."""
    before = {"memory_size": 512, "code": "SECRET-1", "gone": "SECRET-2", "name": "same"}
    before["environment"] = [{"variables": {"VISIT_CAP": "100", "SHARDS": "4", "NEW": "a"}}]
    after = {**before, "memory_size": 1024, "code": "SECRET-3", "gone": None}
    after["environment"] = [{"variables": {"VISIT_CAP": "50", "SHARDS": "4", "NEW": "x" * 99}}]
    unknown = {"version": True, "ttl": [{"enabled": False, "name": {}}], "id": [{"of": True}]}
    change = resource("a.b", "update", before=before, after=after, unknown=unknown)
    assert plan.describe({"resource_changes": [change]}).splitlines()[0] == (
        f"  change  a.b  code, NEW: a → {'x' * 60}…, VISIT_CAP: 100 → 50, gone, id, "
        "memory_size: 512 → 1024, version"
    )
