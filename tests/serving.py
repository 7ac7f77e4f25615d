"""An application, served for a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from werkzeug.serving import make_server

from local.server import Quiet

POLL_SECONDS = 0.02  # how often a server looks whether it should end


@contextmanager
def served(application: Any) -> Iterator[str]:
    """The URL at which an application is served."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, args=[POLL_SECONDS])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
