"""A proxy that adds a defect to a healthy site."""

from collections.abc import Callable
from dataclasses import dataclass
from socket import SHUT_RDWR
from typing import Any

import requests
from werkzeug.wrappers import Request, Response

SCRIPT = "/visitor-counter.js"
NOT_PASSED = {"Connection", "Content-Encoding", "Content-Length", "Date", "Server"}


@dataclass
class ProxiedRequest:
    """A request to the broken site, and the base URL of the healthy one."""

    healthy: str
    request: Request

    @property
    def is_api(self) -> bool:
        return self.request.path.startswith("/live/")

    @property
    def counts(self) -> bool:
        return self.request.method == "POST"

    def forward(self, *, path: str = "", visit_id: str = "", user_agent: str = "") -> Response:
        """Return the healthy site's response to this request, or to a changed one."""
        agent = user_agent or self.request.headers["User-Agent"]
        response = requests.request(
            self.request.method,
            self.healthy + (path or self.request.path),
            params={"visitId": visit_id} if visit_id else self.request.args,
            headers={"User-Agent": agent},
            timeout=60,
        )
        passed = {name: response.headers[name] for name in {*response.headers} - NOT_PASSED}
        return Response(response.content, response.status_code, headers=passed)

    def altered(self, path: str, old: str, new: str) -> Response:
        """Return the healthy site's response; replace a text if it is the file at `path`."""
        response = self.forward()
        if self.request.path == path:
            text = response.get_data(as_text=True)
            assert old in text, f"{path} does not contain {old!r}"
            response.set_data(text.replace(old, new))
        return response

    def lost(self) -> Response:
        """Close the connection without a response."""
        self.request.environ["werkzeug.socket"].shutdown(SHUT_RDWR)
        return Response()


def application(healthy: str, defect: Callable[[ProxiedRequest], Response]) -> Any:
    """Return a WSGI application: the healthy site with a defect."""

    def serve(request: Request) -> Response:
        return defect(ProxiedRequest(healthy, request))

    return Request.application(serve)


def other_origin(url: str) -> str:
    """Return the URL of the same server with another host name, which is another origin."""
    return url.replace("127.0.0.1", "localhost")
