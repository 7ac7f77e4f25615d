"""How the commands run gh, and what they report when it fails."""

import pytest

from contract.command import CommandError
from release.github import gh

pytestmark = pytest.mark.usefixtures("in_a_step")
READ = "issues?state=open&labels=incident-site&per_page=100"


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The pauses before further attempts, in seconds."""
    waited = []
    monkeypatch.setattr(gh, "sleep", waited.append)
    return waited


def test_a_missing_token_or_gh_is_named(monkeypatch, tmp_path):
    """The message says where the token comes from, and where to get gh."""
    with monkeypatch.context() as patch:
        patch.delenv("GH_TOKEN")
        with pytest.raises(CommandError, match=r"^GH_TOKEN is not set\. In a workflow: env: "):
            gh.run("api", "x")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(gh.GhError, match=r"gh is not installed.*https://cli\.github\.com"):
        gh.run("api", "x")


def test_only_reads_are_repeated(github, pauses):
    """A read is tried four times, with growing pauses. A write may have succeeded."""
    github.failures = 3 * ["Bad Gateway (HTTP 502)"]
    assert gh.get(READ, "--jq=.[]") == ""
    assert pauses == [2, 4, 8]
    github.failures = 9 * ["Bad Gateway (HTTP 502)"]
    with pytest.raises(gh.GhError, match="502"):
        gh.get(READ)
    with pytest.raises(gh.GhError, match="502"):
        gh.send("POST", "deployments", ref="x")
    assert len(github.calls) == 4 + 4 + 1


@pytest.mark.parametrize(
    ("printed", "hint"),
    [
        ("Resource not accessible by integration (HTTP 403)", "lacks a permission"),
        ("API rate limit exceeded (HTTP 403)", "made too many calls"),
        ("Upgrade to GitHub Pro or make this repository public (HTTP 403)", "The free plan"),
        ("the 'a/b' repository has disabled issues", "A fork starts without issues"),
        ("Validation Failed: body is too long (HTTP 422)", ""),
    ],
)
def test_a_failure_has_what_gh_printed_and_what_to_do(github, printed, hint):
    """A rate limit or a plan is not mistaken for a missing permission."""
    github.failures = [printed]
    with pytest.raises(gh.GhError) as caught:
        gh.run("api", "x")
    assert printed in str(caught.value)
    assert hint in str(caught.value)
    assert ("permission" in str(caught.value)) == ("permission" in hint)
