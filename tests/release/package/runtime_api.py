"""A local server of Lambda's Runtime API, which runs a function under AWS's runtime client.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from time import time

SECONDS = 120
# The process finds only the packages in these folders.
BOOT = """
import sys
sys.path[:0] = sys.argv[2:]
from awslambdaric.__main__ import main
main(sys.argv)
"""


class Function(ThreadingHTTPServer):
    """A function, which runs in a process of its own."""

    def __init__(self, handler, folders, environment, log):
        super().__init__(("127.0.0.1", 0), Calls)
        self.events, self.messages = Queue(), Queue()
        Thread(target=self.serve_forever, args=[0.01], daemon=True).start()
        command = [sys.executable, "-I", "-S", "-c", BOOT, handler, *map(str, folders)]
        api = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server_port}"}
        self.process = subprocess.Popen(command, env={**environment, **api}, stdout=log, stderr=log)

    def invoke(self, event):
        """Return the function's response, or errorType and errorMessage."""
        kind, body = self.messages.get(timeout=SECONDS)
        if kind == "next":
            self.events.put(event)
            body = self.messages.get(timeout=SECONDS)[1]
        return body

    def close(self):
        self.process.kill()
        self.process.wait()
        self.shutdown()
        self.server_close()


class Calls(BaseHTTPRequestHandler):
    """Requests of the process: for the next event, and with a response or an error."""

    def do_GET(self):
        self.server.messages.put(("next", None))
        self.respond(200, self.server.events.get())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.messages.put((self.path.rpartition("/")[2], json.loads(body)))
        self.respond(202)

    def respond(self, status, body=None):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Type", "application/json")  # AWS's client requires it
        self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time() + SECONDS) * 1000)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_): ...
