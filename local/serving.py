"""Serves a WSGI application on 127.0.0.1 from a thread of this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

STOP_POLL_SECONDS = 0.02


class QuietHandler(WSGIRequestHandler):
    """werkzeug's request handler without its log."""

    # The server waits for open connections when it ends, and browsers open some in advance.
    timeout = 2  # seconds

    def log(self, *_: Any) -> None: ...


@contextmanager
def serving(application: "WSGIApplication") -> Iterator[str]:
    """Serve an application on a free port until the context ends, and yield its base URL."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=QuietHandler)
    thread = Thread(target=server.serve_forever, args=[STOP_POLL_SECONDS])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
