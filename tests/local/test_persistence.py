"""The embedded DynamoDB saves its data, and reports a file that it cannot write."""

import asyncio
import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from contract.command import CommandError
from local import dynamodb, persistence


class Service:
    """Stands for MiniStack's module: each request adds 1 to its state."""

    def __init__(self):
        self.requests = 0

    def get_state(self):
        return {"requests": self.requests}

    async def handle_request(self, *_):
        self.requests += 1
        return self.requests


@pytest.fixture
def storage(tmp_path, monkeypatch):
    """A storage that saves at once, with its file and what it prints."""
    monkeypatch.setattr(persistence, "SECONDS", 0)
    file, console = tmp_path / "data.json", io.StringIO()
    return SimpleNamespace(
        file=file,
        temporary=tmp_path / "data.json.tmp",
        console=console,
        handle=persistence.Storage(file, Service(), console).handle_request,
    )


def saved(storage):
    content = storage.file.read_text() if storage.file.exists() else "{}"
    return json.loads(content).get("payload", {}).get("requests")


def run_in_thread(coroutine):
    """Run a coroutine in another thread: Playwright's event loop may run in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, coroutine).result()


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - the file changes without an event
            await asyncio.sleep(0)


def test_full_disk_is_reported_once_and_the_data_is_saved_later(storage):
    """On a full disk the file keeps its data, one line names it and the reason, and the data is
    saved without another request when the disk has space."""

    async def run():
        await storage.handle("POST")
        await until(lambda: saved(storage) == 1)
        storage.temporary.symlink_to("/dev/full")
        await storage.handle("POST")
        await until(storage.console.getvalue)
        for _ in range(10):
            await asyncio.sleep(0)
        assert saved(storage) == 1
        storage.temporary.unlink()
        await until(lambda: saved(storage) == 2)

    run_in_thread(run())
    failed, again = storage.console.getvalue().splitlines()
    assert failed.startswith("The visits since ")
    assert failed.endswith(
        f" are not saved: {storage.file} cannot be written: No space left on device. "
        "They are saved as soon as that works."
    )
    assert again == "The visits are saved again."


def test_lock_is_held_until_the_database_has_ended(tmp_path):
    """If the stack is killed, its database holds the lock until it has saved its data and ended."""
    with dynamodb.locked(tmp_path) as lock, dynamodb.persistent(tmp_path, os.environ, lock):
        lock.close()
        with pytest.raises(CommandError), dynamodb.locked(tmp_path):
            pass
    with dynamodb.locked(tmp_path):
        pass
