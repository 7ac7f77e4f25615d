"""Lambda's Runtime API for one function, which AWS's own runtime client runs in a process.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from time import time

INIT_SECONDS = 60
# Isolated: the process finds what is in these folders, and nothing else.
BOOT = """
import sys
sys.path[:0] = sys.argv[2:]
from awslambdaric.__main__ import main
main(sys.argv)
"""


class Function(ThreadingHTTPServer):
    """A function. A process of it starts with the first call, and after one that was ended."""

    process = None

    def __init__(self, handler, folders, environment, log):
        super().__init__(("127.0.0.1", 0), Calls)
        self.command = [sys.executable, "-I", "-S", "-c", BOOT, handler, *map(str, folders)]
        api = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server_port}"}
        self.options = {"env": {**environment, **api}, "stdout": log, "stderr": log}
        Thread(target=self.serve_forever, daemon=True).start()

    def invoke(self, event, seconds=10.0):
        """What the function answers; for an error its errorType and errorMessage."""
        if not self.process:
            self.events, self.said = Queue(), Queue()
            self.process = subprocess.Popen(self.command, **self.options)
        kind, body = self.said.get(timeout=INIT_SECONDS)
        if kind == "next":
            self.events.put((event, time() + seconds))
            try:
                return self.said.get(timeout=seconds)[1]
            except Empty:
                message = f"Task timed out after {seconds:.2f} seconds"
                body = {"errorType": "Sandbox.Timedout", "errorMessage": message}
        self.end()
        return body

    def end(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def server_close(self):
        self.end()
        self.shutdown()
        super().server_close()


class Calls(BaseHTTPRequestHandler):
    """What a process calls: for the next event, and with a response or an error."""

    def do_GET(self):
        self.server.said.put(("next", None))
        event, deadline = self.server.events.get()
        self.answer(200, event, deadline)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.said.put((self.path.rpartition("/")[2], json.loads(body)))
        self.answer(202)

    def answer(self, status, body=None, deadline=0):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Type", "application/json")  # without it AWS's client crashes
        self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(deadline * 1000)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_): ...
