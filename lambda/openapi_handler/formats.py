"""How values are written. fast_path.py and validators.py use the same functions."""

import re
from datetime import date

INTEGER = re.compile("-?(0|[1-9][0-9]*)")
DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
# RFC 9562. jsonschema's own check accepts everything that Python's UUID() accepts.
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def integer(text: str) -> int:
    """Convert an integer as JSON writes it. Python's int() also accepts `1_0`, `+5` and `007`.

    Raises:
        ValueError: the text is not such an integer.
    """
    if not INTEGER.fullmatch(text):
        raise ValueError
    return int(text)


def boolean(text: str) -> bool:
    """Convert a boolean as JSON writes it. openapi-core's own conversion also accepts `yes`.

    Raises:
        ValueError: the text is not such a boolean.
    """
    if text not in {"true", "false"}:
        raise ValueError
    return text == "true"


def is_uuid(text: str) -> bool:
    return UUID.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """Return whether a text is a date that exists.

    Raises:
        ValueError: it has the form of a date, but the date does not exist.
    """
    return DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
