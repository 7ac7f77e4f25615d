"""The releases in the state bucket."""

import boto3
import pytest
from moto import mock_aws

from contract.command import CommandError
from release.rollout import store

COMMITS = [f"{number:040d}" for number in range(store.KEPT + 3)]


@pytest.fixture
def bucket():
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="state")
        yield client


@pytest.fixture
def releases(bucket):
    return store.Store(bucket, "state")


@pytest.fixture
def built(tmp_path):
    """A folder with what `make build` writes."""
    (tmp_path / store.ZIP).write_text("the zip")
    return tmp_path


def test_a_release_is_fetched_as_it_was_saved(releases, built, tmp_path):
    """The folder gets the same bytes of the zip. Of another one, the message says what is kept."""
    target = tmp_path / "elsewhere"
    with pytest.raises(CommandError, match=f"no release of {COMMITS[0]}.*the last good one"):
        releases.fetch(COMMITS[0], target)
    releases.save(COMMITS[0], built)
    releases.fetch(COMMITS[0], target)
    assert (target / store.ZIP).read_text() == "the zip"


def test_the_newest_and_the_last_good_release_are_kept(releases, built, bucket, monkeypatch):
    """Older ones are deleted, also those that were never good."""
    assert releases.last_good() == ""
    for commit in COMMITS:
        releases.save(commit, built)
    stored = enumerate([*COMMITS[1:], COMMITS[0]])  # the first commit is the newest release
    objects = [
        {"Key": f"releases/{commit}/visits.zip", "LastModified": when} for when, commit in stored
    ]
    monkeypatch.setattr(releases, "_objects", lambda: objects)
    releases.record_good(COMMITS[1])  # the oldest
    assert releases.last_good() == COMMITS[1]
    listed = bucket.list_objects_v2(Bucket="state", Prefix="releases/")["Contents"]
    kept = {found["Key"].split("/")[1] for found in listed if found["Key"].endswith(".zip")}
    assert kept == {COMMITS[0], COMMITS[1], *COMMITS[4:]}
