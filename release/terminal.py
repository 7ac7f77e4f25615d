"""Questions to the person at the terminal."""

import sys
from typing import NoReturn


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
        stopped()


def stopped() -> NoReturn:
    """End the command after Ctrl-C, before anything was changed."""
    print("\nStopped. Nothing was changed.")
    sys.exit(130)  # as a shell does after SIGINT
