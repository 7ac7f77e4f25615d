"""A proxy in front of a local AWS that stops a command at a named call."""

import os
import re
from subprocess import Popen
from threading import Event
from typing import Any

import urllib3
from werkzeug.wrappers import Request, Response

from tests.emulator import forward


class Interruption:
    """A WSGI application that forwards requests. One of them gets no answer.

    Attributes:
        endpoint: URL of the local AWS.
    """

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._call = ""
        self._arrives = True
        self._reached, self._released = Event(), Event()
        self._pool = urllib3.PoolManager(maxsize=50, retries=False)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        body = request.get_data()
        target = request.headers.get("X-Amz-Target", "")
        name = f"{request.method} {request.path} {target} {body[:40].decode(errors='replace')}"
        stops = self._call and not self._reached.is_set() and re.search(self._call, name)
        response = Response(status=500)
        if not stops or self._arrives:
            response = forward(self._pool, self.endpoint, request, body)
        if stops:
            self._reached.set()
            self._released.wait()
        return response(environ, start_response)

    def stop(self, command: Popen[str], call: str, number: int, *, arrives: bool) -> None:
        """Send a signal to a command and its Terraform when a call comes, and wait for their end.

        Args:
            command: it was started with a session of its own.
            call: a pattern of method, path, X-Amz-Target and the first letters of the body.
            number: SIGINT, as at Ctrl-C, or SIGKILL.
            arrives: whether AWS gets the call. Its answer is lost in any case.
        """
        self._reached.clear()
        self._released.clear()
        self._call, self._arrives = call, arrives
        while not self._reached.wait(0.1):
            assert command.poll() is None, f"{call} did not come"
        os.killpg(command.pid, number)
        command.wait()
        self._call = ""
        self._released.set()
