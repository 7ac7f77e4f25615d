"""Calls a handler in a process of its own, and measures it.

`python worker.py MODULE` imports MODULE and reads commands from its input, one JSON object a
line: `environment` to set and `events` to handle. For each, it writes one line: the answers, and
what they took. Handlers may print; that goes to /dev/null.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time


def main() -> None:
    replies = os.fdopen(os.dup(1), "w")
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
    handle = import_module(sys.argv[1]).handle
    for line in sys.stdin:
        command = json.loads(line)
        os.environ.update(command["environment"])
        answers, seconds = [], []
        began = process_time()
        for event in command["events"]:
            called = perf_counter()
            try:
                answer = handle(event, None)
            except Exception as error:  # Lambda reports it, and the gateway answers 502
                answer = {"statusCode": 502, "body": repr(error)}
            seconds.append(perf_counter() - called)
            answers.append(answer)
        ended = process_time()
        reply = {
            "answers": [
                {name: answer[name] for name in ("statusCode", "body")} for answer in answers
            ],
            "cpu": ended - began,  # seconds of CPU for all events
            "process": ended,  # seconds of CPU since the process started
            "seconds": seconds,  # wall time of each event
        }
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
