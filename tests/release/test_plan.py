"""What is told of a plan: each resource and what happens to it, and no value."""

from release import plan


def resource(address, *actions, before=None, after=None, unknown=None):
    change = {"actions": list(actions), "before": before, "after": after}
    return {"address": address, "change": {**change, "after_unknown": unknown or {}}}


def test_no_change_is_said():
    """What is only read, or stays as it is, is no row."""
    found = [resource("a", "no-op"), resource("data.b", "read")]
    assert plan.describe({"resource_changes": found}) == "### Terraform plan\n\nNothing changes.\n"
    assert plan.describe({}) == "### Terraform plan\n\nNothing changes.\n"


def test_what_is_lost_stands_out():
    """A resource that is deleted or replaced is in bold, whichever comes first."""
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


def test_a_change_names_attributes_and_no_value():
    """Those that differ, and those that are not known yet."""
    before = {"name": "same", "code": "SECRET-1", "version": "3", "gone": "SECRET-2"}
    after = {"name": "same", "code": "SECRET-3"}
    change = resource("a.b", "update", before=before, after=after, unknown={"version": True})
    text = plan.describe({"resource_changes": [change]})
    assert "| change | `a.b` | code, gone, version |" in text
    assert "SECRET" not in text


def test_what_is_known_is_not_unknown():
    """Terraform tells of blocks in which nothing is unknown, too."""
    block = {"ttl": [{"enabled": False, "name": {}}], "id": [{"of": True}]}
    change = resource("a.b", "update", before={}, after={}, unknown=block)
    assert "| change | `a.b` | id |" in plan.describe({"resource_changes": [change]})


def test_a_new_attribute_is_named():
    """One that was not there before."""
    change = resource("a.b", "update", before={"x": 1}, after={"x": 1, "y": 2})
    assert "| change | `a.b` | y |" in plan.describe({"resource_changes": [change]})
