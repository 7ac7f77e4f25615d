"""One open issue for each kind of incident."""

import json

import pytest

from release.github import incident, runner

PLACE = "commit 0000000, in [this run](https://github.example/robin/visits/actions/runs/7)."
HEALTHY = {"outcome": "It works.", "healthy": "true"}


@pytest.fixture
def report(github, monkeypatch):
    """Returns a function that reports what a job has done."""

    def report(kind, status, result=None):
        environment = {"KIND": kind, "STATUS": status, "RESULT": json.dumps(result)}
        for name, value in {**environment, "GITHUB_JOB": "production"}.items():
            monkeypatch.setenv(name, value)
        incident.main()

    return report


@pytest.mark.parametrize(
    ("status", "result", "text"),
    [
        ("failure", {"outcome": "It was rolled back.", "healthy": "false"}, "It was rolled back."),
        ("failure", None, "There is no result: the set-up failed"),
        ("cancelled", {}, "There is no result: the set-up failed"),
        ("failure", HEALTHY, "It works."),  # a later step failed
        ("success", {}, None),  # a late run
    ],
)
def test_an_issue_is_opened_for_what_failed(report, github, status, result, text):
    """The text says what is known. A run that changed nothing neither opens nor closes an issue."""
    github.add_issue("The live site is broken", "incident-site")
    report("release", status, result)
    assert github.open_issues == [
        "The live site is broken",
        *(["A release failed"] if text else []),
    ]
    if text:
        assert github.texts[0].startswith(f"**{text}")
        assert f"The result of the job production is {status}: {PLACE}" in github.texts[0]


def test_a_healthy_run_closes_its_incidents(report, github):
    """A release ends with a test of the site. The daily test closes only the site's incident."""
    for kind in ("site", "release"):
        github.add_issue(kind, f"incident-{kind}")
    report("site", "success", HEALTHY)
    assert github.open_issues == ["release"]
    report("release", "success", HEALTHY)
    assert github.open_issues == []
    assert github.texts[-1] == f"It works again: {PLACE}"


def test_a_second_incident_is_a_comment(report, github):
    """While an issue of the kind is open there is no second one, even if its title was edited.

    The text of a page mentions no account, even if it has an @.
    """
    github.add_issue("No number since Tuesday", "incident-site")
    report("site", "failure", {"outcome": "The page shows @everyone."})
    assert github.open_issues == ["No number since Tuesday"]
    assert github.texts[0].startswith("**The page shows @\u200beveryone.**")


def test_an_annotation_is_one_line(github, capsys):
    """A text with line breaks cannot start a workflow command."""
    runner.say("a\n::notice::b%0A", "error")
    assert capsys.readouterr().out == "::error::a%0A::notice::b%250A\n"
