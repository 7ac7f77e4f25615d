"""Processes of the function: each answers one request at a time, as on Lambda, and can be killed.

They run the function as it is deployed, with its own time-outs.
"""

import multiprocessing
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

from contract.repository import ROOT
from local import function

# Forking a process that has imported everything takes milliseconds.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.trust.preloaded"])
AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_LAMBDA_FUNCTION_NAME": "visits",  # without it botocore sends no trace ID
}
# Seconds after which Lambda ends a request.
LIMIT = int(re.search(r"function_timeout *= (\d+)", (ROOT / "terraform/lambda.tf").read_text())[1])


def main(pipe, environment, log):
    os.environ.clear()
    os.environ.update(environment)
    with Path(log).open("a", buffering=1) as sys.stdout, suppress(EOFError, KeyboardInterrupt):
        function.function()
        pipe.send("ready")
        while True:
            event = pipe.recv()
            os.environ["_X_AMZN_TRACE_ID"] = event["requestContext"]["requestId"]  # as Lambda does
            pipe.send(function.handle(event, None))


class Process:
    """A running process of the function."""

    def __init__(self, environment, log):
        self._pipe, far_end = CONTEXT.Pipe()
        arguments = (far_end, environment, log)
        self._process = CONTEXT.Process(target=main, args=arguments, daemon=True)
        self._process.start()
        far_end.close()
        self._ready = False

    def invoke(self, event, seconds):
        """Return the response, or None if there was none in time; then the process is killed."""
        with suppress(EOFError, OSError):  # the process ended by itself
            self._ready = self._ready or self._pipe.recv()
            self._pipe.send(event)
            if self._pipe.poll(seconds):
                return self._pipe.recv()
        self.end()
        return None

    def end(self):
        self._process.kill()
        self._process.join()
        self._pipe.close()


class Function:
    """The function: a number of processes, of which each request gets an idle one.

    Args:
        environment: of the function. A change takes effect in processes that start later.
        log: the file to which the processes append their output.
    """

    def __init__(self, size, environment, log):
        self.environment = environment
        self._size = size
        self._log = log
        self._idle = SimpleQueue()
        for _ in range(size):
            self._idle.put(self._start())

    def _start(self):
        return Process(self.environment, str(self._log))

    def invoke(self, event, seconds):
        """Return the response, or None if there was none in time; then the process is killed."""
        process = self._idle.get()
        response = process.invoke(event, seconds)
        self._idle.put(self._start() if response is None else process)
        return response

    def _all(self):
        return [self._idle.get() for _ in range(self._size)]

    def replace_half(self):
        """Replace every second process, as a deployment that is half done. No request may run."""
        for position, process in enumerate(self._all()):
            if position % 2:
                process.end()
            self._idle.put(self._start() if position % 2 else process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self._all():
            process.end()
