"""werkzeug's request handler without its log, its error pages and its tolerance."""

from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from werkzeug.serving import DechunkedInput, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

NOT_A_HEADER = (FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect)


class ChunkedInput(DechunkedInput):
    """werkzeug's reader of a chunked body, but with an error if the connection ends in a chunk."""

    def readinto(self, buf: bytearray) -> int:  # type: ignore[override]
        size = len(buf)
        count = super().readinto(buf)
        if len(buf) < size:  # werkzeug has put a shorter piece into it
            raise OSError("The connection ended in a chunk.")
        return count


class QuietHandler(WSGIRequestHandler):
    """werkzeug's request handler without its log and without its error pages.

    On a request that is not HTTP it closes the connection.
    """

    # The server waits for open connections when it ends, and browsers open some in advance.
    timeout = 2  # seconds

    def log(self, *_: Any) -> None: ...

    def log_request(self, *_: Any) -> None: ...  # werkzeug's fails on a URL like http://host:x/

    def send_error(self, *_: Any) -> None:
        self.close_connection = True

    def parse_request(self) -> bool:
        """Return whether the request line and the headers are valid HTTP/1."""
        valid = (
            super().parse_request()
            and self.request_version != self.default_request_version  # HTTP/0.9
            and is_url(self.path)
            and "\0" not in "".join([self.path, *self.headers, *self.headers.values()])
            and not any(isinstance(each, NOT_A_HEADER) for each in self.headers.defects)
        )
        self.close_connection |= not valid
        return valid

    def make_environ(self) -> "WSGIEnvironment":
        environ = super().make_environ()
        if "wsgi.input_terminated" in environ:
            environ["wsgi.input"] = ChunkedInput(cast("IO[bytes]", self.rfile))
        return environ


def is_url(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True
