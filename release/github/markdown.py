"""Texts that others wrote, in a text for GitHub."""

from textwrap import indent

LIMIT = 65_536  # characters, of an issue and of a comment; GitHub refuses longer ones
CUT = "\n\nThe rest was cut: GitHub takes no more than 65,536 characters.\n\n"


def code(text: str, room: int) -> str:
    """A text as a block of code, in which GitHub sees no @mention, no #1 and no HTML.

    It is indented, and not fenced: such a block has no end that the text in it could write.
    """
    return cut(indent(text, "    ", lambda _: True), room) + "\n\n"


def cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - len(CUT)] + CUT
