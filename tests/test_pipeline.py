"""The workflows, run: from a commit to the live site, and back when the site breaks.

All of it is on this machine: the repository and its runner (tests/act.py), GitHub's API
(tests/github_api.py), the AWS account (dev/local_aws.py), and a page that people keep visiting.
The tests are one story: each goes on where the one before has ended.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import pytest
import requests
from werkzeug.wrappers import Request, Response

from dev import local_aws
from dev.local_aws import LocalAws
from dev.server import files
from tests import act
from tests.conftest import PERSON
from tests.github_api import GitHub
from tests.serving import served

pytestmark = pytest.mark.skipif(
    not shutil.which("terraform"), reason="deploying needs Terraform on the PATH"
)
ROLE = f"arn:aws:iam::{local_aws.ACCOUNT}:role/github-visits"
BOUNDARY = f"arn:aws:iam::{local_aws.ACCOUNT}:policy/visits-boundary"
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def tfvars(origin: str) -> str:
    return f"""\
region                   = "{local_aws.REGION}"
allowed_origins          = ["{origin}"]
permissions_boundary_arn = "{BOUNDARY}"
lambda_zip               = "../build/visits-host.zip"
"""


def only_here(aws: LocalAws) -> str:
    """What is otherwise than in AWS: how S3 is asked, where the API answers, and no alarms, since
    the local AWS reads them back changed."""
    return f"""\
terraform {{
  backend "s3" {{
    key                         = "visits/terraform.tfstate"
    use_lockfile                = true
    use_path_style              = true
    skip_credentials_validation = true
  }}
}}
output "api_url" {{
  value = "{aws.emulator}/_aws/execute-api/${{aws_api_gateway_rest_api.visits.id}}/live"
}}
resource "aws_cloudwatch_metric_alarm" "each" {{
  for_each = {{}}
}}
"""


@dataclass
class World:
    """Somebody's fork of this repository, and all that it deploys to.

    Attributes:
        fork: its work tree.
        runner: GitHub Actions for it.
        github: the rest of GitHub.
        aws: the account.
        site: the URL of the page.
    """

    fork: Path
    runner: act.GitHub
    github: GitHub
    aws: LocalAws
    site: str

    @property
    def live(self) -> str:
        """The commit that is recorded as live."""
        recorded = [each["sha"] for each in self.github.deployments]
        return recorded[-1] if recorded else ""

    @property
    def api(self) -> str:
        [api] = self.aws.client("apigateway").get_rest_apis()["items"]
        return self.aws.stage_url(api["id"], "live")

    def commit(self, message: str, **changes: tuple[str, str]) -> str:
        """Commit changes to files, each a text and what replaces it; the commit."""
        for name, (old, new) in changes.items():
            path = self.fork / name
            assert old in path.read_text(), "a change that changes nothing proves nothing"
            path.write_text(path.read_text().replace(old, new, 1))
        act.git(self.fork, "commit", "--quiet", "--all", "--message", message)
        return self.push()

    def revert(self) -> str:
        act.git(self.fork, "revert", "--no-edit", "HEAD")
        return self.push()

    def push(self) -> str:
        act.git(self.fork, "push", "--quiet", "origin", "main")
        sha, parent = act.git(self.fork, "rev-parse", "HEAD", "HEAD^").split()
        self.github.parents[sha] = parent
        return sha

    def deploy(self, commit: str) -> act.Run:
        return self.runner.run("deploy.yml", commit)

    def issues(self) -> list[str]:
        """The titles of the open ones."""
        return [each["title"] for each in self.github.issues.values() if each["state"] == "open"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with ExitStack() as stack:
        aws = stack.enter_context(local_aws.running(folder))
        aws.client("s3").create_bucket(
            Bucket="state", CreateBucketConfiguration={"LocationConstraint": local_aws.REGION}
        )
        policy = json.dumps(ALLOW_ALL)
        aws.client("iam").create_policy(PolicyName="visits-boundary", PolicyDocument=policy)
        site = stack.enter_context(served(Page(aws)))
        fork, first = make_fork(folder, tfvars(site), only_here(aws))
        github = GitHub({first: None}, "robin/visits")
        environment = {
            "AWS": aws.endpoint,
            "BUILD_OPTIONS": "--platform=host",
            **github.environment(stack.enter_context(served(github))),
        }
        variables = {
            "AWS_REGION": local_aws.REGION,
            "AWS_PLAN_ROLE": f"{ROLE}-plan",
            "AWS_DEPLOY_ROLE": f"{ROLE}-deploy",
            "TF_STATE_BUCKET": "state",
            "SITE_URL": f"{site}/",
        }
        runner = act.GitHub(folder, folder / "origin.git", variables, environment)
        yield World(fork, runner, github, aws, site)


class Page:
    """The site. Its page names the API that is deployed."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        self._files = files(Path("site"))

    def __call__(self, environ, start_response):
        if Request(environ).path != "/":
            return self._files(environ, start_response)
        [api] = self._aws.client("apigateway").get_rest_apis()["items"]
        text = Path("site/index.html").read_text()
        text = text.replace('"/live', f'"{self._aws.stage_url(api["id"], "live")}')
        return Response(text, content_type="text/html")(environ, start_response)


def make_fork(folder: Path, variables: str, override: str) -> tuple[Path, str]:
    """A repository with this work tree in it, its clone, and their first commit."""
    fork = folder / "fork"
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in filter(lambda name: Path(name).exists(), names):
        (fork / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(name, fork / name)
    (fork / "terraform" / "terraform.tfvars").write_text(variables)
    (fork / "terraform" / "here_override.tf").write_text(override)
    act.git(fork, "init", "--quiet", "--initial-branch=main")
    act.git(fork, "add", "--all", "--force")
    act.git(fork, "commit", "--quiet", "--message=A counter of my own")
    act.git(folder, "clone", "--quiet", "--bare", fork, folder / "origin.git")
    act.git(fork, "remote", "add", "origin", folder / "origin.git")
    return fork, act.git(fork, "rev-parse", "HEAD")


@dataclass
class Visitors:
    """People who come to the page, one after the other.

    Attributes:
        visits: the id of each one's visit.
        unheard: those that had no receipt.
    """

    world: World
    visits: list[str] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)

    def keep_coming(self, over: Event) -> None:
        while not over.wait(0.5):
            self.visits.append(str(uuid4()))
            if not self.counted(self.visits[-1]):
                self.unheard.append(self.visits[-1])

    def come_again(self) -> None:
        """What a browser does that had no answer: the same visit once more."""
        while self.unheard:
            assert self.counted(self.unheard.pop())

    def counted(self, visit: str) -> bool:
        url = f"{self.world.api}/counters/resume/visits"
        headers = {"Origin": self.world.site, "User-Agent": PERSON}
        answer = requests.post(url, params={"visitId": visit}, headers=headers, timeout=30)
        return answer.status_code in {200, 201} and "visits" in answer.json()


@contextmanager
def visitors(world: World) -> Iterator[Visitors]:
    coming, over = Visitors(world), Event()
    thread = Thread(target=coming.keep_coming, args=[over])
    thread.start()
    try:
        yield coming
    finally:
        over.set()
        thread.join()


def count(world: World) -> int:
    return int(requests.get(f"{world.api}/counters/resume", timeout=30).json()["visits"])


def test_without_settings_nothing_is_deployed(world):
    """A fork whose owner has set nothing up is green, and is told so."""
    nobody = act.GitHub(world.fork.parent, world.runner.origin, {}, world.runner.environment)
    run = nobody.run("deploy.yml", act.git(world.fork, "rev-parse", "HEAD"))
    assert run.jobs == {"ready": "success"}, run.printed
    assert "Deploying is not configured" in run.printed
    assert run.code == 0


def test_the_first_release_is_watched_and_recorded(world):
    """One build, one plan, applied as it was planned; then the page shows the number."""
    first = act.git(world.fork, "rev-parse", "HEAD")
    run = world.deploy(first)
    assert (run.code, run.failed) == (0, []), run.printed
    assert list(run.jobs) == ["ready", "release", "smoke", "conclude"]
    assert world.live == first
    assert world.issues() == []
    assert (run.artifacts / f"visits-{first}" / "visits-host.zip").exists()


def test_a_plan_without_changes_is_not_watched(world):
    """Words in the README deploy nothing."""
    words = world.commit("Words", **{"README.md": ("# Visitor counter", "# My counter")})
    run = world.deploy(words)
    assert (run.code, run.failed) == (0, []), run.printed
    assert list(run.jobs) == ["ready", "release", "conclude"]
    assert "Nothing to deploy" in run.printed


BAD = {
    "wrong response field": {
        "lambda/visits/counter.py": ('"visits": start.visits', '"visit": start.visits'),
    },
    "handler that raises": {
        "lambda/visits/handler.py": (
            "def handle(",
            "def handle(*_):\n    raise OSError\n\n\ndef _(",
        ),
        "terraform/dynamodb.tf": (
            "  billing_mode",
            '  tags         = { new = "yes" }\n  billing_mode',
        ),
    },
    "CORS lost": {
        "lambda/visits/message.py": ("Access-Control-Allow-Origin", "Access-Control-Allow-Nobody"),
    },
}


@pytest.mark.parametrize("defect", BAD)
def test_a_bad_release_is_taken_back(world, defect):
    """The smoke test sees it, the release before serves again, an issue tells, and of all who came
    meanwhile each is counted once."""
    good, before = world.live, count(world)
    with visitors(world) as coming:
        run = world.deploy(world.commit(defect, **BAD[defect]))
    assert run.code != 0
    assert run.failed == ["smoke", "conclude"], run.printed
    assert list(run.jobs)[-3:] == ["rollback", "smoke-again", "conclude"]
    assert world.live == good
    assert len(world.issues()) == 1
    coming.come_again()
    assert count(world) == before + len(coming.visits)
    world.revert()
