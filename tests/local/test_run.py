"""`make run` serves the site and the API, restarts after a change, and keeps the counts."""

import os
import re
import signal
import socket
import subprocess
from contextlib import closing, contextmanager, suppress
from threading import Thread
from time import monotonic, sleep
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from contract.command import CommandError
from local import dynamodb
from local.__main__ import ENDPOINT, banner
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
    """A running stack for tests that restore every file that they change."""
    with stack.running(shared_folder) as running:
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


def test_banner_names_a_declared_counter():
    """The URL of the API in the banner is that of the first counter in COUNTERS."""
    printed = banner(8000, {"COUNTERS": '{"blog": {}}', ENDPOINT: "http://127.0.0.1:1"})
    assert "http://127.0.0.1:8000/live/counters/blog\n" in printed


def test_data_folder_has_no_trace_of_a_person(shared, shared_folder):
    """No header of a visit is in .data/, neither in the saved tables nor in a log."""
    visit_id, data = str(uuid4()), shared_folder / ".data"
    answer = visit(shared.url, visit_id, **HEADERS | {"User-Agent": f"{PERSON} {WORD}"})
    assert answer.status_code == 201
    tables = data / "dynamodb.json"
    shared.wait_for(lambda: tables.exists() and visit_id in tables.read_text(), "saved visit")
    written = "".join(path.read_text() for path in data.iterdir() if path.is_file())
    assert [form for form in forms(WORD.encode()) if form in written] == []


def test_requests_and_refusals_are_printed(shared):
    """Each request is one line, which begins with the status. A refused visit has another one, with
    its origin and the setting that allows it."""
    visit_id = str(uuid4())
    assert visit(shared.url, visit_id).status_code == 201
    [line] = [line for line in shared.printed.splitlines() if visit_id in line]
    assert line.startswith("201 ")
    assert visit(shared.url, Origin="https://a.example").status_code == 403
    assert "ALLOWED_ORIGINS=https://a.example make run" in shared.printed


def test_changed_contract_is_served_and_invalid_contract_is_not(shared, shared_folder):
    """A valid change of openapi.yaml is served. After an invalid one the server runs on."""
    contract = shared_folder / "openapi.yaml"
    original = contract.read_text()

    def version():
        return requests.get(f"{shared.url}/live/health", timeout=60).json()["version"]

    before = version()
    contract.write_text(original.replace(f"version: {before}", "version: 9.9.9", 1))
    shared.wait_for(lambda: version() == "9.9.9", "restart")
    with expect(shared, f"{NOT_RESTARTED}openapi.yaml is not YAML"):
        contract.write_text(original.replace("paths:", "paths: ["))
    with expect(shared, f"{NOT_RESTARTED}openapi.yaml is not valid OpenAPI."):
        contract.write_text("")  # as some editors do before they write
    assert version() == "9.9.9"
    contract.write_text(original)
    shared.wait_for(lambda: version() == before, "restart")


def test_server_that_has_ended_is_reported_and_started_again(shared, shared_folder):
    """When the server has ended, the terminal says so, and the next change starts it again."""
    command = ["pgrep", "-f", "-P", str(shared.process.pid), "local.server"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    with expect(shared, "The server has ended with exit code -9"):
        os.kill(int(found.stdout), signal.SIGKILL)
    (shared_folder / "openapi.yaml").touch()
    shared.wait_for(shared.answers, "answer")


@pytest.mark.parametrize("line", ["def broken(:\n", "import missing_module\n"])
def test_broken_module_does_not_replace_the_running_server(shared, shared_folder, line):
    """After a syntax or import error the server runs on, and the error is printed."""
    module = shared_folder / "lambda" / "visits" / "handler.py"
    original = module.read_text()
    with expect(shared, line):
        module.write_text(line + original)
    assert f"{NOT_RESTARTED}an import failed.\nTraceback" in shared.printed
    assert shared.answers()
    with expect(shared, RESTARTING):
        module.write_text(original)
    assert shared.answers()


def test_idle_connection_and_lock_of_an_editor_do_not_stop_a_restart(shared, shared_folder):
    """Browsers open connections without a request, and Emacs locks a file with a dangling link."""
    address = ("127.0.0.1", urlsplit(shared.url).port)
    lock = shared_folder / "lambda" / "visits" / ".#handler.py"
    lock.symlink_to("user@host.1:1")
    with closing(socket.create_connection(address)):
        with expect(shared, RESTARTING):
            (shared_folder / "lambda" / "visits" / "handler.py").touch()
        shared.wait_for(shared.answers, "answer")
    assert "timed out" not in shared.printed
    lock.unlink()


def test_signals_stop_it_cleanly_and_counts_are_kept(folder):
    """After SIGINT or SIGTERM it exits with 0 and no traceback, and the next run has the counts.

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
        assert second.stop(signal.SIGTERM) == 0
        assert "Traceback" not in second.printed
    with stack.running(folder) as third:
        assert visit(third.url).json()["visits"] == 3


def test_a_client_that_sends_byte_by_byte_does_not_keep_it_running(folder):
    """It ends while a client still sends, and cuts the connection off."""
    with stack.running(folder) as running:
        address = urlsplit(running.url)
        with socket.create_connection((address.hostname, address.port)) as client:
            client.sendall(b"POST /live/health HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n")
            dripping = Thread(target=drip, args=[client])
            dripping.start()
            assert running.stop() == 0
            dripping.join()  # it ends when the connection is cut off


def drip(client):
    with suppress(OSError):
        while True:
            client.sendall(b"x")
            sleep(0.1)


def test_counts_are_kept_after_kill_9(folder):
    """When their parent is killed, the server ends, and the database saves its data and ends."""
    with stack.running(folder) as running:
        visit(running.url)
        running.process.kill()
        running.process.wait()
    deadline = monotonic() + stack.READY_SECONDS
    while running.answers() or in_use(folder / ".data"):
        assert monotonic() < deadline
        sleep(0.05)
    with stack.running(folder) as running:
        assert visit(running.url).json()["visits"] == 2


def in_use(data):
    try:
        with dynamodb.locked(data):
            return False
    except CommandError:
        return True


def test_killed_database_ends_the_stack_and_saved_counts_are_kept(folder):
    """When the database is killed, `make run` ends with a message. The counts that were saved while
    it ran are there in the next run."""
    data = folder / ".data" / "dynamodb.json"
    with stack.running(folder) as running:
        visit_id = str(uuid4())
        visit(running.url, visit_id)
        running.wait_for(lambda: data.exists() and visit_id in data.read_text(), "saved visit")
        search = ["pgrep", "-P", str(running.process.pid), "-f", "local.persistence"]
        database = int(subprocess.check_output(search))
        os.kill(database, signal.SIGKILL)
        assert running.process.wait(timeout=stack.READY_SECONDS) == 1
    assert running.printed.endswith(
        "\nCannot run: MiniStack, the local DynamoDB, ended with exit code -9. The visits of its "
        f"last seconds may be lost. Its log is {folder}/.data/ministack.log.\n"
    )
    with stack.running(folder) as running:
        assert visit(running.url).json()["visits"] == 2


def test_visits_are_counted_on_a_full_disk_and_their_loss_is_reported(folder):
    """When no file in .data/ can be written, visits are counted. `make run` ends with what is lost
    and the exit code 1."""
    (folder / ".data").mkdir()
    for name in ("dynamodb.json.tmp", "function.log", "ministack.log"):
        (folder / ".data" / name).symlink_to("/dev/full")
    with stack.running(folder) as running:
        assert visit(running.url).status_code == 201
        assert running.stop() == 1
    assert running.printed.endswith(
        f" are not saved: {folder}/.data/dynamodb.json cannot be written: No space left on device. "
        "They are lost.\n\nStopped.\n"
    )


def test_other_settings_of_the_shell_are_ignored(folder):
    """AWS profiles and proxies do not affect the embedded database; an empty URL is no URL."""
    environment = {
        **dict.fromkeys(("AWS_PROFILE", "AWS_DEFAULT_PROFILE"), "missing"),
        **dict.fromkeys(("HTTP_PROXY", "http_proxy"), "http://127.0.0.1:9"),
        "AWS_ENDPOINT_URL_DYNAMODB": "",
    }
    with stack.running(folder, **environment) as running:
        assert visit(running.url).status_code == 201


def test_another_dynamodb_replaces_the_embedded_one(folder, exact_dynamodb):
    """With AWS_ENDPOINT_URL_DYNAMODB the stack uses that database, and starts none."""
    table = f"visits-{uuid4()}"
    other = {"AWS_ENDPOINT_URL_DYNAMODB": exact_dynamodb, "TABLE_NAME": table, **ACCOUNT}
    with stack.running(folder, **other) as running:
        assert visit(running.url).json()["visits"] == 1
        assert exact_dynamodb in running.printed
    with stack.running(folder, **other) as running:
        assert visit(running.url).json()["visits"] == 2
    assert not (folder / ".data" / "dynamodb.json").exists()
