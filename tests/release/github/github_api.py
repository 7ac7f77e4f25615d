"""GitHub's REST API for one repository, as far as this project uses it.

What is in the repository is readable as it is: `issues`, `comments`, `labels`, `deployments`.
https://docs.github.com/en/rest
"""

import json
from itertools import count

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

MAX_BODY = 65_536
BOT = {"login": "github-actions[bot]", "type": "Bot"}
REQUIRED = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
ROUTES = Map(
    [
        Rule(f"/repos/<owner>/<name>/{path}", methods=[method], endpoint=endpoint)
        for method, path, endpoint in (
            ("GET", "issues", "list_issues"),
            ("POST", "issues", "create_issue"),
            ("PATCH", "issues/<int:number>", "update_issue"),
            ("GET", "issues/<int:number>/comments", "list_comments"),
            ("POST", "issues/<int:number>/comments", "create_comment"),
            ("PATCH", "issues/comments/<int:number>", "update_comment"),
            ("GET", "labels/<label>", "get_label"),
            ("POST", "labels", "create_label"),
            ("GET", "deployments", "list_deployments"),
            ("POST", "deployments", "create_deployment"),
            ("POST", "deployments/<int:number>/statuses", "create_status"),
            ("GET", "compare/<base>...<head>", "compare"),
            ("GET", "git/ref/heads/main", "get_main"),
        )
    ]
)


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status, message, errors=(), **headers):
        body = {"message": message, "status": str(status), "errors": list(errors)}
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        self.response = answer(body, status, named)


class GitHub:
    """A repository, and a WSGI application. `parents` are its commits, each with the one before.

    `head` is where main is, if it is not the newest.
    """

    def __init__(self, parents=(), repository="somebody/counter", token="a-token"):
        self.repository, self.token = repository, token
        self.parents = dict(parents)
        self.issues, self.comments, self.labels, self.deployments = {}, {}, {}, []
        self.head = None
        self.read_only = False
        self.failures = []
        self.calls = []
        self._ids = count(1)

    def environment(self, url):
        """What a runner sets for a step, and the token."""
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": url,
            "GITHUB_REPOSITORY": self.repository,
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": "7",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_SHA": next(reversed(self.parents), 40 * "0"),
            "GITHUB_TOKEN": self.token,
        }

    def fail(self, status, message="It went wrong", times=1, **headers):
        """Answer the next calls with an error: `fail(429, "...rate limit", Retry_After=1)`."""
        self.failures += times * [(status, message, (), headers)]

    def add_issue(self, title="", labels=(), *, pull_request=False, state="open"):
        """An issue or a pull request that somebody has opened; its number."""
        number = next(self._ids)
        self.issues[number] = {
            "number": number,
            "title": title,
            "body": "",
            "labels": [{"name": label} for label in labels],
            "state": state,
            "html_url": f"https://github.example/{self.repository}/issues/{number}",
            **({"pull_request": {}} if pull_request else {}),
        }
        return number

    def add_comment(self, issue, body, user=BOT):
        """A comment that somebody has written; its number."""
        number = next(self._ids)
        url = f"{self.issues[issue]['html_url']}#issuecomment-{number}"
        self.comments[number] = {
            "id": number,
            "issue": issue,
            "body": body,
            "user": user,
            "html_url": url,
        }
        return number

    def add_deployment(self, ref, environment="live", **said):
        """A deployment that somebody has made."""
        said = {**said, "sha": ref, "environment": environment}
        self.deployments.append({"id": next(self._ids), "statuses": [], **said})

    @Request.application
    def __call__(self, request):
        try:
            self._check(request)
            endpoint, path = ROUTES.bind_to_environ(request.environ).match()
            if f"{path.pop('owner')}/{path.pop('name')}" != self.repository:
                raise Refused(404, "Not Found")
            return getattr(self, endpoint)(request, **path)
        except Refused as refused:
            return refused.response
        except (HTTPException, KeyError):
            return Refused(404, "Not Found").response

    def _check(self, request):
        self.calls.append(f"{request.method} {request.path.split('/', 4)[-1]}")
        if self.failures:
            status, message, errors, headers = self.failures.pop(0)
            raise Refused(status, message, errors, **headers)
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refused(401, "Bad credentials")
        if any(request.headers.get(name) != value for name, value in REQUIRED.items()):
            raise Refused(415, f"Send {REQUIRED}")
        if not request.headers.get("User-Agent") or "urllib3" in request.headers["User-Agent"]:
            raise Refused(403, "Please make sure your request has a User-Agent header")
        if self.read_only and request.method != "GET":
            message, needed = "Resource not accessible by integration", permissions(request.path)
            raise Refused(403, message, X_Accepted_GitHub_Permissions=needed)
        if request.method != "GET" and len(request.json.get("body", "")) > MAX_BODY:
            problem = {"message": f"body is too long (maximum is {MAX_BODY} characters)"}
            raise Refused(422, "Validation Failed", [problem])

    def list_issues(self, request):
        wanted = set(filter(None, request.args.get("labels", "").split(",")))
        return page(
            request,
            [
                each
                for each in self.issues.values()
                if each["state"] == request.args.get("state", "open")
                and wanted <= {label["name"] for label in each["labels"]}
            ],
        )

    def create_issue(self, request):
        # A run's token makes no new labels on the way.
        labels = [each for each in request.json.get("labels", []) if each in self.labels]
        issue = self.issues[self.add_issue(request.json["title"], labels)]
        issue["body"] = request.json["body"]
        return answer(issue, 201)

    def update_issue(self, request, number):
        self.issues[number].update(request.json)
        return answer(self.issues[number])

    def list_comments(self, request, number):
        issue = self.issues[number]["number"]
        return page(request, [each for each in self.comments.values() if each["issue"] == issue])

    def create_comment(self, request, number):
        return answer(self.comments[self.add_comment(number, request.json["body"])], 201)

    def update_comment(self, request, number):
        self.comments[number].update(request.json)
        return answer(self.comments[number])

    def get_label(self, request, label):
        return answer(self.labels[label])

    def create_label(self, request):
        name = request.json["name"]
        if name in self.labels:
            problem = {"resource": "Label", "code": "already_exists", "field": "name"}
            raise Refused(422, "Validation Failed", [problem])
        self.labels[name] = request.json
        return answer(request.json, 201)

    def list_deployments(self, request):
        wanted = request.args["environment"]
        newest_first = reversed(self.deployments)
        return page(request, [each for each in newest_first if each["environment"] == wanted])

    def create_deployment(self, request):
        if request.json["ref"] not in self.parents:
            raise Refused(422, f"No ref found for: {request.json['ref']}")
        self.add_deployment(**request.json)
        return answer(self.deployments[-1], 201)

    def create_status(self, request, number):
        [deployment] = [each for each in self.deployments if each["id"] == number]
        deployment["statuses"].append(request.json)
        return answer(request.json, 201)

    def compare(self, request, base, head):
        """https://docs.github.com/en/rest/commits/commits#compare-two-commits."""
        ours, theirs = self._history(head), self._history(base)
        ahead, behind = (
            len(set(one) - set(other)) for one, other in ((ours, theirs), (theirs, ours))
        )
        status = {
            (False, False): "identical",
            (True, False): "ahead",
            (False, True): "behind",
            (True, True): "diverged",
        }[bool(ahead), bool(behind)]
        return answer({"status": status, "ahead_by": ahead, "behind_by": behind})

    def get_main(self, request):
        return answer({"object": {"sha": self.head or next(reversed(self.parents))}})

    def _history(self, sha):
        """A commit and those before it."""
        return [sha, *(self._history(self.parents[sha]) if self.parents[sha] else [])]


def answer(body, status=200, headers=None):
    return Response(json.dumps(body), status, headers, content_type="application/json")


def page(request, items):
    """The page of a list that a request asks for, and where the next one is."""
    size, number = int(request.args.get("per_page", 30)), int(request.args.get("page", 1))
    rest = items[(number - 1) * size :]
    query = {**request.args, "page": number + 1}
    url = f"{request.base_url}?{'&'.join(f'{name}={value}' for name, value in query.items())}"
    link = f'<{request.base_url}>; rel="first", <{url}>; rel="next"' if len(rest) > size else ""
    return answer(rest[:size], headers={"Link": link} if link else None)


def permissions(path):
    """What GitHub's header says that a call needs."""
    if "/deployments" in path:
        return "deployments=write"
    return "issues=write; pull_requests=write"
