"""Serves the site, the API and the API reference from one process.

`python -m local.server FD LOG` serves on the listening socket FD, which its parent has opened.
The output of the function goes to the file LOG.
"""

import io
import json
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import TYPE_CHECKING, Any, TextIO

import swagger_ui_bundle
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import ThreadedWSGIServer
from werkzeug.utils import send_from_directory
from werkzeug.wrappers import Request, Response

from contract import generation, repository
from contract.repository import ROOT
from local import process
from local.function import handle
from local.gateway.app import Gateway
from local.gateway.integrations import Function
from local.refusals import explained
from local.serving import QuietHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

STAGE = "/live"
FINISH_SECONDS = 2  # for requests that run when the server is asked to end


def application(function: Function = handle) -> "WSGIApplication":
    """Return the WSGI application. The function reads its settings from the environment."""
    document = repository.load().document
    local = {**document, "servers": [{"url": STAGE}]}
    return DispatcherMiddleware(
        files(ROOT / "site"),
        {
            STAGE: Gateway(generation.generate(document), function),
            "/openapi.json": Response(json.dumps(local), mimetype="application/json"),
            "/reference": files(ROOT / "local", index="reference.html"),
            "/swagger-ui": files(swagger_ui_bundle.swagger_ui_path),
        },
    )


def files(folder: str | Path, index: str = "index.html") -> "WSGIApplication":
    """Serve the files of a folder. Browsers revalidate them, so that they show each change."""

    def serve(request: Request) -> Response:
        path = request.path.lstrip("/") or index
        response = send_from_directory(folder, path, request.environ)
        response.cache_control.no_cache = True
        response.access_control_allow_origin = "*"  # pages of other origins may load the element
        return response

    return Request.application(serve)


def logged(application: "WSGIApplication", console: TextIO) -> "WSGIApplication":
    """Write one line per request: status, time, method and path."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        started = perf_counter()

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            milliseconds = (perf_counter() - started) * 1000
            line = f"{environ['REQUEST_METHOD']:7} {environ['REQUEST_URI']}"
            print(f"{status[:3]}  {milliseconds:6.1f} ms  {line}", file=console, flush=True)
            return start_response(status, headers, exc_info)

        return application(environ, start)

    return call


class Log(io.TextIOBase):
    """A log file that drops what cannot be written, so that requests succeed on a full disk."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._file.write(text.encode())
        return len(text)


def main(descriptor: int, log: str) -> None:
    console = sys.stdout
    sys.stdout = Log(Path(log))
    stack = logged(application(explained(handle, console)), console)
    server = ThreadedWSGIServer("127.0.0.1", 0, stack, QuietHandler, fd=descriptor)
    process.end_with_parent(server.shutdown)
    server.serve_forever()
    finish_requests()
    os._exit(0)  # a request that takes longer, such as one that arrives byte by byte, is cut off


def finish_requests() -> None:
    """Wait until the running requests have been answered, or the time is up."""
    deadline = monotonic() + FINISH_SECONDS
    while monotonic() < deadline:
        # The threads of socketserver.ThreadingMixIn have the name of their target.
        if not any("process_request" in thread.name for thread in threading.enumerate()):
            return
        sleep(0.02)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
