"""A fork of this repository, and all that it deploys to, on this machine.

The runner is act.py, GitHub is fake_gh.py, and AWS is tests/emulator/.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Self
from uuid import uuid4

import requests
from werkzeug.wrappers import Request, Response

from local.server import files
from release.rollout.store import Store
from tests import emulator
from tests.checkouts import copy_work_tree
from tests.conftest import PERSON
from tests.emulator import LocalAws, act
from tests.emulator.fake_gh import FakeGitHub
from tests.rehearsal import checkout
from tests.serving import serving

ROLE = f"arn:aws:iam::{emulator.ACCOUNT}:role/github-visits"
BOUNDARY = f"arn:aws:iam::{emulator.ACCOUNT}:policy/visits-boundary"
GREEN = {"check_runs": [{"conclusion": "success"}]}
# Of the suite that watches sites, the checks that decide here: the API is the new one, and the page
# shows its number and counts a visit. test_rehearsal.py runs the suite in full.
DECISIVE = "runs_the_contract or shows_the_number"
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


TFVARS = f"""\
region                   = "{emulator.REGION}"
permissions_boundary_arn = "{BOUNDARY}"
visit_cap                = 0 # all visitors of a test come from one address
"""


@dataclass
class Deployment:
    """A fork with an account to deploy to.

    Attributes:
        fork: its work tree.
        runner: GitHub Actions for the fork.
        github: issues and variables of the fork.
        aws: the AWS account.
        site: the URL of the page.
    """

    fork: Path
    runner: act.Runner
    github: FakeGitHub
    aws: LocalAws
    site: str

    @property
    def releases(self) -> Store:
        return Store(self.aws.client("s3"), "state")

    @property
    def last_good(self) -> str:
        """The commit of the last good release, or an empty string."""
        return self.releases.last_good()

    @property
    def api(self) -> str:
        return api_url(self.aws)

    def count(self) -> int:
        """Return the number of visits that the API answers."""
        return int(requests.get(f"{self.api}/counters/resume", timeout=60).json()["visits"])

    def commit(self, message: str, **changes: tuple[str, str]) -> str:
        """Commit and push changes to files, and return the commit.

        Args:
            changes: by the file's name, a text and its replacement.
        """
        for name, (old, new) in changes.items():
            path = self.fork / name
            assert old in path.read_text(), f"{name} has no {old!r}"
            path.write_text(path.read_text().replace(old, new, 1))
        act.git(self.fork, "commit", "--quiet", "--all", "--message", message)
        act.git(self.fork, "push", "--quiet", "origin", "main")
        return act.git(self.fork, "rev-parse", "HEAD")

    def deploy(self, commit: str, **options: str) -> act.Run:
        """Start the deployment of a commit by hand, after its checks have passed."""
        self.github.answers = {f"commits/{commit}/check-runs": GREEN}
        return self.runner.run("deploy.yml", commit, **options)

    def pass_staging(self, commit: str) -> None:
        """Store a commit as staging does, with the zip of the last good release."""
        folder = self.fork.parent / "stored"
        self.releases.fetch(self.last_good, folder)
        self.releases.save(commit, folder)

    def table_tags(self) -> set[str]:
        client = self.aws.client("dynamodb")
        arn = client.describe_table(TableName="visits")["Table"]["TableArn"]
        return {tag["Key"] for tag in client.list_tags_of_resource(ResourceArn=arn)["Tags"]}


@contextmanager
def running(aws: LocalAws, provider: Mapping[str, str], folder: Path) -> Iterator[Deployment]:
    """Start the site, and create the fork. Nothing is deployed yet."""
    with serving(Page(aws)) as site:
        aws.create_bucket("state")
        policy = json.dumps(ALLOW_ALL)
        aws.client("iam").create_policy(PolicyName="visits-boundary", PolicyDocument=policy)
        settings = f'{TFVARS}allowed_origins = ["{site}"]\n'
        fork = make_fork(folder, settings, checkout.override(aws))
        github = FakeGitHub(folder)
        environment = {
            "AWS": aws.endpoint,
            "BUILD_OPTIONS": "--platform=host",
            "PYTEST_ADDOPTS": f"-k '{DECISIVE}'",
            "TF_CLI_ARGS_init": checkout.INIT,
            **provider,
            **github.environment(),
        }
        variables = {
            "AWS_REGION": emulator.REGION,
            "AWS_PLAN_ROLE": f"{ROLE}-plan",
            "AWS_DEPLOY_ROLE": f"{ROLE}-deploy",
            "TF_STATE_BUCKET": "state",
            "SITE_URL": f"{site}/",
        }
        runner = act.Runner(folder, folder / "origin.git", variables, environment)
        yield Deployment(fork, runner, github, aws, site)


def api_url(aws: LocalAws) -> str:
    """Return the URL of production's API, or one that does not exist before it is deployed."""
    apis = aws.client("apigateway").get_rest_apis()["items"]
    ids = [each["id"] for each in apis if each["name"] == "visits"]
    return aws.stage_url(ids[0] if ids else "none", "live")


class Page:
    """The site, whose page has the address of production's API."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        self._files = files(Path("site"))

    def __call__(self, environ, start_response):
        if Request(environ).path != "/":
            return self._files(environ, start_response)
        text = Path("site/index.html").read_text()
        text = text.replace('"/live', f'"{api_url(self._aws)}')
        return Response(text, content_type="text/html")(environ, start_response)


def make_fork(folder: Path, variables: str, override: str) -> Path:
    """Copy this work tree into a repository, and return its clone with one commit."""
    fork = folder / "fork"
    copy_work_tree(fork)
    (fork / "terraform" / "terraform.tfvars").write_text(variables)
    (fork / "terraform" / "here_override.tf").write_text(override)
    # The local AWS runs the function on this machine, so the release has the zip for this machine.
    build = fork / "release" / "package" / "__main__.py"
    build.write_text(build.read_text().replace("visits-host.zip", "visits.zip"))
    act.git(fork, "init", "--quiet", "--initial-branch=main")
    act.git(fork, "add", "--all", "--force")
    act.git(fork, "commit", "--quiet", "--message=First commit")
    act.git(folder, "clone", "--quiet", "--bare", fork, folder / "origin.git")
    act.git(fork, "remote", "add", "origin", folder / "origin.git")
    return fork


class Visitors:
    """Clients that count one visit after the other while the context is open.

    Attributes:
        visits: the ids of all visits.
        unanswered: the ids of those without a successful response.
    """

    def __init__(self, deployment: Deployment) -> None:
        self.visits: list[str] = []
        self.unanswered: list[str] = []
        self._deployment = deployment
        self._stop = Event()
        self._thread = Thread(target=self._send)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _send(self) -> None:
        while not self._stop.wait(2):
            self.visits.append(str(uuid4()))
            if not self._counted(self.visits[-1]):
                self.unanswered.append(self.visits[-1])

    def repeat_unanswered(self) -> None:
        """Send each unanswered visit again with the same id, as a browser does."""
        while self.unanswered:
            assert self._counted(self.unanswered.pop())

    def _counted(self, visit: str) -> bool:
        url = f"{self._deployment.api}/counters/resume/visits"
        headers = {"Origin": self._deployment.site, "User-Agent": PERSON}
        answer = requests.post(url, params={"visitId": visit}, headers=headers, timeout=60)
        return answer.status_code in {200, 201} and "visits" in answer.json()
