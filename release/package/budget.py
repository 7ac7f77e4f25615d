"""The largest size that the zip may have."""

import io
import re
from collections import Counter
from zipfile import ZipFile

from contract.command import CommandError

MB = 1_000_000
BUDGET, BUDGET_WITHOUT_SDK = 5.0 * MB, 3.6 * MB
# boto3 and the packages that only boto3 needs.
SDK = {"boto3", "botocore", "dateutil", "jmespath", "python_dateutil", "s3transfer", "urllib3"}


def check(content: bytes) -> str:
    """Compare the size of a zip with the budget; return both as text, in all and without boto3."""
    parts: Counter[str] = Counter()
    for member in ZipFile(io.BytesIO(content)).infolist():
        parts[re.split(r"\W", member.filename)[0]] += member.compress_size
    total = len(content)
    without = total - sum(parts[part] for part in SDK)
    size = f"{megabytes(total, BUDGET)}, without boto3 {megabytes(without, BUDGET_WITHOUT_SDK)}"
    if total > BUDGET or without > BUDGET_WITHOUT_SDK:
        largest = ", ".join(f"{part} {taken / MB:.2f}" for part, taken in parts.most_common(8))
        raise CommandError(f"the zip is over its budget: {size}. Its largest parts: {largest}")
    return size


def megabytes(size: int, limit: float) -> str:
    return f"{size / MB:.2f} MB (budget {limit / MB:.1f})"
