"""Serves the site, the API and the API reference from one process.

`python -m local.server FD LOG` serves on the listening socket FD, which its parent has opened.
The output of the function goes to the file LOG.
"""

import json
import os
import signal
import socket
import sys
from contextlib import redirect_stdout
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import swagger_ui_bundle
from waitress import create_server
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.utils import send_from_directory
from werkzeug.wrappers import Request, Response

from contract import generation, repository
from contract.repository import ROOT
from local import process
from local.function import handle
from local.gateway.app import Gateway
from local.gateway.integrations import Function

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

STAGE = "/live"
PROBLEM = "application/problem+json"
THREADS = 64  # requests at the same time


def application(function: Function = handle) -> "WSGIApplication":
    """Return the WSGI application. The function reads its settings from the environment."""
    document = repository.load().document
    local = {**document, "servers": [{"url": STAGE}]}
    return DispatcherMiddleware(
        files(ROOT / "site"),
        {
            STAGE: Gateway(generation.generate(document), function),
            "/openapi.json": Response(json.dumps(local, default=str), mimetype="application/json"),
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


def logged(application: "WSGIApplication") -> "WSGIApplication":
    """Print a line per request: status, time, method and path. A problem's detail is another."""
    console = sys.stdout

    def call(request: Request) -> Response:
        started = perf_counter()
        response = Response.from_app(application, request.environ)
        milliseconds = (perf_counter() - started) * 1000
        url = request.environ["REQUEST_URI"]
        text = f"{response.status_code}  {milliseconds:6.1f} ms  {request.method:7} {url}\n"
        if problem := response.mimetype == PROBLEM and response.get_json(silent=True):
            origin = request.headers.get("Origin")
            text += f"     {problem.get('detail', '')}{f' Origin: {origin!r}' if origin else ''}\n"
        console.write(text)
        console.flush()
        return response

    return Request.application(call)


def main(descriptor: int, log: str) -> None:
    listener = socket.socket(fileno=descriptor)
    server = create_server(logged(application()), sockets=[listener], threads=THREADS, ident=None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    process.end_with_parent()
    with Path(log).open("a", buffering=1, encoding="utf-8") as file, redirect_stdout(file):
        server.run()  # until SIGTERM, and then until the running requests have been answered
    os._exit(0)  # do not wait for a function that does not end


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
