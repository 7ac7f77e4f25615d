"""Text from outside, inside a Markdown text for GitHub."""

from textwrap import indent

LIMIT = 65_536  # characters of an issue or a comment; GitHub refuses longer ones
CUT = "\n\nThe rest was cut: GitHub accepts no more than 65,536 characters.\n\n"


def code(text: str, room: int) -> str:
    """Return a text as a code block, in which GitHub finds no @mention, no #1 and no HTML.

    The block is indented, not fenced: no text can close an indented block.
    """
    return cut(indent(text, "    ", lambda _: True), room) + "\n\n"


def cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - len(CUT)] + CUT
