"""A fake GitHub, and the commands of release/github run against it."""

import pytest

from tests.emulator.fake_gh import FakeGitHub
from tests.release.github import steps


@pytest.fixture
def github(tmp_path):
    """A repository without issues."""
    return FakeGitHub(tmp_path)


@pytest.fixture
def run(tmp_path, github):
    """Run a command as a step of a workflow."""

    def run(module, *arguments, **environment):
        environment = {**github.environment(), **environment}
        return steps.run(tmp_path, module, *arguments, **environment)

    return run


@pytest.fixture
def in_a_step(github, monkeypatch):
    """Give this process the environment of a step."""
    for name, value in github.environment().items():
        monkeypatch.setenv(name, value)
