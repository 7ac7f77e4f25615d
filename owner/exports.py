"""Write the files of `make export`: both are whole, or the earlier ones stay."""

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from contract.command import CommandError

COLUMNS = ("counter", "date", "visits", "visitors")
FAILED = "{folder} cannot be written: {reason}. The files of an earlier export are unchanged."


def write(
    days: Iterable[Mapping[str, Any]], corrections: Mapping[str, Any], folder: Path
) -> list[Path]:
    """Write visits.csv, with the days, and visits.json, with the corrections, too; return both."""
    rows = list(days)
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    document = json.dumps({"days": rows, "corrections": corrections}, indent=2)
    texts = {folder / "visits.csv": table.getvalue(), folder / "visits.json": f"{document}\n"}
    beside = {file: file.with_name(f".{file.name}.{os.getpid()}") for file in texts}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            for file, text in texts.items():
                with beside[file].open("w", encoding="utf-8", newline="") as stream:
                    stream.write(text)
                    stream.flush()
                    os.fsync(stream.fileno())
            for file in texts:
                beside[file].replace(file)
        finally:
            for file in beside.values():
                file.unlink(missing_ok=True)
    except OSError as error:
        raise CommandError(FAILED.format(folder=folder, reason=error.strerror)) from None
    return list(texts)
