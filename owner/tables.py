"""Read a file with a table: CSV with any separator, JSON or JSON lines."""

import csv
import io
import json
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.command import CommandError

SEPARATORS = ",;\t|"
COMMENT = re.compile(r"^#.*$", re.MULTILINE)
NO_TEXT = "{path} is no text in UTF-8 or UTF-16. If it is compressed (.gz, .zip), unpack it first."


@dataclass
class Rows:
    """The rows of a file.

    Attributes:
        columns: their names.
        rows: the cells of each row, by its place in the file.
    """

    columns: list[str]
    rows: dict[str, list[str]]


def read(path: Path) -> Rows:
    """Return the rows of a file."""
    text = decode(path)
    return from_json(text, path) if text.lstrip()[:1] in {"{", "["} else from_csv(text, path)


def decode(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        text = data.decode("utf-16" if data[:2] in {BOM_UTF16_LE, BOM_UTF16_BE} else "utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise CommandError(NO_TEXT.format(path=path))
    return text


def from_csv(text: str, path: Path) -> Rows:
    """Read CSV. Lines that begin with # are comments."""
    text = COMMENT.sub("", text)
    header = next((line for line in text.splitlines() if line.strip()), "")
    csv.field_size_limit(len(text) + 1)
    lines = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=header.count), strict=True
    )
    rows: dict[str, list[str]] = {}
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                rows[f"line {lines.line_num}"] = [cell.strip() for cell in cells]
    except csv.Error as error:
        raise CommandError(f"{path}, line {lines.line_num} cannot be read: {error}.") from None
    return Rows(rows.pop(next(iter(rows))) if rows else [], rows)


def from_json(text: str, path: Path) -> Rows:
    """Read an array of objects, or one object on each line."""
    document = parse(text)
    if isinstance(document, list):
        objects = {f"row {number}": value for number, value in enumerate(document, 1)}
    else:
        lines = enumerate(text.splitlines(), 1)
        objects = {f"line {n}": parse(line) for n, line in lines if line.strip()}
    for place, value in objects.items():
        if not isinstance(value, dict):
            raise CommandError(f"{path}, {place} cannot be read: it must be a JSON object.")
    columns = list(dict.fromkeys(name for value in objects.values() for name in value))
    rows = {place: [cell(value.get(name)) for name in columns] for place, value in objects.items()}
    return Rows(columns, rows)


def parse(text: str) -> Any:
    """Return the value of a text; None if it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
