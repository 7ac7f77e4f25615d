"""How a command of this repository ends with a message."""


class CommandError(Exception):
    """A command cannot continue. The message gives the reason and, if known, what to do.

    Every function that a command calls may raise it. The command prints the message and fails.
    """
