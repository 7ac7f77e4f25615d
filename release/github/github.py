"""What we need of GitHub's REST API, for the repository of this run.

https://docs.github.com/en/rest
"""

import json
import os
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import urllib3

from release.github.runner import Failure, variable

VERSION = "2022-11-28"  # https://docs.github.com/en/rest/about-the-rest-api/api-versions
TIMEOUT = urllib3.Timeout(connect=10, read=30)
IDEMPOTENT = {"GET", "PATCH"}  # whatever we PATCH, we set
UNSTABLE = {500, 502, 503, 504}
RATE_LIMITED = {403, 429}
TOKEN = "In a workflow: env: GITHUB_TOKEN: ${{ github.token }}"  # noqa: S105 - where one comes from


class GitHubError(Failure):
    """GitHub refused, or did not answer."""


class Forbidden(GitHubError):
    """The token may not do this."""


class Missing(GitHubError):
    """There is no such thing, or the token may not see it."""


KINDS: dict[int, type[GitHubError]] = {
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: Missing,
}
HINTS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "GITHUB_TOKEN is wrong, or has expired with its run.",
    HTTPStatus.NOT_FOUND: "Is GITHUB_REPOSITORY right, and may GITHUB_TOKEN read it?",
    HTTPStatus.GONE: "A fork begins without issues: switch them on in its settings.",
}


class Retries(urllib3.Retry):
    """Nothing is done twice: a POST is repeated only where GitHub says that it did nothing."""

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        if status_code in RATE_LIMITED:
            return has_retry_after
        return method in IDEMPOTENT and status_code in UNSTABLE


class GitHub:
    """The repository that the environment names. Paths are relative to it."""

    def __init__(self) -> None:
        repository = variable("GITHUB_REPOSITORY")
        api = os.environ.get("GITHUB_API_URL") or "https://api.github.com"
        self._root = f"{api}/repos/{repository}"
        self._pool = urllib3.PoolManager(
            retries=Retries(4, backoff_factor=1, raise_on_status=False, allowed_methods=IDEMPOTENT),
            timeout=TIMEOUT,
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {variable('GITHUB_TOKEN', TOKEN)}",
                "User-Agent": repository,
                "X-GitHub-Api-Version": VERSION,
            },
        )

    def get(self, path: str) -> Any:
        return self._call("GET", f"{self._root}/{path}").json()

    def find(self, path: str) -> Any:
        """The same, or None when there is no such thing."""
        try:
            return self.get(path)
        except Missing:
            return None

    def pages(self, path: str) -> Iterator[Any]:
        """What a list has, over all of its pages."""
        url = f"{self._root}/{path}"
        while url:
            answer = self._call("GET", url)
            yield from answer.json()
            following = re.search(r'<([^>]+)>; rel="next"', answer.headers.get("Link", ""))
            url = following[1] if following else ""

    def post(self, path: str, **body: Any) -> Any:
        return self._call("POST", f"{self._root}/{path}", body).json()

    def patch(self, path: str, **body: Any) -> Any:
        return self._call("PATCH", f"{self._root}/{path}", body).json()

    def _call(self, method: str, url: str, body: Any = None) -> urllib3.BaseHTTPResponse:
        try:
            answer = self._pool.request(method, url, json=body)
        except urllib3.exceptions.HTTPError as error:
            raise GitHubError(f"GitHub did not answer {method} {url}: {error}") from None
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise refusal(f"{method} {url}", answer)
        return answer


def refusal(call: str, answer: urllib3.BaseHTTPResponse) -> GitHubError:
    """What GitHub said, and what to do."""
    said = message(answer)
    kind, hint = KINDS.get(answer.status, GitHubError), HINTS.get(answer.status, "")
    if "rate limit" in said:
        kind, hint = GitHubError, "The token has called too often: start the job again later."
    elif kind is Forbidden:
        accepted = answer.headers.get("X-Accepted-GitHub-Permissions", "one that GitHub hides")
        accepted = accepted.replace("=", ": ").replace("_", "-").replace("; ", " or ")
        hint = f"The job's `permissions` lack {accepted}."
    return kind(f"GitHub refused {call}: {answer.status} {said}. {hint}".strip())


def message(answer: urllib3.BaseHTTPResponse) -> str:
    try:
        said = answer.json()
        broken = f": {json.dumps(said['errors'])}" if said.get("errors") else ""
        return str(said["message"]).rstrip(".") + broken
    except (ValueError, AttributeError, KeyError):  # a proxy speaks
        return answer.reason or "without a reason"
