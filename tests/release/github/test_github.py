"""How the pipeline speaks with GitHub."""

import pytest
import urllib3

from local.serving import serving
from release.github import github
from release.github.runner import Failure
from tests.release.github import github_api


@pytest.fixture
def repository():
    return github_api.GitHub()


@pytest.fixture
def pauses(monkeypatch):
    """How long it would have waited before it tried again."""
    waited = []
    monkeypatch.setattr(urllib3.util.retry.time, "sleep", waited.append)
    return waited


@pytest.fixture
def client(repository, monkeypatch, pauses):
    with serving(repository) as url:
        for name, value in repository.environment(url).items():
            monkeypatch.setenv(name, value)
        yield github.GitHub()


@pytest.mark.parametrize("name", ["GITHUB_REPOSITORY", "GITHUB_TOKEN"])
def test_what_the_environment_lacks_is_named(monkeypatch, name):
    """A missing variable is named, with where it comes from."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "somebody/counter")
    monkeypatch.setenv("GITHUB_TOKEN", "a-token")
    monkeypatch.delenv(name)
    with pytest.raises(Failure, match=rf"^{name} is not set\. .*(workflow|runner)"):
        github.GitHub()


def test_a_long_list_is_read_to_its_end(client, repository):
    """More than a page of things are all found, once each."""
    numbers = [repository.add_issue() for _ in range(7)]
    assert [each["number"] for each in client.pages("issues?state=open&per_page=3")] == numbers
    assert len(repository.calls) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("call", ["get", "patch"])
def test_a_hiccup_is_not_noticed(client, repository, pauses, status, call):
    """What can be done twice is tried again, after a pause that grows."""
    number = repository.add_issue()
    repository.fail(status, times=3)
    assert client.get("issues") if call == "get" else client.patch(f"issues/{number}", title="x")
    assert (len(repository.calls), pauses) == (4, [2, 4])


def test_an_outage_is_said(client, repository, pauses):
    """After some tries it gives up, and says what it heard last."""
    repository.fail(502, "Server Error", times=9)
    with pytest.raises(github.GitHubError, match=r"refused GET .*/issues: 502 Server Error"):
        client.get("issues")
    assert (len(repository.calls), pauses) == (5, [2, 4, 8])


def test_nothing_is_made_twice(client, repository):
    """A POST that may have worked is not repeated."""
    repository.fail(502)
    with pytest.raises(github.GitHubError, match="502"):
        client.post("issues", title="One", body="")
    assert len(repository.calls) == 1


@pytest.mark.parametrize("status", [403, 429])
def test_a_rate_limit_is_waited_for(client, repository, pauses, status):
    """GitHub says how long, and that it did nothing: a POST is repeated too."""
    repository.fail(status, "You have exceeded a secondary rate limit", Retry_After=17)
    assert client.post("issues", title="One", body="")["title"] == "One"
    assert pauses == [17]


@pytest.mark.parametrize("status", [403, 429])
def test_a_rate_limit_without_an_end_is_no_lack_of_permission(client, repository, status):
    """Without a time to wait it fails and says why, and no pull request is taken for a fork's."""
    repository.fail(status, "API rate limit exceeded")
    with pytest.raises(github.GitHubError, match="called too often") as caught:
        client.get("issues")
    assert not isinstance(caught.value, github.Forbidden)


def test_a_missing_permission_is_named(client, repository):
    """GitHub says which one, and the message spells it as a workflow does."""
    repository.read_only = True
    with pytest.raises(github.Forbidden, match="issues: write or pull-requests: write") as caught:
        client.post("issues", title="One", body="")
    assert "403 Resource not accessible by integration" in str(caught.value)


def test_a_wrong_token_is_said(client, repository):
    """A token that GitHub does not know."""
    repository.token = "another"
    with pytest.raises(github.GitHubError, match=r"401 Bad credentials\. GITHUB_TOKEN is wrong"):
        client.get("issues")


def test_a_wrong_repository_is_said(client):
    """What is not there, or hidden from the token."""
    with pytest.raises(github.Missing, match=r"404 Not Found\. Is GITHUB_REPOSITORY right"):
        client.get("issues/404/comments")
    assert client.find("labels/none") is None


def test_a_fork_without_issues_is_said(client, repository):
    """Forks begin without."""
    repository.fail(410, "Issues has been disabled in this repository.")
    with pytest.raises(github.GitHubError, match=r"repository\. A fork begins without issues"):
        client.post("issues", title="One", body="")


def test_the_rule_that_a_call_breaks_is_said(client, repository):
    """GitHub's own words reach the log."""
    number = repository.add_issue()
    with pytest.raises(github.GitHubError, match=r"422 Validation Failed: .*body is too long"):
        client.post(f"issues/{number}/comments", body="x" * 65_537)


@pytest.mark.parametrize("body", ["<h1>Sorry</h1>", "[]", "{}"])
def test_a_proxy_is_understood(monkeypatch, pauses, body):
    """An answer that is not GitHub's is a failure like others."""
    with serving(github_api.Response(body, 418)) as url:
        for name, value in github_api.GitHub().environment(url).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(github.GitHubError, match="418 I'M A TEAPOT"):
            github.GitHub().get("issues")


def test_a_server_that_is_not_there_is_named(monkeypatch, pauses):
    """After some tries, the address and the cause."""
    with serving(github_api.GitHub()) as url:
        pass
    for name, value in github_api.GitHub().environment(url).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(github.GitHubError, match=f"did not answer GET {url}/repos/.*refused"):
        github.GitHub().get("issues")
    assert pauses == [2, 4, 8]
