"""What counts, what does not, and how long it is remembered."""

import json
import random
from datetime import date, timedelta
from uuid import uuid4

import pytest

from tests.conftest import NOON, PERSON, Api
from visits import handler, visitor
from visits.counter import update_expression

MIDNIGHT = NOON + timedelta(hours=12)


@pytest.mark.parametrize("hours", [0, 1, 12.5, 24])
def test_a_visit_counts_once_for_at_least_a_day(api, hours):
    """The same visitId does not count again within 24 hours, midnight or not."""
    visit_id = str(uuid4())
    api.at = NOON
    api.visit(visit_id)
    api.at = NOON + timedelta(hours=hours)
    assert api.visit(visit_id).json["reason"] == "replayed"
    assert api.visits() == 1


def test_a_record_that_dynamodb_has_not_deleted_yet_is_forgotten_in_time(api):
    """DynamoDB deletes days late: the time in the record decides, not its presence."""
    visit_id = str(uuid4())
    api.at = NOON
    api.visit(visit_id)
    api.at = NOON + timedelta(hours=26)
    assert api.visit(visit_id).status_code == 201


@pytest.mark.parametrize("spell", [str.upper, "{}-".format, lambda visit_id: visit_id + 4000 * "-"])
def test_a_visit_id_is_the_same_however_it_is_spelled(api, spell):
    """uuidgen prints capitals on some systems, and openapi-core takes any number of hyphens."""
    visit_id = str(uuid4())
    api.visit(visit_id)
    assert api.visit(spell(visit_id)).json["reason"] == "replayed"


def test_a_visit_id_counts_once_for_each_counter(api):
    """Two counters on one page share the page view's id."""
    visit_id = str(uuid4())
    assert api.visit(visit_id, "resume").status_code == 201
    assert api.visit(visit_id, "moved").status_code == 201


def test_a_person_is_one_visitor_all_day(api):
    """Five page views by one person are five visits and one visitor."""
    for _ in range(5):
        api.visit()
    counter = api.get("/counters/resume").json
    assert (counter["visits"], counter["visitors"]) == (5, 1)


def test_a_person_is_one_visitor_from_morning_to_night(api):
    """The first and the last minute of a day are the same day to a person."""
    api.at = NOON - timedelta(hours=12)
    api.visit()
    api.at = NOON + timedelta(hours=11, minutes=59)
    assert api.visit().json["visitors"] == 1


@pytest.mark.parametrize("other", [{"ip": "203.0.113.8"}, {"user_agent": f"{PERSON} Edg/156"}])
def test_another_address_or_browser_is_another_visitor(api, other):
    """People are told apart by address and browser."""
    api.visit()
    assert Api(**other).visit().json["visitors"] == 2


def test_a_person_who_comes_back_tomorrow_is_a_visitor_again(api):
    """visitors counts a person once for each day (UTC)."""
    api.at = MIDNIGHT - timedelta(seconds=1)
    api.visit()
    api.at = MIDNIGHT
    counter = api.visit().json
    assert (counter["visits"], counter["visitors"]) == (2, 2)
    assert counter["today"] == {"date": "2026-11-23", "visits": 1, "visitors": 1}


def test_a_request_that_is_late_at_midnight_takes_nobody_from_the_next_day(api):
    """Sent before midnight, handled when there is only the next day's secret: both days count."""
    api.at = MIDNIGHT
    Api(at=MIDNIGHT, ip="203.0.113.8").visit()
    visitor._secrets.clear()  # as in a copy that has just started
    api.at = MIDNIGHT - timedelta(seconds=1)
    assert api.visit().json["today"] == {"date": "2026-11-22", "visits": 1, "visitors": 1}
    api.at = MIDNIGHT + timedelta(hours=1)
    assert api.visit().json["today"] == {"date": "2026-11-23", "visits": 2, "visitors": 2}


@pytest.mark.parametrize(
    ("reason", "headers"),
    [
        ("bot", {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}),
        ("bot", {"User-Agent": f"{PERSON} HeadlessChrome/156.0.0.0"}),
        ("prefetch", {"Sec-Purpose": "prefetch;prerender"}),
        ("prefetch", {"sec-purpose": "prefetch"}),
        ("opted-out", {"Sec-GPC": "1"}),
        ("opted-out", {"sec-gpc": "1", "User-Agent": "Googlebot/2.1"}),
    ],
)
def test_who_is_not_counted_gets_the_number_and_the_reason(api, table, reason, headers):
    """Bots, prefetches and opt-outs are answered, and leave nothing in the table."""
    api.visit()
    before = table.scan(TableName="visits")["Items"]
    response = api.visit(headers=headers)
    assert response.status_code == 200
    assert response.json["reason"] == reason
    assert response.json["visits"] == 1
    assert table.scan(TableName="visits")["Items"] == before


@pytest.mark.parametrize("headers", [{"Sec-GPC": "0"}, {"User-Agent": "curl/8.14.1"}])
def test_who_is_counted_all_the_same(api, headers):
    """Sec-GPC counts as said only when it is 1, and curl is how the README tries the API."""
    assert api.visit(headers=headers).status_code == 201


def test_a_program_counts_on_the_counter_of_the_tests(api):
    """The suite that watches the site is a bot, and counts on `smoke` as a person does."""
    robot = {"User-Agent": f"{PERSON} HeadlessChrome/156.0.0.0"}
    assert api.visit(counter="smoke", headers=robot).status_code == 201
    assert api.visit(counter="smoke", headers={**robot, "Sec-GPC": "1"}).status_code == 200
    assert api.visit(counter="resume", headers=robot).json["reason"] == "bot"


def test_a_counter_that_moved_in_keeps_its_number(api):
    """A declared start is added to what is counted here."""
    api.visit(counter="moved")
    counter = api.get("/counters/moved").json
    assert (counter["visits"], counter["visitors"]) == (1001, 701)
    assert counter["today"]["visits"] == 1


def test_more_or_fewer_shards_lose_nothing(api, monkeypatch):
    """The number of shards may be changed at any time, both ways."""
    for shards in ("1", "9", "2"):
        monkeypatch.setenv("SHARDS", shards)
        handler.start.cache_clear()
        for _ in range(3):
            api.visit()
    assert api.visits() == 9


def test_totals_are_spread_over_the_shards(api, table):
    """Writes go to as many items as the owner asks for."""
    random.seed(1)
    for _ in range(12):
        api.visit()
    shards = table.query(
        TableName="visits",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "counter#resume"}},
    )["Items"]
    assert len(shards) == 4


def test_history_has_every_day_and_today_last(api):
    """Thirty entries by default, as many as asked for, and zero for days without visits."""
    for ago in (29, 3, 3, 0):
        api.at = NOON - timedelta(days=ago)
        api.visit()
    days = api.get("/counters/resume/history").json["days"]
    assert [day["date"] for day in days] == [
        (NOON.date() - timedelta(days=ago)).isoformat() for ago in reversed(range(30))
    ]
    assert {day["date"]: day["visits"] for day in days if day["visits"]} == {
        "2026-10-24": 1,
        "2026-11-19": 2,
        "2026-11-22": 1,
    }
    assert api.get("/counters/resume/history?days=2").json["days"] == days[-2:]


def test_a_day_that_left_the_history_leaves_the_table(api, table, monkeypatch):
    """A shard holds no more than the days that are shown, so that it stays one write unit."""
    monkeypatch.setenv("SHARDS", "1")
    for ago in (45, 31, 30, 29, 0):
        api.at = NOON - timedelta(days=ago)
        api.visit()
    days = {name[1:] for item in table.scan(TableName="visits")["Items"] for name in item}
    assert {"20261024", "20261122"} <= days
    assert not {"20261008", "20261022", "20261023"} & days
    assert api.visits() == 5


def test_a_full_shard_is_one_write_unit():
    """A shard with thirty days of a million visits each stays below DynamoDB's 1 KB."""
    number = 4  # bytes: a sign or exponent, and two digits in each of the others
    totals = len("visits") + len("visitors") + 2 * 6
    days = 30 * 2 * (len("v20261122") + number)
    keys = len("pk") + len("counter#") + 64 + len("sk") + len("99")
    assert keys + totals + days < 1024
    assert len(update_expression(date(2026, 11, 22))) < 4096  # DynamoDB's limit


def test_one_line_is_logged_for_each_request_with_its_metric(api, capsys):
    """CloudWatch reads the line as a log and as a metric, by outcome."""
    api.visit()
    api.visit(headers={"Sec-GPC": "1"})
    api.get("/counters/resume")
    counted, opted_out, read = map(json.loads, capsys.readouterr().out.splitlines())
    assert (counted["outcome"], counted["status"], counted["VisitsCounted"]) == ("counted", 201, 1)
    [metric] = counted["_aws"]["CloudWatchMetrics"]
    assert metric["Metrics"] == [{"Name": "VisitsCounted", "Unit": "Count"}]
    assert metric["Dimensions"] == [["function"]]
    [metric] = opted_out["_aws"]["CloudWatchMetrics"]
    assert metric["Dimensions"] == [["function", "outcome"]]
    assert opted_out["outcome"] == "opted-out"
    assert "_aws" not in read
    assert (read["level"], len(read["requestId"])) == ("INFO", 36)
    assert 0 < read["milliseconds"] < 60_000
    assert read["request"] == "GET /counters/{counterId}"
