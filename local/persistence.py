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
from pathlib import Path
from typing import Any, TextIO

from ministack.core import persistence

from contract.command import CommandError
from local import process

# MiniStack's version is pinned.
decode, encode = persistence._json_object_hook, persistence._json_default  # noqa: SLF001
SECONDS = 3  # from a request until its changes are in the file
FORMAT = "__ministack_format__"


def read(path: Path) -> dict[str, Any] | None:
    """Return the data in a file, or None if the file does not exist."""
    try:
        content = json.loads(path.read_bytes(), object_hook=decode)
        if content[FORMAT] > persistence.STATE_FORMAT_VERSION:
            raise ValueError
        if not isinstance(content["payload"]["tables"], persistence.AccountRegionScopedDict):
            raise TypeError
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise CommandError(
            f"{path} is damaged, or a newer version of this project has written it. Repair it, or "
            "move it to another place to count from zero."
        ) from None
    return dict(content["payload"])


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
        self._scheduled = False

    async def handle_request(self, *request: Any) -> Any:
        """Answer a request to the service, and save the data soon afterwards."""
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_later(SECONDS, self.save)
        return await self._answer(*request)

    def save(self) -> None:
        """Replace the file. If that fails, the file stays as it is, and this process ends."""
        self._scheduled = False
        content = {FORMAT: persistence.STATE_FORMAT_VERSION, "payload": self._state()}
        temporary = self._path.with_name(f"{self._path.name}.tmp")
        try:
            with temporary.open("w") as file:
                file.write(json.dumps(content, default=encode))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        except OSError as error:
            print(
                f"The last visits are lost: {self._path} cannot be written: {error.strerror}.",
                file=self._console,
                flush=True,
            )
            os._exit(1)


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
        storage.save()


if __name__ == "__main__":
    main(Path(sys.argv.pop()))  # MiniStack reads the arguments, too
