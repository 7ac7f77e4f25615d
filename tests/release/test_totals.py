"""The daily test compares the totals with the days."""

import boto3
import pytest

from release import account, totals


@pytest.fixture
def outputs(table, monkeypatch):
    """Terraform's outputs, of a deployment with two counters."""
    monkeypatch.setattr(account, "counters", lambda: {"resume": {}, "blog": {}})
    return {"region": "eu-west-1", "table_name": table.name}


def test_a_wrong_total_is_reported_with_the_command_that_repairs_it(outputs, api):
    """The counter whose total fits its days is not."""
    api.visit()
    assert totals.compare(outputs) == []
    boto3.client("dynamodb").update_item(
        TableName=outputs["table_name"],
        Key={"pk": {"S": "counter#resume"}, "sk": {"S": "total#0"}},
        UpdateExpression="ADD visits :visits",
        ExpressionAttributeValues={":visits": {"N": "-3"}},
    )
    [line] = totals.compare(outputs)
    assert line.startswith("The total of resume is wrong: -3 visits more than the sum of its days")
    assert line.endswith("make repair COUNTER=resume")


def test_a_missing_permission_is_a_warning(outputs, capsys):
    """It does not make the site seem broken."""
    assert totals.compare({**outputs, "table_name": "missing"}) == []
    assert "The totals were not compared with the days" in capsys.readouterr().out
