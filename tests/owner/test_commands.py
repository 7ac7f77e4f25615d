"""The owner's commands, on a table that the function has filled."""

import json
import os
import subprocess

import pytest

from contract.command import CommandError
from contract.repository import ROOT
from owner import __main__ as main
from owner import commands
from release import totals
from tests.owner.conftest import NOW, add_to_total, check, counted, visit
from visits.settings import DeclaredCounter

BOTS = {"visits": -300, "visitors": 0, "why": "bots\x1b[2J"}


def test_counts_shows_what_the_api_returns(ledger, command):
    """Totals, the last days, a chart, and corrections without their control characters."""
    visit(3)
    visit(2, days_ago=6)
    visit(1, days_ago=29)
    ledger.correct("resume", BOTS, "2026-05-03T10:00:00")
    printed = command("show")
    assert f"resume: {counted().read()['visits']:,} visits, 706 visitors" in printed
    assert "today: 3, last 7 days: 5, last 30 days: 6" in printed
    assert "▃" in printed
    assert "█" in printed
    assert "starting value: 1,000 visits" in printed
    assert "correction 2026-05-03T10:00 UTC: -300 visits, +0 visitors: bots\ufffd[2J" in printed


def test_a_correction_is_undone_by_its_opposite(ledger, command):
    """The API returns the announced number, and days stay as they are."""
    visit(5)
    printed = command("correct", COUNTER="resume", VISITS=-1002, WHY="bots")
    assert "resume: 1,005 visits, 705 visitors will become 3 visits, 705 visitors." in printed
    check(ledger, "resume", 3)
    assert counted().read()["today"]["visits"] == 5
    command("correct", COUNTER="resume", VISITS=1002, WHY="they were real")
    check(ledger, "resume", 1005)


def test_a_sum_below_zero_is_shown_as_it_is(ledger, command):
    """So a correction upwards announces no number that does not come."""
    ledger.correct("resume", {**BOTS, "visits": -1100})
    assert "resume: -100 visits, 700 visitors\n  Numbers below zero" in command("show")
    printed = command("correct", COUNTER="resume", VISITS=50, WHY="real")
    assert "resume: -100 visits, 700 visitors will become -50 visits, 700" in printed
    assert "Numbers below zero are shown as 0" in printed
    check(ledger, "resume", -50)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"VISITS": "-1001"}, "resume has 1,000 visits, so it can be corrected by at most -1,000"),
        ({"VISITS": "many"}, "VISITS must be a whole number"),
        ({"VISITS": "9" * 39}, "VISITS must be a whole number"),
        ({"VISITS": "0"}, "VISITS must be a whole number"),
        ({"COUNTER": "blog", "VISITS": "1"}, "no counter blog. Declared are: resume"),
        ({"WHY": " ", "VISITS": "1"}, "make correct COUNTER=resume VISITS=-7000"),
    ],
)
def test_a_wrong_correction_changes_nothing(ledger, command, variables, message):
    """The message says what is wrong."""
    with pytest.raises(CommandError, match=message):
        command("correct", **{"COUNTER": "resume", "WHY": "bots", **variables})
    check(ledger, "resume", 1000)


def test_a_wrong_total_is_shown_and_repaired(ledger, command, monkeypatch):
    """Only if two readings agree: a visit that is counted between two items is no difference."""
    visit(2)
    assert "wrong" not in command("show")
    assert "Nothing was changed" in command("repair", COUNTER="resume")
    add_to_total(20)
    read = totals.read
    assert "The total of resume is wrong: +20 visits more than the sum" in command("show")
    assert "make repair COUNTER=resume" in command("show")
    printed = command("repair", COUNTER="resume")
    assert "resume: 1,022 visits, 702 visitors will become 1,002 visits, 702 visitors" in printed
    check(ledger, "resume", 1002)
    readings = iter([[], read(ledger._client, ledger._table, "resume")[:1]])
    monkeypatch.setattr(totals, "read", lambda *_: next(readings))
    assert ledger.excess("resume") == {"visits": 0, "visitors": 0}


def test_an_export_can_be_imported_elsewhere(ledger, command):
    """Every day has the same numbers, every correction its reason, and importing the file again
    changes nothing. COUNTER limits it. A counter that was only corrected has no days."""

    def import_into_copy():
        text = commands.EXPORT.read_text().replace("resume", "copy")
        commands.EXPORT.write_text(text)
        with pytest.raises(CommandError, match=r"nothing to import\. 0 rows"):
            command("import_file", FILE=commands.EXPORT, COUNTER="resume")
        return command("import_file", FILE=commands.EXPORT)

    ledger.correct("resume", BOTS)
    command("export")
    assert "copy has 700 visits, 700 visitors now." in import_into_copy()
    visit(3)
    visit(2, days_ago=40)
    ledger.import_days("resume", {"2026-01-02": {"visits": 9, "visitors": 1}})
    assert "build/export/visits.csv: 3 days of 2 counters" in command("export")
    assert "will become 714 visits, 706 visitors" in import_into_copy()
    assert "copy has 714 visits, 706 visitors now" in import_into_copy()
    check(ledger, "copy", 714)
    copy, original = ledger.read("copy"), ledger.read("resume")
    assert copy.imported.keys() == set(original.sums.dates())
    assert copy.corrections == original.corrections


def test_the_preview_of_an_import_says_what_comes_out(ledger, command, tmp_path):
    """Days that were counted here are added to, and those that were imported are replaced."""
    visit(3)
    (tmp_path / "old.csv").write_text(f"date,visits\n{NOW.date()},10\n2024-02-29,5\n")
    first = command("import_file", FILE="old.csv", COUNTER="resume")
    assert (
        "old.csv: 2 rows. Dates are from date, visits from visits.\nresume: 2 days, 2024" in first
    )
    assert "  Added to visits that were counted here: 1 day.\n" in first
    assert "resume: 1,003 visits, 703 visitors will become 1,018 visits, 703 visitors.\n" in first
    assert counted().read()["today"]["visits"] == 13
    again = command("import_file", FILE="old.csv", COUNTER="resume")
    assert "  Imported before, and now replaced: 2 days.\n" in again
    assert "resume: 1,018 visits, 703 visitors will become 1,018 visits, 703 visitors.\n" in again
    check(ledger, "resume", 1018)


def test_an_export_that_fails_leaves_the_earlier_one(command):
    """Only a complete file replaces it."""
    command("export")
    before = commands.EXPORT.read_text()
    visit(1)
    commands.EXPORT.with_suffix(".new").mkdir()
    with pytest.raises(CommandError, match="cannot be written: Is a directory"):
        command("export")
    assert commands.EXPORT.read_text() == before


def test_make_passes_values_as_they_are(table, tmp_path, exact_dynamodb):
    """make does not expand a dollar sign, a proxy does not get what is for the local database, and
    control characters do not reach the terminal."""
    (tmp_path / "a$b.csv").write_text("date,visits\n2026-01-02,7\n")
    proxy = dict.fromkeys(("HTTP_PROXY", "http_proxy"), "http://127.0.0.1:9")
    environment = {**os.environ, **proxy, "COUNTERS": json.dumps({"resume": {}})}
    environment = {name: value for name, value in environment.items() if "MAKE" not in name}
    environment["TERRAFORM_PLUGIN_DIR"] = "unused"  # otherwise make searches for it

    def make(*arguments):
        return subprocess.run(
            ["make", "--silent", *arguments],
            cwd=ROOT,
            env=environment,
            input="y\n",
            capture_output=True,
            text=True,
            check=False,
        )

    done = make("import", f"FILE={tmp_path}/a$b.csv", "COUNTER=resume")
    assert "resume has 7 visits, 0 visitors now." in done.stdout, done.stderr
    make("correct", "COUNTER=resume", "VISITS=1", "WHY=$5 for \x1b[31m$(shell id)")
    assert "+0 visitors: $5 for \ufffd[31m$(shell id)\n" in make("counts").stdout


@pytest.mark.parametrize("text", ["resume", '{"blog": 5}', "[]", '{"Blog": {}}'])
def test_the_local_stack_is_selected_by_its_endpoint(monkeypatch, text):
    """Nothing has to be deployed for it, and COUNTERS declares its counters as for make run."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
    monkeypatch.setenv("COUNTERS", json.dumps({"blog": {"visits": 5}}))
    assert main.connect().declared == {"blog": DeclaredCounter(visits=5)}
    monkeypatch.setenv("COUNTERS", text)
    with pytest.raises(CommandError, match="COUNTERS must declare counters"):
        main.connect()
