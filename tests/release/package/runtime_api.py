"""A local server of Lambda's Runtime API, which runs a function under AWS's runtime client.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from time import time

INIT_SECONDS = CALL_SECONDS = 120
# The process finds only the packages in these folders.
BOOT = """
import sys
sys.path[:0] = sys.argv[2:]
from awslambdaric.__main__ import main
main(sys.argv)
"""


class Function(ThreadingHTTPServer):
    """A function. Its process starts with the first call, and again after an error."""

    process = None

    def __init__(self, handler, folders, environment, log):
        super().__init__(("127.0.0.1", 0), Calls)
        self.command = [sys.executable, "-I", "-S", "-c", BOOT, handler, *map(str, folders)]
        api = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server_port}"}
        self.options = {"env": {**environment, **api}, "stdout": log, "stderr": log}
        Thread(target=self.serve_forever, args=[0.01], daemon=True).start()

    def invoke(self, event, seconds=CALL_SECONDS):
        """Return the function's response, or errorType and errorMessage."""
        if not self.process:
            self.events, self.messages = Queue(), Queue()
            self.process = subprocess.Popen(self.command, **self.options)
        kind, body = self.messages.get(timeout=INIT_SECONDS)
        if kind == "next":
            self.events.put((event, time() + seconds))
            try:
                return self.messages.get(timeout=seconds)[1]
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
    """Requests of the process: for the next event, and with a response or an error."""

    def do_GET(self):
        self.server.messages.put(("next", None))
        event, deadline = self.server.events.get()
        self.respond(200, event, deadline)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.messages.put((self.path.rpartition("/")[2], json.loads(body)))
        self.respond(202)

    def respond(self, status, body=None, deadline=0):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Type", "application/json")  # AWS's client requires it
        self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(deadline * 1000)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_): ...
