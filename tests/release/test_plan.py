"""The report of a plan: the action on each resource, without values."""

from release import plan


def resource(address, *actions, before=None, after=None, unknown=None):
    change = {"actions": list(actions), "before": before, "after": after}
    return {"address": address, "change": {**change, "after_unknown": unknown or {}}}


def test_plan_without_changes_has_no_rows():
    """Resources that are unchanged or only read are not listed."""
    found = [resource("a", "no-op"), resource("data.b", "read")]
    assert plan.describe({"resource_changes": found}) == "### Terraform plan\n\nNothing changes.\n"
    assert plan.describe({}) == "### Terraform plan\n\nNothing changes.\n"


def test_deletions_and_replacements_are_bold():
    """A replacement is bold in both orders of create and delete."""
    text = plan.describe(
        {
            "resource_changes": [
                resource("a.new", "create"),
                resource("a.gone", "delete"),
                resource("a.other", "delete", "create"),
                resource("a.same", "create", "delete"),
            ]
        }
    )
    assert "1 to create, 1 to delete, 2 to replace" in text
    assert "| **delete** | `a.gone` |  |" in text
    assert "| **replace** | `a.other` |  |" in text
    assert "| **replace** | `a.same` |  |" in text


def test_update_lists_attributes_without_values():
    """The attributes that differ or are not known yet are named, and no value is shown."""
    before = {"name": "same", "code": "SECRET-1", "version": "3", "gone": "SECRET-2"}
    after = {"name": "same", "code": "SECRET-3"}
    change = resource("a.b", "update", before=before, after=after, unknown={"version": True})
    text = plan.describe({"resource_changes": [change]})
    assert "| change | `a.b` | code, gone, version |" in text
    assert "SECRET" not in text


def test_block_without_unknown_values_is_not_listed():
    """Terraform also lists blocks in after_unknown that contain no unknown value."""
    block = {"ttl": [{"enabled": False, "name": {}}], "id": [{"of": True}]}
    change = resource("a.b", "update", before={}, after={}, unknown=block)
    assert "| change | `a.b` | id |" in plan.describe({"resource_changes": [change]})


def test_added_attribute_is_listed():
    """An attribute that is missing before the update counts as changed."""
    change = resource("a.b", "update", before={"x": 1}, after={"x": 1, "y": 2})
    assert "| change | `a.b` | y |" in plan.describe({"resource_changes": [change]})
