"""Calls a handler in a process of its own, and measures it.

`python worker.py MODULE` imports MODULE and reads events from its input, one JSON array a line.
For each line it writes one: the statuses of the answers, and the CPU that they took. Handlers may
print; that goes to /dev/null.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from time import process_time


def main() -> None:
    replies = os.fdopen(os.dup(1), "w")
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
    handle = import_module(sys.argv[1]).handle
    for line in sys.stdin:
        events = json.loads(line)
        began = process_time()
        answers = [handle(event, None) for event in events]
        ended = process_time()
        reply = {
            "statuses": [answer["statusCode"] for answer in answers],
            "cpu": ended - began,  # seconds for all events
            "process": ended,  # seconds since the process started
        }
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
