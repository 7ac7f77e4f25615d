"""How the commands run gh, and what they report when it fails."""

import pytest

from release.github import gh
from release.github.runner import Failure

pytestmark = pytest.mark.usefixtures("in_a_step")
READ = "issues?state=open&labels=incident-site&per_page=100"


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The pauses before further attempts, in seconds."""
    waited = []
    monkeypatch.setattr(gh, "sleep", waited.append)
    return waited


@pytest.mark.parametrize("name", ["GITHUB_REPOSITORY", "GH_TOKEN"])
def test_a_missing_variable_is_named(monkeypatch, name):
    """The message names the variable and where it comes from."""
    monkeypatch.delenv(name)
    with pytest.raises(Failure, match=rf"^{name} is not set\. .*(workflow|runner)"):
        gh.run("api", "x")


def test_a_missing_gh_is_reported(monkeypatch, tmp_path):
    """The message says that gh is not installed, and where to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(gh.GhError, match=r"gh is not installed.*https://cli\.github\.com"):
        gh.run("api", "x")


def test_a_read_is_repeated_when_the_server_fails(github, pauses):
    """A read succeeds after three server errors, with growing pauses."""
    github.failures = 3 * ["Bad Gateway (HTTP 502)"]
    assert gh.get(READ, "--jq=.[]") == ""
    assert pauses == [2, 4, 8]


def test_a_read_is_not_repeated_forever(github):
    """After four attempts the last error is reported."""
    github.failures = 9 * ["Bad Gateway (HTTP 502)"]
    with pytest.raises(gh.GhError, match=r"Bad Gateway \(HTTP 502\)"):
        gh.get(READ)
    assert len(github.calls) == 4


def test_a_write_is_not_repeated(github):
    """A write that may have succeeded is not sent again."""
    github.failures = ["Bad Gateway (HTTP 502)"]
    with pytest.raises(gh.GhError, match="502"):
        gh.send("POST", "deployments", ref="x")
    assert len(github.calls) == 1


@pytest.mark.parametrize(
    ("printed", "kind", "hint"),
    [
        ("Resource not accessible by integration (HTTP 403)", gh.Forbidden, "lacks a permission"),
        ("GraphQL: Resource not accessible by integration", gh.Forbidden, "lacks a permission"),
        ("API rate limit exceeded (HTTP 403)", gh.GhError, "made too many calls"),
        ("Bad credentials (HTTP 401)", gh.GhError, "GH_TOKEN is wrong"),
        ("Not Found (HTTP 404)", gh.GhError, "Is GITHUB_REPOSITORY correct"),
        ("the 'a/b' repository has disabled issues", gh.GhError, "A fork starts without issues"),
        ("Validation Failed: body is too long (HTTP 422)", gh.GhError, ""),
    ],
)
def test_a_failure_has_what_gh_printed_and_what_to_do(github, printed, kind, hint):
    """A rate limit is not mistaken for a missing permission."""
    github.failures = [printed]
    with pytest.raises(gh.GhError) as caught:
        gh.run("api", "x")
    assert printed in str(caught.value)
    assert hint in str(caught.value)
    assert type(caught.value) is kind
