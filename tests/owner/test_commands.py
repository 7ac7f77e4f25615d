"""The owner's commands, on a table that the function has filled."""

import pytest

from contract.command import CommandError
from owner import commands
from release import totals
from tests.owner.conftest import NOW, add_to_total, check, counted, visit

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


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"VISITS": "-1001"}, "resume has 1,000 visits, so it can be corrected by at most -1,000"),
        ({"VISITS": "many"}, "VISITS must be a whole number"),
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
