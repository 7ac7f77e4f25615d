"""The local stack in one process: the site, the API under its stage, and its reference.

`python -m local.server FD LOG` serves on a listening socket that its parent has opened,
and writes what the function prints to LOG.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, TextIO

import swagger_ui_bundle
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import ThreadedWSGIServer
from werkzeug.utils import send_from_directory
from werkzeug.wrappers import Request, Response

from local import process
from local.gateway.app import Gateway
from local.serving import QuietHandler
from visits import contract
from visits.contract import ROOT
from visits.handler import handle

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

STAGE = "/live"


def application() -> "WSGIApplication":
    """The whole stack. The function takes its settings from the environment."""
    document = contract.load().document
    local = {**document, "servers": [{"url": STAGE}]}
    return DispatcherMiddleware(
        files(ROOT / "site"),
        {
            STAGE: Gateway(document, handle),
            "/openapi.json": Response(json.dumps(local), mimetype="application/json"),
            "/reference": files(ROOT / "local", index="reference.html"),
            "/swagger-ui": files(swagger_ui_bundle.swagger_ui_path),
        },
    )


def files(folder: str | Path, index: str = "index.html") -> "WSGIApplication":
    """Serve a folder. Browsers ask again each time, so that a change shows."""

    def serve(request: Request) -> Response:
        path = request.path.lstrip("/") or index
        response = send_from_directory(folder, path, request.environ)
        response.cache_control.no_cache = True
        response.access_control_allow_origin = "*"  # a page elsewhere may load the element
        return response

    return Request.application(serve)


def logged(application: "WSGIApplication", console: TextIO) -> "WSGIApplication":
    """Write one line for each request: method, path, status, time."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        began = perf_counter()

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            milliseconds = (perf_counter() - began) * 1000
            line = f"{environ['REQUEST_METHOD']:7} {environ['REQUEST_URI']}"
            print(f"{status[:3]}  {milliseconds:6.1f} ms  {line}", file=console, flush=True)
            return start_response(status, headers, exc_info)

        return application(environ, start)

    return call


def main(descriptor: int, log: str) -> None:
    console = sys.stdout
    sys.stdout = Path(log).open("a", buffering=1)  # noqa: SIM115 - open as long as the process
    stack = logged(application(), console)
    server = ThreadedWSGIServer("127.0.0.1", 0, stack, QuietHandler, fd=descriptor)
    server.daemon_threads = False  # requests under way are finished before the process ends
    process.end_with_parent(server.shutdown)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
