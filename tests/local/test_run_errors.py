"""Errors of `make run` are short messages that name the cause."""

import os
import signal
import socket
from contextlib import closing
from unittest.mock import Mock

import pytest

from contract.command import CommandError
from local import __main__, dynamodb
from local.ministack import free_port
from tests.local import stack


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The path of a data folder that does not exist yet."""
    monkeypatch.setattr(__main__, "DATA", tmp_path / ".data")
    monkeypatch.setattr(__main__, "LOG", tmp_path / ".data" / "function.log")
    return tmp_path / ".data"


@pytest.fixture
def fail(data, monkeypatch):
    """A function that runs main() in this process and returns its error message."""
    monkeypatch.setattr(signal, "signal", Mock())

    def call(**environment):
        for name, value in {"PORT": str(free_port()), **environment}.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        return ended.value.code

    return call


def test_error_ends_the_process_without_traceback(tmp_path):
    """The process prints the message without a traceback, and exits with 1."""
    started = stack.start(stack.checkout(tmp_path), SHARDS="none")
    assert started.process.wait(timeout=stack.READY_SECONDS) == 1
    assert started.printed == "Cannot run: SHARDS must be a whole number from 1 to 99.\n"


def test_port_in_use(fail):
    """If the port is in use, the message says how to choose another one."""
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        assert fail(PORT=str(port)) == (
            f"Cannot run: port {port} cannot be used: Address already in use. "
            "Choose another port: PORT=8001 make run"
        )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "70000", "PORT must be a number from 1 to 65535, not '70000'."),
        ("ALLOWED_ORIGINS", "example.com", "ALLOWED_ORIGINS must be * or origins such as https://"),
    ],
)
def test_invalid_setting(fail, name, value, message):
    """An invalid setting is reported with the values that are allowed."""
    assert fail(**{name: value}).startswith(f"Cannot run: {message}")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "null",
        '{"__ministack_format__": 2, "payload": {"tables": {}}}',
        '{"__ministack_format__": 3}',
    ],
)
def test_data_that_cannot_be_read_is_not_overwritten(data, fail, content):
    """Damaged data, and that of a newer version, is reported and stays as it is."""
    data.mkdir()
    counts = data / "dynamodb.json"
    counts.write_text(content)
    assert fail() == (
        f"Cannot run: {counts} is damaged, or a newer version of this project has written it. "
        "Repair it, or move it to another place to count from zero."
    )
    assert counts.read_text() == content


def test_second_stack_on_the_same_data(data, fail):
    """While one stack uses the data, a second one is refused, whatever its port."""
    data.mkdir()
    with dynamodb.locked(data), closing(socket.create_server(("127.0.0.1", 0))) as other:
        assert fail(PORT=str(other.getsockname()[1])) == (
            f"Cannot run: another `make run` uses {data}. Stop it first, or use a second checkout."
        )


def test_lock_is_held_until_the_database_has_ended(tmp_path):
    """If the stack is killed, its database holds the lock until it has saved its data and ended."""
    with dynamodb.locked(tmp_path) as lock, dynamodb.persistent(tmp_path, os.environ, lock):
        lock.close()
        with pytest.raises(CommandError), dynamodb.locked(tmp_path):
            pass
    with dynamodb.locked(tmp_path):
        pass


def test_unusable_dynamodb(fail):
    """A DynamoDB that cannot be reached is reported with the reason."""
    message = fail(AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1")
    assert message.startswith(
        "Cannot run: the DynamoDB at http://127.0.0.1:9 cannot be used: Could not connect"
    )
