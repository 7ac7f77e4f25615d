"""Which requests are counted, and how long visits and visitors are remembered."""

import json
import random
from datetime import timedelta
from uuid import uuid4

import pytest

from local import function
from tests.conftest import NOON, PERSON, ApiClient, start_new_copy
from tests.visits.events import valid_event
from visits.counting import items

MIDNIGHT = NOON + timedelta(hours=12)


@pytest.mark.parametrize(("hours", "visits"), [(0, 1), (1, 1), (12.5, 1), (24, 1), (26, 2)])
def test_replayed_visit_is_not_counted(api, hours, visits):
    """A visitId is not counted again within 24 hours, also after midnight. A record that has
    expired, but that DynamoDB has not deleted yet, does not stop a visit."""
    visit_id = str(uuid4())
    api.at = NOON
    api.visit(visit_id)
    api.at = NOON + timedelta(hours=hours)
    assert api.visit(visit_id).json.get("reason") == (None if visits == 2 else "replayed")
    assert api.visits() == visits


def test_visit_id_in_upper_case_is_the_same_visit(api):
    """The case of a visitId does not matter."""
    visit_id = str(uuid4())
    api.visit(visit_id)
    assert api.visit(visit_id.upper()).json["reason"] == "replayed"


def test_a_visit_id_counts_once_for_each_counter(api):
    """Two counters on a page can use the same visitId, and both count it."""
    visit_id = str(uuid4())
    assert api.visit(visit_id, "resume").status_code == 201
    assert api.visit(visit_id, "moved").status_code == 201


@pytest.mark.parametrize("other", [{"ip": "203.0.113.8"}, {"user_agent": f"{PERSON} Edg/156"}])
def test_another_address_or_browser_is_another_visitor(api, other):
    """A visitor is identified by address and browser."""
    api.visit()
    assert ApiClient(**other).visit().json["visitors"] == 2


def test_visitor_counts_once_on_each_day(api):
    """A visitor of the first minute of a day (UTC) is known in its last one, and not afterwards."""
    for at in (MIDNIGHT - timedelta(days=1), MIDNIGHT - timedelta(seconds=1)):
        api.at = at
        assert api.visit().json["visitors"] == 1
    api.at = MIDNIGHT
    counter = api.visit().json
    assert (counter["visits"], counter["visitors"]) == (3, 2)
    assert counter["today"] == {"date": "2026-11-23", "visits": 1, "visitors": 1}


@pytest.mark.parametrize(
    ("reason", "headers"),
    [
        ("bot", {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}),
        ("bot", {"User-Agent": f"{PERSON} HeadlessChrome/156.0.0.0"}),
        ("prefetch", {"Sec-Purpose": "prefetch;prerender"}),
        ("prefetch", {"sec-purpose": "Prefetch"}),
        ("prefetch", {"Purpose": "prefetch"}),
        ("opted-out", {"Sec-GPC": "1"}),
        ("opted-out", {"sec-gpc": "1", "User-Agent": "Googlebot/2.1"}),
    ],
)
def test_uncounted_request_gets_totals_and_reason(api, table, reason, headers):
    """Bots, prefetches and opt-outs get the totals, and nothing is written."""
    api.visit()
    before = table.items()
    response = api.visit(headers=headers)
    assert response.status_code == 200
    assert response.json["reason"] == reason
    assert response.json["visits"] == 1
    assert table.items() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-GPC": "0"},
        {"User-Agent": "curl/8.14.1"},
        {"User-Agent": PERSON.ljust(512) + "Googlebot/2.1"},
    ],
)
def test_sec_gpc_0_curl_and_the_end_of_a_long_user_agent_are_counted(api, headers):
    """Only `Sec-GPC: 1` opts out, and curl, which the README uses, is not a bot. The crawler
    patterns see the first 512 characters, because a long user agent would take them too long."""
    assert api.visit(headers=headers).status_code == 201


def test_a_visit_without_a_user_agent_counts(table):
    """The header is not required."""
    event = valid_event("recordVisit")
    del event["multiValueHeaders"]["User-Agent"]
    assert function.handle(event, None)["statusCode"] == 201


def test_bot_is_counted_only_on_the_counter_of_the_tests(api):
    """On `smoke` a bot is counted unless it opts out; on other counters it is not."""
    robot = {"User-Agent": f"{PERSON} HeadlessChrome/156.0.0.0"}
    assert api.visit(counter="smoke", headers=robot).status_code == 201
    assert api.visit(counter="smoke", headers={**robot, "Sec-GPC": "1"}).status_code == 200
    assert api.visit(counter="resume", headers=robot).json["reason"] == "bot"


def test_totals_are_spread_over_the_shards(api, table):
    """The numbers of a day and the totals are in as many items as SHARDS says."""
    random.seed(1)
    api.at = NOON
    for _ in range(12):
        api.visit()
    keys = sorted(item["sk"]["S"] for item in table.items("counter#resume"))
    assert keys == [f"{kind}#{shard}" for kind in ("2026-11-22", "total") for shard in range(4)]


def test_history_goes_back_a_year_over_pages_and_changed_shards(api, table, monkeypatch):
    """A history of 366 days is complete when it takes several pages of a query, and when the
    number of shards has grown and shrunk in between. The day before it is kept in the table. A
    history has as many days as requested, or 30, and today is the last one."""
    for ago, shards in ((366, "4"), (365, "4"), (364, "9"), (200, "2"), (1, "1"), (0, "4")):
        monkeypatch.setenv("SHARDS", shards)
        start_new_copy()
        api.at = NOON - timedelta(days=ago)
        for _ in range(4):
            api.visit()
    page_through(monkeypatch, 3)
    days = api.get("/counters/resume/history?days=366").json["days"]
    dates = [(NOON.date() - timedelta(days=ago)).isoformat() for ago in reversed(range(366))]
    assert [day["date"] for day in days] == dates
    counted = {day["date"]: (day["visits"], day["visitors"]) for day in days if day["visits"]}
    assert counted == {dates[-1 - ago]: (4, 1) for ago in (365, 364, 200, 1, 0)}
    assert api.visits() == 24
    assert api.get("/counters/resume/history").json["days"] == days[-30:]
    assert api.get("/counters/resume/history?days=2").json["days"] == days[-2:]
    stored = {item["sk"]["S"].partition("#")[0] for item in table.items("counter#")}
    assert stored - set(dates) == {"2025-11-21", "total"}


def test_today_includes_what_was_imported_today(api, table):
    """The numbers of today are those counted here and those that the owner imported."""
    api.at = NOON
    api.visit()
    for kind in (f"{NOON.date()}", items.TOTAL):
        added = {name: {"N": "5"} for name in items.ADDED}
        item = {**items.key("resume", kind, items.IMPORT), **added}
        table.client.put_item(TableName=table.name, Item=item)
    counter = api.get("/counters/resume").json
    today = {"date": f"{NOON.date()}", "visits": 6, "visitors": 6}
    assert counter == {"counterId": "resume", "visits": 6, "visitors": 6, "today": today}


def page_through(monkeypatch, items):
    """Make every page of a query end after a few items."""
    client = function.function().shared.dynamodb
    query = client.query
    monkeypatch.setattr(client, "query", lambda **call: query(**call, Limit=items))


@pytest.mark.parametrize(("correction", "total"), [(-3, 1), (-100, 0), (2, 6)])
def test_corrections_by_the_owner_are_part_of_the_totals(api, table, correction, total):
    """Corrections change the totals, which do not fall below zero, and not today's numbers.

    Only the attributes that the function cannot write are a correction.
    """
    for _ in range(4):
        api.visit()
    for time in ("2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z"):
        key = {"pk": {"S": "counter#resume"}, "sk": {"S": f"correction#{time}"}}
        item = {**key, "added_visits": {"N": str(correction)}} if time < "2026-11-02" else key
        item["visits"] = {"N": "9"}  # what the function's role may write
        table.client.put_item(TableName=table.name, Item=item)
    counter = api.get("/counters/resume").json
    assert (counter["visits"], counter["visitors"], counter["today"]["visits"]) == (total, 1, 4)


def test_records_expire(api, table):
    """A visit is remembered for 25 hours. See test_secret.py for secrets and networks."""
    api.at = NOON
    api.visit()
    [visit] = table.items("visit#")
    assert int(visit["expires"]["N"]) == (NOON + timedelta(hours=25)).timestamp()


def test_one_line_is_logged_for_each_request_with_its_metric(api, capsys):
    """Each request is one log line. Visits have a metric; the uncounted ones have it by outcome."""
    api.visit()
    api.visit(headers={"Sec-GPC": "1"})
    api.get("/counters/resume")
    counted, opted_out, read = map(json.loads, capsys.readouterr().out.splitlines())
    assert (counted["outcome"], counted["status"], counted["VisitsCounted"]) == ("counted", 201, 1)
    assert (opted_out["outcome"], opted_out["VisitsNotCounted"]) == ("opted-out", 1)
    for line, name, dimensions in (
        (counted, "VisitsCounted", ["function"]),
        (opted_out, "VisitsNotCounted", ["function", "outcome"]),
    ):
        metric = {"Metrics": [{"Name": name, "Unit": "Count"}], "Dimensions": [dimensions]}
        assert line["_aws"]["CloudWatchMetrics"] == [{"Namespace": "Visits", **metric}]
    assert "_aws" not in read
    assert (counted["function"], opted_out["function"]) == ("visits", "visits")
    assert (read["level"], len(read["requestId"])) == ("INFO", 36)
    assert 0 < read["milliseconds"] < 60_000
    assert read["request"] == "GET /counters/{counterId}"
