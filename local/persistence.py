"""Runs MiniStack's DynamoDB with its data in a file.

`python -m local.persistence FILE` is its process. It saves the data a few seconds after a request
and when it ends. MiniStack's own persistence saves only at the end, and replaces data that it
cannot read.
"""

import asyncio
import json
import os
import runpy
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from ministack.core import persistence

from contract.command import CommandError
from local import process

# MiniStack's version is pinned.
decode, encode = persistence._json_object_hook, persistence._json_default  # noqa: SLF001
SECONDS = 3  # from a request until its changes are in the file
FORMAT = "__ministack_format__"
NOT_SAVED = 3  # exit code


def read(path: Path) -> dict[str, Any] | None:
    """Return the data in a file, or None if the file does not exist."""
    try:
        text = path.read_bytes()
        version = json.loads(text)[FORMAT]
        if version > persistence.STATE_FORMAT_VERSION:
            raise CommandError(
                f"{path} was written by a newer version of this project. Use that version, or move "
                "the file to another place to count from zero."
            )
        payload = json.loads(text, object_hook=decode)["payload"]
        if not isinstance(payload["tables"], persistence.AccountRegionScopedDict):
            raise TypeError
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise CommandError(
            f"{path} is damaged. Repair it, or move it to another place to count from zero."
        ) from None
    return dict(payload)


class Storage:
    """Keeps the data of MiniStack's DynamoDB in a file.

    Args:
        service: MiniStack's module. It changes its data only in the thread of the event loop.
        console: where to report that the file cannot be written.
    """

    def __init__(self, path: Path, service: Any, console: TextIO) -> None:
        self._path = path
        self._state = service.get_state
        self._answer = service.handle_request
        self._console = console
        self._saved = ""
        self._time = datetime.now().astimezone()  # of the last save
        self._scheduled = self._failing = False

    async def handle_request(self, *request: Any) -> Any:
        """Answer a request to the service, and save the data soon afterwards."""
        self._schedule()
        return await self._answer(*request)

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_later(SECONDS, self._save_or_try_again)

    def _save_or_try_again(self) -> None:
        self._scheduled = False
        try:
            self.save()
        except OSError as error:
            self._schedule()
            if not self._failing:
                self._failing = True
                self.report(error, "They are saved as soon as that works.")
        else:
            if self._failing:
                self._failing = False
                print("The visits are saved again.", file=self._console, flush=True)

    def save(self) -> None:
        """Replace the file if the data has changed. An error leaves the file as it is.

        Raises:
            OSError: the file cannot be written.
        """
        content = {FORMAT: persistence.STATE_FORMAT_VERSION, "payload": self._state()}
        text = json.dumps(content, default=encode)
        now = datetime.now().astimezone()
        if text != self._saved:
            temporary = self._path.with_name(f"{self._path.name}.tmp")
            with temporary.open("w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        self._saved, self._time = text, now

    def report(self, error: OSError, consequence: str) -> None:
        print(
            f"The visits since {self._time:%H:%M:%S} are not saved: {self._path} cannot be "
            f"written: {error.strerror}. {consequence}",
            file=self._console,
            flush=True,
        )


def main(path: Path) -> None:
    from ministack.services import dynamodb  # noqa: PLC0415 - starts a thread

    console, sys.stdout = sys.stdout, sys.stderr
    dynamodb.load_persisted_state(read(path))
    storage = Storage(path, dynamodb, console)
    dynamodb.handle_request = storage.handle_request
    process.end_with_parent()
    try:
        runpy.run_module("ministack", run_name="__main__")
    finally:
        try:
            storage.save()
        except OSError as error:
            storage.report(error, "They are lost.")
            os._exit(NOT_SAVED)  # sys.exit() returns 120 if the log cannot be written either


if __name__ == "__main__":
    main(Path(sys.argv.pop()))  # MiniStack reads the arguments, too
