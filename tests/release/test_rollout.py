"""What follows from the apply and the smoke test of a release, and what a repeated run does."""

import subprocess

import pytest

from release import rollout, smoke
from release.rollout import Applied, go_back, release_to_production, release_to_staging
from release.smoke import Verdict
from release.terraform import DeployError

GOOD, NEW = 40 * "a", 40 * "b"
ALL, PART, NOTHING = Applied.ALL, Applied.PART, Applied.NOTHING
HEALTHY, BROKEN, UNKNOWN = Verdict.HEALTHY, Verdict.BROKEN, Verdict.UNKNOWN
OUTSIDE = "look for a cause outside"


class Aws:
    """Applies and tests commits with prepared results, and records what was called."""

    def __init__(self, *results):
        self.results, self.calls = list(results), []

    def apply(self, commit):
        return self._next("apply", commit)

    def test(self, commit):
        return self._next("test", commit)

    def _next(self, what, commit):
        self.calls.append((what, commit))
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result


# The results of the apply, its smoke test, the rollback and its smoke test; a part of the text.
VERDICTS = {
    "works": ([ALL, HEALTHY], "is deployed, and its smoke test passed"),
    "nothing to apply, works": ([NOTHING, HEALTHY], "its smoke test passed"),
    "broken": ([ALL, BROKEN, ALL, HEALTHY], f"{GOOD} is deployed again, and its smoke test"),
    "apply stopped half-way, broken": ([PART, BROKEN, ALL, HEALTHY], "stopped half-way"),
    "apply stopped half-way, works": ([PART, HEALTHY], "The page works. Fix the cause"),
    "apply stopped half-way, unknown": ([PART, UNKNOWN], "not known to be broken"),
    "test could not run": ([ALL, UNKNOWN], "could not run. Nothing was rolled back"),
    "nothing to apply, broken": ([NOTHING, BROKEN, NOTHING], f"change nothing: {OUTSIDE}"),
    "applied by an earlier attempt, broken": ([NOTHING, BROKEN, ALL, HEALTHY], "deployed again"),
    "broken, nothing to go back to": ([ALL, BROKEN, NOTHING], f"change nothing: {OUTSIDE}"),
    "broken, going back stopped": ([ALL, BROKEN, PART], "it is unknown what is deployed"),
    "broken, and broken again": ([ALL, BROKEN, ALL, BROKEN], f"is broken too: {OUTSIDE}"),
    "broken, then unknown": ([ALL, BROKEN, ALL, UNKNOWN], "its smoke test could not run"),
    "broken, going back failed": (
        [ALL, BROKEN, DeployError("No lock.")],
        "failed before anything was applied: No lock.",
    ),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_only_a_broken_release_is_rolled_back(name):
    """A release is rolled back if its smoke test ran and failed."""
    results, text = VERDICTS[name]
    aws = Aws(*results)
    outcome = release_to_production(NEW, GOOD, aws.apply, aws.test)
    assert aws.results == []
    assert text in outcome.text
    assert outcome.healthy == (name in {"works", "nothing to apply, works"})
    went_back = ("apply", GOOD) in aws.calls
    assert went_back == (results[1] is BROKEN)


@pytest.mark.parametrize("good", ["", NEW])
def test_the_first_release_is_not_rolled_back(good):
    """Without an earlier good release the broken one stays, and the text says so."""
    aws = Aws(ALL, BROKEN)
    outcome = release_to_production(NEW, good, aws.apply, aws.test)
    assert "There is no earlier release to go back to" in outcome.text
    assert not outcome.healthy


@pytest.mark.parametrize(
    ("results", "healthy"),
    [([ALL, HEALTHY], True), ([NOTHING, HEALTHY], True), ([PART, HEALTHY], False),
     ([ALL, BROKEN], False), ([ALL, UNKNOWN], False)],
)  # fmt: skip
def test_staging_is_never_rolled_back(results, healthy):
    """What fails on staging stays there, and the text says that production was not changed."""
    aws = Aws(*results)
    outcome = release_to_staging(NEW, aws.apply, aws.test)
    assert aws.calls == [("apply", NEW), ("test", NEW)]
    assert outcome.healthy == healthy
    assert ("Production was not changed." in outcome.text) == (not healthy)


def test_going_back_by_hand_works_if_its_smoke_test_passes():
    """`make rollback` fails if the smoke test fails afterwards."""
    assert go_back(GOOD, Aws(ALL).apply, Aws(HEALTHY).test).healthy
    assert not go_back(GOOD, Aws(ALL).apply, Aws(BROKEN).test).healthy


def test_a_result_that_cannot_be_stored_is_no_success():
    """The text still says what is deployed."""

    def fail():
        raise DeployError("No bucket.")

    outcome = rollout.afterwards(rollout.Outcome("It works.", healthy=True), fail)
    assert outcome == rollout.Outcome("It works. But this could not be stored: No bucket.")


def test_an_output_has_no_account_id(monkeypatch, tmp_path):
    """GitHub drops an output with a masked value, and the issue would have no reason."""
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))

    def fail():
        raise DeployError("The bucket state-123456789012\nis missing.")

    monkeypatch.setattr(rollout, "watch", fail)
    with pytest.raises(SystemExit):
        rollout.main("watch")
    expected = (
        "outcome=Nothing was applied. The bucket state-(account) is missing.\nhealthy=false\n"
    )
    assert (tmp_path / "output").read_text() == expected


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("raise SystemExit(0)", HEALTHY),
        (f"raise SystemExit({BROKEN:d})", BROKEN),
        ("raise ValueError", UNKNOWN),
        ("import missing", UNKNOWN),
    ],
)
def test_an_exception_is_not_a_broken_release(tmp_path, code, verdict):
    """Python exits with 1 after it. The test runs once more, and then its result is unknown."""
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "smoke.py").write_text(f"open('runs', 'a').write('x')\n{code}\n")
    assert smoke.test(tmp_path) is verdict
    assert len((tmp_path / "runs").read_text()) == (2 if verdict is UNKNOWN else 1)


@pytest.fixture
def history(tmp_path, monkeypatch):
    """A repository with three commits and one on another branch."""
    commits = {}

    def git(*arguments):
        author = ["-c", "user.name=Robin", "-c", "user.email=robin@example.com"]
        done = subprocess.run(
            ["git", *author, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    git("init", "--quiet", "--initial-branch=main")
    for name in ("first", "second", "third"):
        git("commit", "--quiet", "--allow-empty", "--message", name)
        commits[name] = git("rev-parse", "HEAD")
    git("switch", "--quiet", "--create", "other", commits["first"])
    git("commit", "--quiet", "--allow-empty", "--message", "other")
    commits["other"] = git("rev-parse", "HEAD")
    monkeypatch.setattr(rollout, "ROOT", tmp_path)
    return commits


@pytest.mark.parametrize(("commit", "late"), [("first", True), ("second", False), ("third", False)])
def test_a_run_that_is_late_deploys_nothing(history, monkeypatch, commit, late):
    """A slow or repeated run never replaces a newer release, unless a person started deploy.yml."""
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "1")
    monkeypatch.setenv(
        "GITHUB_WORKFLOW_REF", "robin/visits/.github/workflows/ci.yml@refs/heads/main"
    )
    assert rollout.is_late(history[commit], history["second"]) == late
    assert not rollout.is_late(history[commit], "")
    by_hand = "robin/visits/.github/workflows/deploy.yml@refs/heads/main"
    monkeypatch.setenv("GITHUB_WORKFLOW_REF", by_hand)
    assert not rollout.is_late(history[commit], history["second"])
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "2")
    assert rollout.is_late(history[commit], history["second"]) == late


@pytest.mark.parametrize("good", ["other", 40 * "c"])
def test_a_rewritten_main_is_reported(history, good):
    """Neither commit is newer, so a person has to decide."""
    with pytest.raises(DeployError, match="main was rewritten"):
        rollout.is_late(history["third"], history.get(good, good))
