"""A fake GitHub, for the commands of release/github in this process."""

import pytest

from tests.emulator.fake_gh import FakeGitHub


@pytest.fixture
def github(tmp_path, monkeypatch):
    """A repository without issues; this process has the environment of a step."""
    github = FakeGitHub(tmp_path)
    for name, value in github.environment().items():
        monkeypatch.setenv(name, value)
    return github
