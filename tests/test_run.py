"""`make run`, as somebody meets it who has just cloned the repository."""

import re
import signal
import socket
from contextlib import closing
from uuid import uuid4

import pytest
import requests

from tests import stack
from tests.conftest import PERSON

ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


@pytest.fixture
def folder(tmp_path):
    return stack.checkout(tmp_path)


def visit(url, visit_id=None):
    return requests.post(
        f"{url}/live/counters/resume/visits",
        params={"visitId": visit_id or str(uuid4())},
        headers={"User-Agent": PERSON},
        timeout=10,
    )


def test_it_serves_the_site_the_api_and_its_reference(folder):
    """The banner names what is served, and all of it answers; each request is one line."""
    with stack.running(folder) as running:
        served = re.findall(r"http://127\.0\.0\.1:\d+/\S*", running.printed)
        assert len(served) == 3
        for url in served:
            assert requests.get(url, timeout=10).status_code == 200, url
        assert visit(running.url).status_code == 201
        assert requests.get(f"{running.url}/openapi.json", timeout=10).json()["servers"]
        assert requests.get(f"{running.url}/../secret", timeout=10).status_code == 404
        lines = [line for line in running.printed.splitlines() if "POST" in line]
        assert len(lines) == 1
        assert lines[0].startswith("201 ")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_and_keeps_the_counts(folder, how):
    """Ctrl-C or a plain kill: no trace, exit 0, no process left, and the number is there again."""
    with stack.running(folder) as running:
        visit_id = str(uuid4())
        assert visit(running.url, visit_id).json()["visits"] == 1
        assert running.stop(how) == 0
        assert "Traceback" not in running.printed
    with stack.running(folder) as running:
        assert visit(running.url, visit_id).json()["reason"] == "replayed"
        assert visit(running.url).json()["visits"] == 2


def test_in_the_background_it_stops_too(folder):
    """A shell without job control lets what it starts with & ignore Ctrl-C; this listens again."""
    ignored = signal.signal(signal.SIGINT, signal.SIG_IGN)  # what a child inherits
    try:
        started = stack.start(folder)
    finally:
        signal.signal(signal.SIGINT, ignored)
    started.wait_for(started.answers, "answer")
    assert started.stop(signal.SIGINT) == 0


def test_even_killed_it_keeps_the_counts(folder):
    """When its parent is killed the database saves its data and ends by itself."""
    with stack.running(folder) as running:
        visit(running.url)
        data = folder / ".data" / "dynamodb.json"
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
    deadline = stack.READY_SECONDS * 20
    while not data.exists() and deadline:
        deadline -= 1
        stack.sleep(0.05)
    with stack.running(folder) as running:
        assert visit(running.url).json()["visits"] == 2


def test_a_change_reloads_and_a_broken_contract_does_not(folder):
    """A change in the contract is served at once; a mistake in it is named, and the last good
    version goes on."""
    contract = folder / "openapi.yaml"
    good = contract.read_text()
    with stack.running(folder) as running:

        def version():
            return requests.get(f"{running.url}/live/health", timeout=10).json()["version"]

        contract.write_text(good.replace("version: 1.0.0", "version: 1.0.1", 1))
        running.wait_for(lambda: version() == "1.0.1", "reload")
        contract.write_text(good.replace("paths:", "paths: ["))
        running.wait_for(lambda: "Not reloaded" in running.printed, "message")
        assert "openapi.yaml is not YAML" in running.printed
        assert version() == "1.0.1"
        contract.write_text(good)
        running.wait_for(lambda: version() == "1.0.0", "reload")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("paths:", "paths: [", "openapi.yaml is not YAML.\n"),
        (
            "operationId: readHealth",
            "operationId: [1]",
            "openapi.yaml is not valid OpenAPI.\nAt paths",
        ),
    ],
)
def test_a_broken_contract_is_a_message(folder, old, new, message):
    """At the start a broken openapi.yaml is named with its place, without a trace."""
    contract = folder / "openapi.yaml"
    contract.write_text(contract.read_text().replace(old, new, 1))
    refused(stack.start(folder), message)


def test_a_missing_contract_is_a_message(folder):
    """So is one that is not there."""
    (folder / "openapi.yaml").unlink()
    refused(stack.start(folder), "openapi.yaml cannot be read: No such file or directory.")


def test_a_taken_port_is_a_message(folder):
    """It names the port, and the way to choose another."""
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        refused(
            stack.start(folder, port),
            f"port {port} is taken. Choose another one: PORT=8001 make run",
        )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "http", "PORT must be a number from 1 to 65535, not 'http'."),
        ("PORT", "70000", "PORT must be a number from 1 to 65535, not '70000'."),
        ("SHARDS", "none", "SHARDS must be a whole number from 1 to 99."),
    ],
)
def test_a_bad_setting_is_a_message(folder, name, value, message):
    """A setting that makes no sense is named, and what it has to be."""
    refused(stack.start(folder, **{name: value}), message)


@pytest.mark.parametrize("account", [{}, ACCOUNT], ids=["no region", "not there"])
def test_another_dynamodb_that_does_not_do_is_a_message(folder, account):
    """A DynamoDB that cannot be reached, or not without a region, is named with the reason."""
    nowhere = {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    refused(stack.start(folder, **nowhere, **account), "the DynamoDB at http://127.0.0.1:9 does")


def refused(started, message):
    assert started.process.wait(timeout=stack.READY_SECONDS) == 1
    assert f"Cannot run: {message}" in started.printed
    assert "Traceback" not in started.printed


def test_another_dynamodb_takes_the_place_of_the_embedded_one(folder, exact_dynamodb):
    """botocore's own variable points the stack at any DynamoDB."""
    table = f"visits-{uuid4()}"
    other = {"AWS_ENDPOINT_URL_DYNAMODB": exact_dynamodb, "TABLE_NAME": table, **ACCOUNT}
    with stack.running(folder, **other) as running:
        assert visit(running.url).json()["visits"] == 1
        assert exact_dynamodb in running.printed
    with stack.running(folder, **other) as running:
        assert visit(running.url).json()["visits"] == 2
    assert not (folder / ".data" / "dynamodb.json").exists()
