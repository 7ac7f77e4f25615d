"""Sites to break: the local stack behind a proxy, which may have a defect."""

from collections.abc import Callable
from dataclasses import dataclass
from socket import SHUT_RDWR
from typing import Any

import requests
from werkzeug.wrappers import Request, Response

PASSED = {"Access-Control-Allow-Origin", "Cache-Control", "Content-Type"}


@dataclass
class Call:
    """A request to a broken site, and how it is passed on to the sound one."""

    sound: str
    request: Request

    @property
    def is_api(self) -> bool:
        return self.request.path.startswith("/live/")

    @property
    def counts(self) -> bool:
        return self.request.method == "POST"

    def forward(self, *, path: str = "", visit_id: str = "", user_agent: str = "") -> Response:
        """Answer as the sound site does, to this request or to a changed one."""
        agent = user_agent or self.request.headers["User-Agent"]
        answer = requests.request(
            self.request.method,
            self.sound + (path or self.request.path),
            params={"visitId": visit_id} if visit_id else self.request.args,
            headers={"User-Agent": agent},
            timeout=10,
        )
        passed = {name: answer.headers[name] for name in PASSED if name in answer.headers}
        return Response(answer.content, answer.status_code, headers=passed)

    def altered(self, name: str, old: str, new: str) -> Response:
        """The same with another text in one of the files."""
        response = self.forward()
        if self.request.path == name:
            text = response.get_data(as_text=True)
            assert old in text, "a defect that changes nothing proves nothing"
            response.set_data(text.replace(old, new))
        return response

    def lost(self) -> Response:
        """No answer: the connection breaks."""
        self.request.environ["werkzeug.socket"].shutdown(SHUT_RDWR)
        return Response()


def application(sound: str, defect: Callable[[Call], Response]) -> Any:
    """A sound site with a defect."""

    def serve(request: Request) -> Response:
        return defect(Call(sound, request))

    return Request.application(serve)


def elsewhere(url: str) -> str:
    """The same server by another name, which makes it another origin."""
    return url.replace("127.0.0.1", "localhost")
