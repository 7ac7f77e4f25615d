"""One emulated AWS for all tests of a worker, and empty for each file."""

from collections.abc import Iterator

import pytest

from tests import emulator
from tests.emulator import LocalAws


@pytest.fixture(scope="session")
def started_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with emulator.running(tmp_path_factory.mktemp("aws")) as aws:
        yield aws


@pytest.fixture(scope="module")
def aws(started_aws: LocalAws) -> LocalAws:
    """A local AWS without any resources."""
    started_aws.reset()
    return started_aws
