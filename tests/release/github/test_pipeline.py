"""The workflows, run: from a commit to the live site, and back when the site breaks.

All of it is on this machine: the repository and its runner (act.py), GitHub's API (github_api.py),
the AWS account (local/emulator.py), and a page that people keep visiting.
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

from local import emulator
from local.emulator import LocalAws
from local.server import files
from local.serving import serving
from tests.conftest import PERSON
from tests.release.github import act
from tests.release.github.github_api import GitHub

pytestmark = pytest.mark.skipif(
    not shutil.which("terraform"), reason="deploying needs Terraform on the PATH"
)
ROLE = f"arn:aws:iam::{emulator.ACCOUNT}:role/github-visits"
BOUNDARY = f"arn:aws:iam::{emulator.ACCOUNT}:policy/visits-boundary"
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def tfvars(origin: str) -> str:
    return f"""\
region                   = "{emulator.REGION}"
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
  value = "{aws.emulator_url}/_aws/execute-api/${{aws_api_gateway_rest_api.visits.id}}/live"
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

    @contextmanager
    def bad(self, message: str, **changes: tuple[str, str]) -> Iterator[str]:
        """A commit that is reverted in the end."""
        yield self.commit(message, **changes)
        act.git(self.fork, "revert", "--no-edit", "HEAD")
        self.push()

    def push(self) -> str:
        act.git(self.fork, "push", "--quiet", "origin", "main")
        sha, parent = act.git(self.fork, "rev-parse", "HEAD", "HEAD^").split()
        self.github.parents[sha] = parent
        return sha

    def deploy(self, commit: str) -> act.Run:
        return self.runner.run("deploy.yml", commit)

    def told_last(self) -> str:
        """The newest text of a pipeline in an issue or a pull request."""
        issues = {number: each["body"] for number, each in self.github.issues.items()}
        comments = {number: each["body"] for number, each in self.github.comments.items()}
        number = max(issues.keys() | comments.keys())
        return str((issues | comments)[number])

    def table_tags(self) -> set[str]:
        client = self.aws.client("dynamodb")
        arn = client.describe_table(TableName="visits")["Table"]["TableArn"]
        return {each["Key"] for each in client.list_tags_of_resource(ResourceArn=arn)["Tags"]}

    def issues(self) -> list[str]:
        """The titles of the open ones."""
        return [each["title"] for each in self.github.issues.values() if each["state"] == "open"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with ExitStack() as stack:
        aws = stack.enter_context(emulator.running(folder))
        aws.client("s3").create_bucket(
            Bucket="state", CreateBucketConfiguration={"LocationConstraint": emulator.REGION}
        )
        policy = json.dumps(ALLOW_ALL)
        aws.client("iam").create_policy(PolicyName="visits-boundary", PolicyDocument=policy)
        site = stack.enter_context(serving(Page(aws)))
        fork, first = make_fork(folder, tfvars(site), only_here(aws))
        github = GitHub({first: None}, "robin/visits")
        environment = {
            "AWS": aws.endpoint,
            "BUILD_OPTIONS": "--platform=host",
            **github.environment(stack.enter_context(serving(github))),
        }
        variables = {
            "AWS_REGION": emulator.REGION,
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
    """The smoke test sees it, the release before serves again, and one issue tells. Of all who
    came meanwhile each is counted once, and what was changed on the table is left."""
    good, before = world.live, count(world)
    with world.bad(defect, **BAD[defect]) as bad, visitors(world) as coming:
        run = world.deploy(bad)
    assert run.code != 0
    assert run.failed == ["smoke", "conclude"], run.printed
    assert list(run.jobs)[-3:] == ["rollback", "smoke-again", "conclude"]
    assert f"{good} runs again, and its smoke test passed." in run.printed
    assert world.live == good
    assert world.issues() == ["A release failed"]
    assert "**Broken:**" in world.told_last()
    coming.come_again()
    assert count(world) == before + len(coming.visits)
    assert world.table_tags() >= ({"new"} if "terraform/dynamodb.tf" in BAD[defect] else set())


def test_what_was_mended_is_live_and_ends_the_incident(world):
    """The next release that works is recorded, and the issue is closed."""
    mended = world.commit(
        "More at once", **{"terraform/variables.tf": ("burst = 50", "burst = 60")}
    )
    run = world.deploy(mended)
    assert (run.code, run.failed) == (0, []), run.printed
    assert world.live == mended
    assert world.issues() == []


def test_a_run_that_comes_late_replaces_nothing(world):
    """The tests of an older commit took longer than those of a newer one."""
    run = world.deploy(act.git(world.fork, "rev-list", "--max-parents=0", "HEAD"))
    assert (run.code, run.jobs) == (0, {"ready": "success"}), run.printed
    assert "must not replace it" in run.printed


def test_the_daily_look_opens_an_issue_and_closes_it(world):
    """Somebody changes the API by hand, and somebody puts it back."""
    api = world.aws.client("apigateway")
    [rest] = api.get_rest_apis()["items"]
    response = {"restApiId": rest["id"], "responseType": "THROTTLED"}
    now = api.get_gateway_response(**response)
    changed = {key: now[key] for key in ("statusCode", "responseParameters", "responseTemplates")}
    api.put_gateway_response(**response, **{**changed, "statusCode": "503"})
    run = world.runner.run("smoke.yml", world.live, "schedule")
    assert run.failed == ["watch"], run.printed
    assert world.issues() == ["The live site is broken"]
    assert "**Drift:** gateway response THROTTLED: statusCode is '503'" in world.told_last()

    api.put_gateway_response(**response, **changed)
    run = world.runner.run("smoke.yml", world.live, "schedule")
    assert (run.code, list(run.jobs)) == (0, ["live", "watch", "report"]), run.printed
    assert world.issues() == []


def test_another_branch_does_not_look(world):
    """It has no role, and would take a sound site for a broken one."""
    run = world.runner.run("smoke.yml", world.live, ref="refs/heads/feature")
    assert (run.code, run.jobs) == (0, {"live": "success"}), run.printed
    assert world.issues() == []


def test_a_pull_request_is_told_what_it_changes(world):
    """In the contract, where a breaking change without a version fails; and in AWS."""
    narrower = {"openapi.yaml": ("maximum: 30", "maximum: 20")}
    head = world.commit("Fewer days", **narrower)
    said = {"number": world.github.add_issue(pull_request=True)}
    said |= {"head": {"repo": {"full_name": world.github.repository}}}
    run = world.runner.run("ci.yml", head, "pull_request", "contract", pull_request=said)
    assert run.failed == ["contract"], run.printed
    assert "has to be 2.0.0 or higher" in world.told_last()
    run = world.runner.run("ci.yml", head, "pull_request", "plan", pull_request=said)
    assert (run.code, run.jobs) == (0, {"plan": "success"}), run.printed
    assert "| change | `aws_api_gateway_rest_api.visits` | body |" in world.told_last()
    assert not {"Bucket", "arn:", emulator.ACCOUNT} & set(world.told_last().split())


@pytest.mark.parametrize(
    ("repository", "author"), [("somebody/else", "somebody"), ("robin/visits", "dependabot[bot]")]
)
def test_a_pull_request_that_nobody_vouches_for_gets_no_plan(world, repository, author):
    """What a fork or a new package brings runs without a token, and its checks are green."""
    head = act.git(world.fork, "rev-parse", "HEAD")
    said = {"number": 1, "head": {"repo": {"full_name": repository}}, "user": {"login": author}}
    run = world.runner.run("ci.yml", head, "pull_request", "plan", pull_request=said)
    assert (run.code, run.jobs) == (0, {"plan": "success"}), run.printed
    assert "make plan" not in run.printed


def test_the_reference_is_built(world):
    """The page for GitHub Pages."""
    run = world.runner.run("docs.yml", act.git(world.fork, "rev-parse", "HEAD"), "push", "build")
    assert run.code == 0, run.printed
    assert "recordVisit" in (run.artifacts / "github-pages" / "index.html").read_text()
