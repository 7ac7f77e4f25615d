"""The releases in the state bucket."""

import boto3
from moto import mock_aws

from release.rollout import store

COMMITS = [f"{number:040d}" for number in range(store.KEPT + 3)]


@mock_aws
def test_the_newest_and_the_last_good_release_are_kept(tmp_path, monkeypatch):
    """Older ones are deleted, also those that were never good."""
    bucket = boto3.client("s3", region_name="us-east-1")
    bucket.create_bucket(Bucket="state")
    (tmp_path / store.ZIP).write_text("the zip")
    releases = store.Store(bucket, "state")
    assert releases.last_good() == ""
    for commit in COMMITS:
        releases.save(commit, tmp_path)
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
