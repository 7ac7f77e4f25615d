"""The item of a network: the daily cap, and how a returning browser is recognised."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.conftest import NOON, PERSON, ApiClient, start_new_copy
from tests.visits.faults import Faulty, cancelled
from visits.counting import memory, network, visitor
from visits.counting.memory import Memory


@pytest.fixture
def cap(monkeypatch):
    """A cap of three visits a day."""
    monkeypatch.setenv("VISIT_CAP", "3")


@pytest.mark.usefixtures("cap")
@pytest.mark.parametrize("other", ["browser", "address in the same /64"])
def test_cap_holds_for_a_whole_network(api, table, monkeypatch, other):
    """Changing browsers, or addresses within a /64, do not pass the cap. A capped visit gets 200,
    the totals and the reason after one transaction, which writes nothing. Other networks and the
    next day are counted."""
    api.at, api.ip = NOON, "2001:db8:1:2::1"
    for number in range(3):
        if other == "browser":
            api.user_agent = f"{PERSON} Edg/{number}"
        else:
            api.ip = f"2001:db8:1:2:{number}::{number}"
        assert api.visit().status_code == 201
    before, calls = table.items(), Faulty(monkeypatch, "transact_write_items").calls
    for user_agent in (api.user_agent, f"{PERSON} Edg/4"):
        api.user_agent = user_agent
        response = api.visit()
        assert (response.status_code, response.json["reason"]) == (200, "capped")
        assert (response.json["visits"], response.json["counted"]) == (3, False)
    assert (table.items(), len(calls)) == (before, 2)
    assert ApiClient(at=NOON, ip="2001:db8:1:3::1").visit().status_code == 201
    assert api.visit(counter="moved").status_code == 201
    api.at = NOON + timedelta(hours=12)
    assert api.visit().json["today"]["visits"] == 1


def test_an_ipv4_address_is_one_network_in_both_forms():
    """`::ffff:203.0.113.7` is the network of 203.0.113.7, and not of all IPv4 addresses."""
    assert visitor.network_of("::ffff:203.0.113.7") == visitor.network_of("203.0.113.7")
    assert visitor.network_of("::ffff:cb00:7107") == visitor.network_of("203.0.113.7")
    assert visitor.network_of("::ffff:203.0.113.7") != visitor.network_of("::ffff:203.0.113.8")


@pytest.mark.usefixtures("cap")
def test_forged_addresses_are_ignored(api):
    """The network is that of the address which API Gateway saw, whatever headers say."""
    names = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP")
    statuses = [
        api.visit(headers=dict.fromkeys(names, f"198.51.100.{number}")).status_code
        for number in range(4)
    ]
    assert statuses == [201, 201, 201, 200]
    assert api.get("/counters/resume").json["visitors"] == 1


@pytest.mark.usefixtures("cap")
def test_replayed_visits_do_not_use_up_the_cap(api):
    """Replays are `replayed` before and after the cap is reached, and do not count towards it."""
    visit_id = str(uuid4())
    api.visit(visit_id)
    for _ in range(3):
        assert api.visit(visit_id).json["reason"] == "replayed"
    assert [api.visit().status_code for _ in range(3)] == [201, 201, 200]
    assert api.visit(visit_id).json["reason"] == "replayed"


@pytest.mark.parametrize(("counter", "cap"), [("smoke", "3"), ("resume", "0")])
def test_no_cap_on_the_counter_of_the_tests_or_with_a_cap_of_0(api, monkeypatch, counter, cap):
    """The counter `smoke` is never capped, and with `visit_cap` 0 no counter is."""
    monkeypatch.setenv("VISIT_CAP", cap)
    assert {api.visit(counter=counter).status_code for _ in range(5)} == {201}


def test_browsers_of_a_network_are_bounded(api, table):
    """When a network's item is full, a further browser is counted as a visit, but not as a
    visitor. With a cap of 0 the full item is below 1 KB, which is one write unit."""
    api.visit()
    [item] = table.items("network#")
    others = range(network.MOST_BROWSERS - 1)
    item["browsers"]["BS"] += [number.to_bytes(8, "big") for number in others]
    item["visits"]["N"] = "1000000"
    table.client.put_item(TableName=table.name, Item=item)
    counter = api.visit(headers={"User-Agent": f"{PERSON} Edg/1"}).json
    assert (counter["visits"], counter["visitors"]) == (2, 1)
    assert table.items("network#") == [item | {"visits": {"N": "1000001"}}]
    # With a byte more for each element of the set, as in lists, which DynamoDB documents.
    assert size(item) + 3 + network.MOST_BROWSERS < 1024


def size(item):
    """The size of an item in bytes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""
    sizes = {
        "S": len,
        "N": lambda number: len(number) // 2 + 2,
        "BS": lambda each: sum(map(len, each)),
    }
    return sum(
        len(name) + sizes[kind](content)
        for name, value in item.items()
        for kind, content in value.items()
    )


def test_wrong_memory_never_counts_wrongly(api, table, monkeypatch):
    """A copy of the function that has forgotten a visitor, or that remembers one whom the table
    does not know, sends a second transaction with another token, and counts rightly."""
    api.visit()
    start_new_copy()
    faulty = Faulty(monkeypatch, "transact_write_items")
    assert (api.visit().json["visits"], api.visits()) == (2, 2)
    assert api.get("/counters/resume").json["visitors"] == 1
    assert len({call["ClientRequestToken"] for call in faulty.calls}) == 2
    [item] = table.items("network#")
    table.client.delete_item(TableName=table.name, Key={name: item[name] for name in ("pk", "sk")})
    faulty.calls.clear()
    after = api.visit().json  # the memory is wrong in the other direction
    assert (after["visits"], after["visitors"]) == (3, 2)
    assert len({call["ClientRequestToken"] for call in faulty.calls}) == 2


def test_a_browser_that_another_request_adds_in_between_is_one_visitor(api, monkeypatch):
    """A wrong memory, whose correction is overtaken by another request of the same new browser,
    leads to a third transaction, which counts the visit alone."""
    api.visit(headers={"User-Agent": f"{PERSON} Edg/1"})
    overtaken = cancelled("None", "ConditionalCheckFailed", "None", "None")
    overtaken.response["CancellationReasons"][1]["Item"] = {"visits": {"N": "1"}}
    faulty = Faulty(monkeypatch, "transact_write_items", before=[overtaken, overtaken])
    assert api.visit(headers={"User-Agent": f"{PERSON} Edg/1"}).json["visitors"] == 1
    assert len({call["ClientRequestToken"] for call in faulty.calls}) == 3


def test_memory_is_bounded(monkeypatch):
    """The function forgets the visitor whom it has not seen for the longest time."""
    monkeypatch.setattr(memory, "MOST_VISITORS", 2)
    remembered = Memory()
    first, second, third = (visitor.Visitor("network", bytes([number])) for number in range(3))
    for person in (first, second, first, third):
        remembered.remember(person)
    assert [remembered.remembers(person) for person in (first, second, third)] == [
        True,
        False,
        True,
    ]
