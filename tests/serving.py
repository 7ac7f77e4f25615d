"""Serves on 127.0.0.1 from a thread of this process."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

STOP_POLL_SECONDS = 0.02

logging.getLogger("werkzeug").setLevel(logging.ERROR)  # no line for each request


@contextmanager
def serving(application: "WSGIApplication") -> Iterator[str]:
    """Serve an application on a free port until the context ends, and yield its base URL."""
    with running(make_server("127.0.0.1", 0, application, threaded=True)) as url:
        yield url


@contextmanager
def running(server: HTTPServer) -> Iterator[str]:
    """Run a server until the context ends, and yield its base URL."""
    thread = Thread(target=server.serve_forever, args=[STOP_POLL_SECONDS])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
