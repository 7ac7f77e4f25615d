"""The owner's commands, on a table that the function has filled."""

import json
import os
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import boto3
import pytest

from release import counts, history_files
from release.terraform import DeployError
from visits.counting.counter import Counter
from visits.counting.table import Table
from visits.counting.visitor import Visitor
from visits.settings import DeclaredCounter

NOW = datetime.now(UTC)
GOATCOUNTER = """\
2Path,Title,Event,Bot,Session,Date
/,Home,false,0,a,2026-01-02T10:00:00Z
/,Home,false,0,a,2026-01-02T11:00:00Z
/,Home,false,150,b,2026-01-02T12:00:00Z
"""
START = DeclaredCounter(visits=1000, visitors=700)


@pytest.fixture
def settings(table, monkeypatch, tmp_path):
    """A table, and a working directory for the files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(counts, "confirm", lambda *_: None)
    monkeypatch.setattr(counts, "FOLDER", tmp_path / "build" / "export")
    monkeypatch.setattr(counts, "today", NOW.date)  # the tests may run at midnight
    return monkeypatch


@pytest.fixture
def owner(settings):
    """The owner of the counter `resume`."""
    table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
    return counts.Counters(table, {"resume": vars(START)})


def api(settings, when=NOW):
    """Return the counter as the function reads it."""
    table = Table(boto3.client("dynamodb"), os.environ["TABLE_NAME"])
    return Counter("resume", START, 4, 0, table, when)


def visit(settings, times, days_ago=0):
    for number in range(times):
        counter = api(settings, NOW - timedelta(days=days_ago))
        counter.record(str(uuid4()), Visitor(f"network {number}", b"browser"))


def test_counts_shows_what_the_api_returns(settings, owner, capsys):
    """Totals, the last days, and a chart."""
    visit(settings, 3)
    visit(settings, 2, days_ago=6)
    visit(settings, 1, days_ago=29)
    counts.show(owner)
    printed = capsys.readouterr().out
    assert f"resume: {api(settings).read()['visits']:,} visits, 706 visitors" in printed
    assert "today: 3, last 7 days: 5, last 30 days: 6" in printed
    assert "▃" in printed
    assert "█" in printed
    assert "starting value: 1,000 visits" in printed


def test_a_correction_is_listed_and_undone_by_its_opposite(settings, owner, capsys):
    """The API returns the corrected number, and days stay as they are."""
    visit(settings, 5)
    settings.setenv("COUNTER", "resume")
    settings.setenv("WHY", "bots on 3 May")
    settings.setenv("VISITS", "-1002")
    counts.correct(owner)
    assert api(settings).read()["visits"] == 3
    assert api(settings).read()["today"]["visits"] == 5
    counts.show(owner)
    assert "-1,002 visits, +0 visitors: bots on 3 May" in capsys.readouterr().out
    settings.setenv("VISITS", "1002")
    counts.correct(owner)
    assert api(settings).read()["visits"] == 1005


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"VISITS": "-1001"}, "resume has 1,000 visits, so it can be corrected by at most -1,000"),
        ({"VISITS": "many"}, "VISITS must be a whole number that is not 0"),
        ({"VISITS": "0"}, "VISITS must be a whole number that is not 0"),
        ({"COUNTER": "blog", "VISITS": "1"}, "no counter blog. Declared are: resume"),
        ({"WHY": " ", "VISITS": "1"}, "make correct COUNTER=resume VISITS=-7000"),
    ],
)
def test_a_wrong_correction_changes_nothing(settings, owner, variables, message):
    """The message says what is wrong."""
    for name, value in {"COUNTER": "resume", "WHY": "bots", **variables}.items():
        settings.setenv(name, value)
    with pytest.raises(DeployError, match=message):
        counts.correct(owner)
    assert owner.read("resume").corrections == {}


@pytest.mark.parametrize("name", ["visits.csv", "visits.json"])
def test_an_export_can_be_imported_elsewhere(settings, owner, name):
    """Every day has the same numbers, and importing the file again changes nothing. The JSON has
    the corrections, too. The export creates its folder."""
    owner.correct("resume", "2026-05-03T10:00", {"visits": -1, "visitors": 0, "why": "bots"})
    visit(settings, 3)
    visit(settings, 2, days_ago=40)
    counts.export(owner)
    elsewhere = counts.Counters(owner._table, {"copy": {}})
    file = counts.FOLDER / name
    file.write_text(file.read_text().replace("resume", "copy"))
    settings.setenv("FILE", str(file))
    for _ in range(2):
        counts.import_file(elsewhere)
        copied, own = elsewhere.read("copy"), owner.read("resume")
        assert copied.days == own.days
        assert copied.total == own.total
        assert copied.corrections == (own.corrections if name.endswith("json") else {})


def test_corrections_are_exported_without_days(settings, owner):
    """A counter that was only corrected keeps its corrections in another table."""
    owner.correct("resume", "2026-05-03T10:00", {"visits": -1, "visitors": 0, "why": "bots"})
    counts.export(owner)
    file = counts.FOLDER / "visits.json"
    file.write_text(file.read_text().replace("resume", "copy"))
    settings.setenv("FILE", str(file))
    elsewhere = counts.Counters(owner._table, {"copy": {}})
    counts.import_file(elsewhere)
    assert elsewhere.read("copy").corrections == owner.read("resume").corrections
    file.write_text('{"days": [], "corrections": {"copy": {"2026-05-03": {"visits": -1}}}}')
    with pytest.raises(DeployError, match="no JSON that `make export` has written"):
        counts.import_file(elsewhere)


def test_imported_days_are_added_to_counted_ones(settings, owner, tmp_path):
    """The API's totals and history have both."""
    visit(settings, 3)
    (tmp_path / "old.csv").write_text(f"date,visits\n{NOW.date()},10\n2024-02-29,5\n")
    settings.setenv("FILE", "old.csv")
    settings.setenv("COUNTER", "resume")
    counts.import_file(owner)
    assert api(settings).read()["visits"] == 1018
    assert api(settings).history(1)["days"][0]["visits"] == 13


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "date,visitors,pageviews,bounces,visits,visit_duration\n2026-01-02,3,9,1,4,120\n",
            [("2026-01-02", 9, 3)],
        ),
        (GOATCOUNTER, [("2026-01-02", 2, 1)]),
        ("date,visits\n2026-01-02,9\n", [("2026-01-02", 9, 0)]),
    ],
    ids=["Plausible", "GoatCounter", "plain"],
)
def test_files_of_other_counters_are_read(tmp_path, text, expected):
    """Page views are visits, sessions are not, and bots are left out."""
    (tmp_path / "file.csv").write_text(text)
    days = history_files.read(tmp_path / "file.csv", "resume")
    assert [(day.date, day.visits, day.visitors) for day in days] == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no rows"),
        ("Date,visits\n2026-01-02,250\n", "has no columns that are known"),
        ("Date,Session,Bot\n2026-01-02,a,150\n", "has only bots"),
        ("date,visits\n2026-01-02,3.9\n", "row 1 cannot be read"),
        ("day,count\n1,2\n", "has no columns that are known"),
        ("date,visits\n2026-02-30,1\n", "row 1 cannot be read: date"),
        ("date,visits\n2026-01-02,1\n2026-01-03,x\n", "row 2 cannot be read"),
        ("date,visits\n2026-01-02,-1\n", "row 1 cannot be read: .*whole numbers of 0 or more"),
        ("date,visits\n2026-01-02,\n", "row 1 cannot be read"),
        ("date,visits\n2026-01-02\n", "row 1 cannot be read"),
        ("date,visits\n2099-01-01,1\n", "row 1 cannot be read: date must be today or"),
        ("counter,date,visits\nblog,2026-01-02,1\n", "row 1 is of the counter blog, not of resume"),
        ("date,visits\n2026-01-02,1\n2026-01-02,2\n", "has 2 rows of resume on 2026-01-02"),
    ],
)
def test_an_unreadable_file_is_refused(tmp_path, text, message):
    """The message names the row and what is wrong."""
    (tmp_path / "file.csv").write_text(text)
    with pytest.raises(DeployError, match=message):
        history_files.read(tmp_path / "file.csv", "resume")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\x1f\x8b\x08", "unpack it first"), (None, "cannot be read: No such file")],
)
def test_a_compressed_or_missing_file_is_refused(tmp_path, content, message):
    """The message says what to do."""
    if content:
        (tmp_path / "export.csv.gz").write_bytes(content)
    with pytest.raises(DeployError, match=message):
        history_files.read(tmp_path / "export.csv.gz", "resume")


def test_a_file_without_a_counter_needs_its_name(tmp_path):
    """The message shows the command."""
    (tmp_path / "file.csv").write_text("date,visits\n2026-01-02,1\n")
    with pytest.raises(DeployError, match="make import COUNTER=resume"):
        history_files.read(tmp_path / "file.csv", "")


def test_the_local_stack_is_selected_by_its_endpoint(settings):
    """Nothing has to be deployed for it, and COUNTERS declares its counters as for make run."""
    settings.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
    settings.setenv("COUNTERS", json.dumps({"blog": {"visits": 5}}))
    assert counts.connect().declared == {"blog": {"visits": 5}}
    settings.setenv("COUNTERS", '{"blog": 5}')
    with pytest.raises(DeployError, match="COUNTERS must be JSON such as"):
        counts.connect()
    settings.setenv("COUNTERS", "resume")
    with pytest.raises(DeployError, match=r"COUNTERS must be JSON such as .*, not resume"):
        counts.connect()
