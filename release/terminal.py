"""What a command and the person at the terminal say to each other."""

import sys
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from contract.command import CommandError

STOPPED = 130  # the exit code of a shell after SIGINT


def run(command: Callable[[], object]) -> None:
    """Run a command. An error, also one of AWS, and Ctrl-C end it with a message."""
    try:
        command()
    except (CommandError, BotoCoreError, ClientError) as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        print("\nStopped. The same command completes what was interrupted.")
        sys.exit(STOPPED)


def confirm(question: str, word: str = "y") -> None:
    """End the command unless the answer is this word. For y, yes is right, too."""
    end_unless(ask(question), word)


def end_unless(answer: str, word: str) -> None:
    if answer not in {word, "yes" if word == "y" else word}:
        print("Nothing was changed.")
        sys.exit(0)


def ask(question: str) -> str:
    """Return the answer to a question in small letters. Ctrl-C ends the command."""
    print(f"\n{question}", end="", flush=True)
    try:
        return sys.stdin.readline().strip().lower()
    except KeyboardInterrupt:
        print("\nStopped. Nothing was changed.")
        sys.exit(STOPPED)
