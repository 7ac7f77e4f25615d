"""How values are written. fast_path.py and validators.py use the same functions."""

import json
import re
from collections.abc import Callable
from datetime import date
from math import isfinite
from typing import Any

INTEGER = re.compile("-?(0|[1-9][0-9]*)")
NUMBER = re.compile(rf"{INTEGER.pattern}(\.[0-9]+)?([eE][+-]?[0-9]+)?")
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


def number(text: str) -> float:
    """Convert a number as JSON writes it. Python's float() also accepts `nan` and `1_0`.

    Raises:
        ValueError: the text is not such a number, or too large for a float.
    """
    value = float(text)
    if not NUMBER.fullmatch(text) or not isfinite(value):
        raise ValueError
    return value


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


def load_json(body: bytes) -> Any:
    """Parse JSON.

    Raises:
        ValueError: it is not JSON, or has too large numbers, or is nested too deep for Python.
    """
    try:
        return json.loads(body, parse_float=number, parse_constant=number)
    except RecursionError:
        raise ValueError from None


def find_loader(media_type: str) -> Callable[[bytes], Any] | None:
    """Return what parses the bodies of a media type, without its parameters; None if unknown."""
    if media_type == "application/json" or media_type.endswith("+json"):
        return load_json
    if media_type.startswith("text/") or media_type == "image/svg+xml":
        return bytes.decode
    return None
