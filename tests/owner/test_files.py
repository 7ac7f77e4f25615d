"""Files of other tools come in by one path, and doubtful ones do not come in at all."""

from datetime import UTC, datetime

import pytest

from contract.command import CommandError
from owner import days, tables

UMAMI = """\
website_id,session_id,visit_id,event_id,url_path,page_title,event_type,event_name,created_at,job_id
w,s1,v1,e1,/,Home,1,,2026-03-01 10:00:00,
w,s1,v1,e2,/cv,"CV, new",1,,2026-03-01 10:01:00,
w,s1,v1,e3,/cv,CV,2,signup,2026-03-01 10:02:00,
w,s2,v9,e4,/,Home,1,,2026-03-02 09:00:00,
"""
GOATCOUNTER = """\
2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Screen size,Location,FirstVisit,Date
/,Home,false,,,Linux,a,0,,,NL,true,2026-01-02T09:58:00Z
/,Home,false,,,Linux,a,0,,,NL,false,2026-01-02T10:58:00Z
/,Home,false,,,,b,150,,,US,true,2026-01-02T12:00:00Z
click,Home,true,,,,c,0,,,US,true,2026-01-02T12:00:00Z
"""
HIT_STATS = """\
{"hour": "2026-03-05T19:00:00Z", "path_id": 211, "ref_id": 1, "count": 4}
{"hour": "2026-03-05T20:00:00Z", "path_id": 350, "ref_id": 3, "count": 1}
{"hour": "2026-03-07T15:00:00Z", "path_id": 211, "ref_id": 1, "count": 3}
"""
VISITORS = """\
date,visitors,pageviews,bounces,visits,visit_duration
2026-11-01,9,22,4,11,310
"""
PAGES = """\
"date","hostname","page","visits","visitors","pageviews","total_scroll_depth","total_time_on_page"
"2026-11-01","example.com","/",5,4,6,100,30
"2026-11-01","example.com","/cv",2,2,3,100,30
"""
MATOMO = """\
Date,Unique visitors,Visits,Users,Actions,Maximum actions in one visit,Bounce Rate
2026-02-01,16,20,0,55,9,40%
2026-02-02,0,0,0,0,0,0%
"""
GA4 = """\
# ----------------------------------------
# Free form 1
# Start date: 20261101
# ----------------------------------------

Date,Active users,Views
,12,30,Grand total
20261101,5,12
20261102,7,18
"""
SIMPLE = """\
added_iso,path,is_unique,is_robot
2026-04-01T08:00:00.000Z,/,true,false
2026-04-01T09:00:00.000Z,/cv,false,false
2026-04-01T09:30:00.000Z,/,true,true
"""
NOTES = """\
date,visits,visitors,why
2026-10-02,3,1,talk
2026-10-02,4,1,post
"""
FILES = {
    "own notes": (NOTES, [("2026-10-02", 7, 2)]),
    "umami": (UMAMI, [("2026-03-01", 2, 1), ("2026-03-02", 1, 1)]),
    "GoatCounter CSV": (GOATCOUNTER, [("2026-01-02", 2, 1)]),
    "GoatCounter JSON": (HIT_STATS, [("2026-03-05", 5, 0), ("2026-03-07", 3, 0)]),
    "Plausible visitors": (VISITORS, [("2026-11-01", 22, 9)]),
    "Plausible pages": (PAGES, [("2026-11-01", 9, 6)]),
    "Matomo": (MATOMO.encode("utf-16"), [("2026-02-01", 20, 16), ("2026-02-02", 0, 0)]),
    "GA4": (GA4, [("2026-11-01", 12, 5), ("2026-11-02", 18, 7)]),
    "Simple Analytics": (SIMPLE, [("2026-04-01", 2, 1)]),
    "Koko": ("date,pageviews,visitors\r\n2026-04-01,3,2\r\n", [("2026-04-01", 3, 2)]),
    "own, with BOM": ("\ufeffDATE;Visits\n2026-01-02;9\n", [("2026-01-02", 9, 0)]),
    "tabs": ("day\thits\n2026-01-02\t9\n\n", [("2026-01-02", 9, 0)]),
    "bars, offset": ("time|views\n2026-01-02T23:30:00-02:00|9\n", [("2026-01-03", 9, 0)]),
    "array": ('[{"date": "2026-01-02", "visits": 9, "visitors": null}]', [("2026-01-02", 9, 0)]),
    "long field": ("date,title\n2026-01-02," + "x" * 200_000, [("2026-01-02", 1, 0)]),
}


def read(folder, content, counter="resume", **chosen):
    path = folder / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return days.find(tables.read(path), counter, chosen, path)


def numbers(found, counter="resume"):
    return [(day, *both.values()) for day, both in found.numbers.get(counter, {}).items()]


@pytest.mark.parametrize(("content", "expected"), FILES.values(), ids=FILES.keys())
def test_a_file_as_the_tool_writes_it_comes_in(tmp_path, content, expected):
    """Page views are visits, rows of a day are added up; bots, events and totals are left out."""
    assert numbers(read(tmp_path, content)) == expected


def test_the_owner_names_columns_and_reads_which_are_used(tmp_path):
    """Without a column of visits, rows are counted."""
    content = "Tag,Aufrufe,Menschen\n2026-01-02,9,3\n2026-01-02,1,1\n"
    found = read(tmp_path, content, DATE="Tag", VISITS="Aufrufe", VISITORS="menschen")
    assert numbers(found) == [("2026-01-02", 10, 4)]
    assert found.note.endswith("from Tag, visits from Aufrufe, visitors from Menschen.")
    found = read(tmp_path, content, DATE="tag")
    assert numbers(found) == [("2026-01-02", 2, 0)]
    assert "Each row is counted as one visit" in found.note
    for chosen, message in (({}, "no column of dates"), ({"DATE": "day"}, "no column day")):
        with pytest.raises(
            CommandError, match=f"{message}.* DATE=. It has: Tag, Aufrufe, Menschen"
        ):
            read(tmp_path, content, **chosen)


def test_only_the_named_counter_is_imported(tmp_path):
    """COUNTER also names the counter of rows without one."""
    content = "counter,date,visits\nresume,2026-01-02,9\nblog,2026-01-02,5\n,2026-01-03,1\n"
    with pytest.raises(CommandError, match="line 4: it names no counter"):
        read(tmp_path, content, "")
    found = read(tmp_path, content)
    assert numbers(found) == [("2026-01-02", 9, 0), ("2026-01-03", 1, 0)]
    assert list(found.numbers) == ["resume"]
    assert "Left out: 1 of other counters." in found.note


TOMORROW = f"{datetime.now(UTC).year + 1}-01-01"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2026-01-02,1,234,100", "it has 4 cells, and the header has 3"),
        ("2026-01-02,4,9", r"more visitors \(9\) than visits \(4\)"),
        (f"{TOMORROW},4,2", "the date must be a day from 1990"),
        ("1989-12-31,4,2", "the date must be a day from 1990"),
        ("0001-01-01T00:00:00+14:00,4,2", "the date must be a day from 1990"),
        ("02.01.2026,4,2", "not '02.01.2026'"),
        ("2026-01-02,3.9,2", "visits must be a whole number"),
        ("2026-01-02,,0", "visits must be a whole number"),
        (f"2026-01-02,{'9' * 39},0", "visits must be a whole number"),
        ("2026-01-02,٣,0", "visits must be a whole number"),
        ("2026-01-02,4,many", "visitors must be a whole number"),
    ],
)
def test_a_doubtful_row_is_named(tmp_path, row, message):
    """The message has its line, counted with comments and empty lines."""
    with pytest.raises(CommandError, match=f"  line 5: .*{message}"):
        read(tmp_path, f"# comment\n\ndate,visits,visitors\n2026-01-02,1,1\n{row}\n")


def test_many_doubtful_rows_are_named_in_part(tmp_path):
    """The message has the first ones and how many there are."""
    with pytest.raises(CommandError, match=r"line 2: [\s\S]*line 6: .*\n  and 4 more$"):
        read(tmp_path, "date,visits\n" + "yesterday,1\n" * 9)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x1f\x8b\x08", "no text in UTF-8 or UTF-16. If it is compressed"),
        ("date,visits\n".encode("utf-16-le"), "no text in UTF-8"),
        ('date,visits\n2026-01-02,"9\n', "line 2 cannot be read: unexpected end of data"),
        ('{"hour": "2026-01-02T10:00:00Z", "count": 1}\n{"hour', "line 2 cannot be read"),
        ("[" * 100_000, "line 1 cannot be read"),
        ('{"count": ' + "9" * 5000 + "}", "line 1 cannot be read"),
        ("[1]", "row 1 cannot be read"),
    ],
)
def test_an_unreadable_file_is_refused(tmp_path, content, message):
    """The message says what is wrong."""
    with pytest.raises(CommandError, match=message):
        read(tmp_path, content)


def test_a_missing_file_is_refused(tmp_path):
    """The message has its name and the reason of the operating system."""
    with pytest.raises(CommandError, match=r"missing\.csv cannot be read: No such file"):
        tables.read(tmp_path / "missing.csv")
