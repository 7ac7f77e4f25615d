"""The largest size that the zip may have."""

import io
import re
from collections import Counter
from zipfile import ZipFile

from contract.command import CommandError

MB = 1_000_000
BUDGET = 5.0 * MB


def check(content: bytes) -> str:
    """Compare the size of a zip with the budget, and return both as text."""
    parts: Counter[str] = Counter()
    for member in ZipFile(io.BytesIO(content)).infolist():
        parts[re.split(r"\W", member.filename)[0]] += member.compress_size
    size = f"{len(content) / MB:.2f} MB (budget {BUDGET / MB:.1f})"
    if len(content) > BUDGET:
        largest = ", ".join(f"{part} {taken / MB:.2f}" for part, taken in parts.most_common(8))
        raise CommandError(f"the zip is over its budget: {size}. Its largest parts: {largest}")
    return size
