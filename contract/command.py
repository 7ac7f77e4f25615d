"""How a command of this repository ends with a message."""


class CommandError(Exception):
    """A command cannot continue. The message gives the reason and, if known, what to do."""
