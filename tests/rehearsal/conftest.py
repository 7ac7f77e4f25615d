"""The order of the files, and one emulated AWS for all tests of a worker, empty for each file."""

from collections.abc import Iterator, Mapping

import pytest

from tests import emulator
from tests.emulator import LocalAws
from tests.rehearsal import checkout

# In this order, two workers end at about the same time.
FIRST = ("test_deployment.py", "test_interruptions.py", "test_rehearsal.py", "test_documents.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the longest files."""
    order = {name: number for number, name in enumerate(FIRST)}
    items.sort(key=lambda item: order.get(item.path.name, len(FIRST)))


@pytest.fixture(scope="session")
def started_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with emulator.running(tmp_path_factory.mktemp("aws")) as aws:
        yield aws


@pytest.fixture(scope="session")
def provider(
    started_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, str]]:
    """The environment of commands that use a running provider of Terraform, for that AWS."""
    folder = tmp_path_factory.mktemp("provider")
    with checkout.running_provider(folder, started_aws.endpoint) as environment:
        yield environment


@pytest.fixture(scope="module")
def aws(started_aws: LocalAws) -> LocalAws:
    """A local AWS without any resources."""
    started_aws.reset()
    return started_aws
