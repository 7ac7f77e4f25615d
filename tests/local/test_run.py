"""`make run` serves the site and the API, restarts after a change, and keeps the counts."""

import os
import re
import signal
import socket
import subprocess
from contextlib import closing, contextmanager, suppress
from time import monotonic, sleep
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from contract.command import CommandError
from local import dynamodb
from local.__main__ import function_environment
from tests.conftest import PERSON
from tests.local import stack
from tests.visits.test_privacy import HEADERS, WORD, forms

pytestmark = pytest.mark.slow

ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
}
RESTARTING = "Restarting the server."
NOT_RESTARTED = "The server was not restarted: "


@pytest.fixture
def folder(tmp_path):
    return stack.checkout(tmp_path)


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory):
    return stack.checkout(tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="module")
def shared(shared_folder):
    """A running stack for tests that restore every file that they change.

    AWS profiles and proxies of the shell do not affect its database; an empty URL is no URL.
    """
    environment = {
        **dict.fromkeys(("AWS_PROFILE", "AWS_DEFAULT_PROFILE"), "missing"),
        **dict.fromkeys(("HTTP_PROXY", "http_proxy"), "http://127.0.0.1:9"),
        "AWS_ENDPOINT_URL_DYNAMODB": "",
    }
    with stack.running(shared_folder, **environment) as running:
        yield running


def visit(url, visit_id=None, **headers):
    return requests.post(
        f"{url}/live/counters/resume/visits",
        params={"visitId": visit_id or str(uuid4())},
        headers={"User-Agent": PERSON, **headers},
        timeout=60,
    )


@contextmanager
def expect(running, text):
    """Wait until the stack has printed a text that was not there when the context began."""
    count = running.printed.count(text)
    yield
    running.wait_for(lambda: running.printed.count(text) > count, text)


def test_site_api_and_reference_are_served(shared):
    """Every URL of the banner answers, as does openapi.json. Other files are not served."""
    urls = re.findall(r"http://127\.0\.0\.1:\d+/\S*", shared.printed)
    assert len(urls) == 3
    for url in urls:
        assert requests.get(url, timeout=60).status_code == 200, url
    assert requests.get(f"{shared.url}/openapi.json", timeout=60).json()["servers"]
    assert requests.get(f"{shared.url}/../secret", timeout=60).status_code == 404


def test_origins_of_the_user_are_added_to_those_of_the_stack(monkeypatch):
    """The stack's own page may always count, by both names; an empty setting adds nothing."""
    own = "http://127.0.0.1:8001,http://localhost:8001"
    for added, allowed in (("", own), ("https://a.example,*", f"{own},https://a.example,*")):
        monkeypatch.setenv("ALLOWED_ORIGINS", added)
        assert function_environment(8001)["ALLOWED_ORIGINS"] == allowed


def test_data_folder_has_no_trace_of_a_person(shared, shared_folder):
    """No header of a visit is in .data/, neither in the saved tables nor in a log."""
    visit_id, data = str(uuid4()), shared_folder / ".data"
    answer = visit(shared.url, visit_id, **HEADERS | {"User-Agent": f"{PERSON} {WORD}"})
    assert answer.status_code == 201
    tables = data / "dynamodb.json"
    shared.wait_for(lambda: tables.exists() and visit_id in tables.read_text(), "saved visit")
    written = "".join(path.read_text() for path in data.iterdir() if path.is_file())
    assert [form for form in forms(WORD.encode()) if form in written] == []


def test_requests_and_reasons_are_printed(shared):
    """Each request is one line, which begins with the status. A refused one has a second line
    with the reason."""
    visit_id, refused_id = str(uuid4()), str(uuid4())
    assert visit(shared.url, visit_id).status_code == 201
    assert visit(shared.url, refused_id, Origin="https://a.example").status_code == 403
    lines = shared.printed.splitlines()
    [line] = [line for line in lines if visit_id in line]
    assert line.startswith("201 ")
    [number] = [number for number, line in enumerate(lines) if refused_id in line]
    assert lines[number].startswith("403 ")
    reason = "The owner has not listed the origin of this page. Origin: 'https://a.example'"
    assert lines[number + 1].strip() == reason


def test_changed_contract_is_served_and_invalid_contract_is_not(shared, shared_folder):
    """A valid change of openapi.yaml is served. After an invalid one the server runs on, and the
    terminal names the error and its place."""
    contract = shared_folder / "openapi.yaml"
    original = contract.read_text()

    def version():
        with suppress(requests.ConnectionError):  # a server that ends may reset a connection
            return requests.get(f"{shared.url}/live/health", timeout=60).json()["version"]

    before = version()
    contract.write_text(original.replace(f"version: {before}", "version: 9.9.9", 1))
    shared.wait_for(lambda: version() == "9.9.9", "restart")
    with expect(shared, f"{NOT_RESTARTED}openapi.yaml is not YAML"):
        contract.write_text(original.replace("paths:", "paths: ["))
    with expect(shared, "openapi.yaml has an alias of a block in this block."):
        contract.write_text(f"{original}\nx-own: &own {{again: *own}}\n")
    with expect(shared, "not valid OpenAPI.\nAt components.schemas.Counter."):
        contract.write_text(original.replace("schemas/Totals", "schemas/Missing", 1))
    assert version() == "9.9.9"
    contract.write_text(original)
    shared.wait_for(lambda: version() == before, "restart")


def test_server_that_does_not_start_is_reported_and_started_again(shared, shared_folder):
    """After a syntax error the terminal shows it, and the next change starts the server again."""
    module = shared_folder / "lambda" / "visits" / "handler.py"
    original = module.read_text()
    with expect(shared, "The server has ended with exit code 1"):
        module.write_text(f"def broken(:\n{original}")
    assert "\n    def broken(:\n" in shared.printed
    module.write_text(original)
    shared.wait_for(shared.answers, "answer")


def test_slow_clients_and_lock_of_an_editor_do_not_stop_a_restart(shared, shared_folder):
    """It restarts while a connection is idle, as those of browsers, and while a client still sends.

    Emacs locks a file with a dangling link.
    """
    address = ("127.0.0.1", urlsplit(shared.url).port)
    lock = shared_folder / "lambda" / "visits" / ".#handler.py"
    lock.symlink_to("user@host.1:1")
    with (
        closing(socket.create_connection(address)),
        closing(socket.create_connection(address)) as sending,
    ):
        sending.sendall(b"POST /live/health HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nx")
        with expect(shared, RESTARTING):
            (shared_folder / "lambda" / "visits" / "handler.py").touch()
        shared.wait_for(shared.answers, "answer")
    lock.unlink()


def test_counts_are_kept_however_it_ends(folder):
    """After SIGINT or SIGTERM it exits with 0 and no traceback. After kill -9 the server ends, and
    the database saves its data and ends. The next run has the counts.

    The first run inherits an ignored SIGINT, as background processes of a shell script do.
    """
    visit_id = str(uuid4())
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        first = stack.start(folder)
    finally:
        signal.signal(signal.SIGINT, handler)
    first.wait_for(first.answers, "answer")
    assert visit(first.url, visit_id).json()["visits"] == 1
    assert first.stop(signal.SIGINT) == 0
    assert "Traceback" not in first.printed
    with stack.running(folder) as second:
        assert visit(second.url, visit_id).json()["reason"] == "replayed"
        assert visit(second.url).json()["visits"] == 2
        second.process.kill()
        second.process.wait()
    deadline = monotonic() + stack.READY_SECONDS
    while second.answers() or in_use(folder / ".data"):
        assert monotonic() < deadline
        sleep(0.05)
    with stack.running(folder) as third:
        assert visit(third.url).json()["visits"] == 3
        assert third.stop(signal.SIGTERM) == 0
        assert "Traceback" not in third.printed


def in_use(data):
    try:
        with dynamodb.locked(data):
            return False
    except CommandError:
        return True


def test_database_that_ends_ends_the_stack(folder):
    """When the database is killed, or cannot write its data, `make run` ends with a message. The
    counts that were saved are there in the next run."""
    data = folder / ".data" / "dynamodb.json"
    with stack.running(folder) as running:
        visit_id = str(uuid4())
        visit(running.url, visit_id)
        running.wait_for(lambda: data.exists() and visit_id in data.read_text(), "saved visit")
        search = ["pgrep", "-P", str(running.process.pid), "-f", "local.persistence"]
        os.kill(int(subprocess.check_output(search)), signal.SIGKILL)
        assert running.process.wait(timeout=stack.READY_SECONDS) == 1
    ended = (
        "\nCannot run: MiniStack, the local DynamoDB, ended with exit code {}. The visits of its "
        f"last seconds may be lost. Its log is {folder}/.data/ministack.log.\n"
    )
    assert running.printed.endswith(ended.format(-9))
    (folder / ".data" / "dynamodb.json.tmp").symlink_to("/dev/full")
    with stack.running(folder) as running:
        assert visit(running.url).json()["visits"] == 2
        assert running.process.wait(timeout=stack.READY_SECONDS) == 1
    lost = f"\nThe last visits are lost: {data} cannot be written: No space left on device.\n"
    assert lost in running.printed
    assert running.printed.endswith(ended.format(1))
    assert visit_id in data.read_text()


def test_another_dynamodb_replaces_the_embedded_one(folder, exact_dynamodb):
    """With AWS_ENDPOINT_URL_DYNAMODB the stack uses that database, and starts none."""
    table = f"visits-{uuid4()}"
    other = {"AWS_ENDPOINT_URL_DYNAMODB": exact_dynamodb, "TABLE_NAME": table, **ACCOUNT}
    with stack.running(folder, **other) as running:
        assert visit(running.url).json()["visits"] == 1
        assert exact_dynamodb in running.printed
    assert not (folder / ".data" / "dynamodb.json").exists()
