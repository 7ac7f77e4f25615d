"""`make run`, as somebody meets it who has just cloned the repository."""

import re
import signal
import socket
from contextlib import closing
from errno import EACCES
from time import sleep
from unittest.mock import Mock
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from local.__main__ import listening
from local.reload import RunError
from tests.conftest import PERSON
from tests.local import stack

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
        timeout=60,
    )


def test_it_serves_the_site_the_api_and_its_reference(folder):
    """The banner names what is served, and all of it answers; each request is one line."""
    with stack.running(folder) as running:
        served = re.findall(r"http://127\.0\.0\.1:\d+/\S*", running.printed)
        assert len(served) == 3
        for url in served:
            assert requests.get(url, timeout=60).status_code == 200, url
        assert visit(running.url).status_code == 201
        assert requests.get(f"{running.url}/openapi.json", timeout=60).json()["servers"]
        assert requests.get(f"{running.url}/../secret", timeout=60).status_code == 404
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
    """When its parent is killed, the database saves its data and ends."""
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
            return requests.get(f"{running.url}/live/health", timeout=60).json()["version"]

        contract.write_text(good.replace("version: 1.0.0", "version: 1.0.1", 1))
        running.wait_for(lambda: version() == "1.0.1", "reload")
        contract.write_text(good.replace("paths:", "paths: ["))
        running.wait_for(lambda: "Not reloaded" in running.printed, "message")
        assert "openapi.yaml is not YAML" in running.printed
        contract.write_text("")  # as editors do for a moment, before they write
        running.wait_for(lambda: "`openapi: 3.0.3` is missing" in running.printed, "message")
        assert version() == "1.0.1"
        contract.write_text(good)
        running.wait_for(lambda: version() == "1.0.0", "reload")


def test_a_connection_without_a_request_stops_no_reload(folder):
    """Browsers open connections in advance: the server does not wait for what never comes."""
    with stack.running(folder) as running:
        address = ("127.0.0.1", urlsplit(running.url).port)
        with closing(socket.create_connection(address)):
            (folder / "lambda" / "visits" / "handler.py").touch()
            running.wait_for(lambda: "Reloading" in running.printed, "reload")
            running.wait_for(running.answers, "answer")
        assert "timed out" not in running.printed


def test_an_editors_lock_stops_nothing(folder):
    """Emacs locks a file that is edited with a link to nowhere, beside the file."""
    with stack.running(folder) as running:
        (folder / "lambda" / "visits" / ".#handler.py").symlink_to("me@here.1:1")
        sleep(1)  # it looks three times a second
        assert running.answers()
        assert running.process.poll() is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("paths:", "paths: [", "openapi.yaml is not YAML.\n"),
        (
            "operationId: readHealth",
            "operationId: [1]",
            "openapi.yaml is not valid OpenAPI.\nAt paths",
        ),
        ("openapi: 3.0.3", "", "openapi.yaml is not OpenAPI: `openapi: 3.0.3` is missing."),
        ("openapi: 3.0.3", "openapi: 3.0", "openapi.yaml is not OpenAPI: `openapi: 3.0.3` is"),
        (
            '"#/components/schemas/Totals"',
            '"#/components/schemas/Missing"',
            "openapi.yaml has no /components/schemas/Missing, and refers to it.",
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


def test_a_port_that_may_not_be_used_is_a_message(monkeypatch):
    """It is not called taken: below 1024 some systems ask for more rights."""
    refuse = PermissionError(EACCES, "Permission denied")
    monkeypatch.setattr(socket, "create_server", Mock(side_effect=refuse))
    with pytest.raises(RunError, match=r"^port 80 cannot be used: Permission denied"):
        listening(80).__enter__()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "http", "PORT must be a number from 1 to 65535, not 'http'."),
        ("PORT", "70000", "PORT must be a number from 1 to 65535, not '70000'."),
        ("SHARDS", "none", "SHARDS must be a whole number from 1 to 99."),
        ("COUNTERS", "resume", "COUNTERS must be JSON that declares at least one counter"),
        ("ALLOWED_ORIGINS", "example.com", "ALLOWED_ORIGINS must be origins such as https://"),
    ],
)
def test_a_bad_setting_is_a_message(folder, name, value, message):
    """A setting that makes no sense is named, and what it has to be."""
    refused(stack.start(folder, **{name: value}), message)


def test_a_data_folder_that_cannot_be_used_is_a_message(folder):
    """A file in its place is named, and so is what cannot be written in it."""
    data = folder.resolve() / ".data"
    data.touch()
    refused(stack.start(folder), f"{data} cannot be written: File exists.")
    data.unlink()
    (data / "function.log").mkdir(parents=True)
    refused(stack.start(folder), f"{data}/function.log cannot be written: Is a directory.")


def test_damaged_counts_are_not_written_over(folder):
    """What was counted may still be saved by hand; counting from zero is the user's choice."""
    data = folder.resolve() / ".data" / "dynamodb.json"
    data.parent.mkdir()
    data.write_text('{"half')
    refused(stack.start(folder), f"{data} is damaged. Move it away to count from zero.")
    assert data.read_text() == '{"half'


@pytest.mark.parametrize(
    "environment",
    [
        {"AWS_PROFILE": "nobody", "AWS_DEFAULT_PROFILE": "nobody"},
        {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"},
        {"AWS_ENDPOINT_URL_DYNAMODB": ""},
    ],
    ids=["profile", "proxy", "no endpoint"],
)
def test_what_a_shell_has_set_for_other_things_does_not_matter(folder, environment):
    """Neither a profile of AWS nor a proxy reaches the embedded database; empty is not set."""
    with stack.running(folder, **environment) as running:
        assert visit(running.url).status_code == 201


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
