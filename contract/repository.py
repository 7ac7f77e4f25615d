"""The repository that this code is in. The function does not know it; what develops it does."""

from functools import cache
from pathlib import Path
from typing import Any

from openapi_handler import contract
from openapi_handler.contract import Contract

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "openapi.yaml"
ELEMENTS = ROOT / "client" / "dist"  # the scripts that the function serves


def read() -> tuple[dict[str, Any], str]:
    """Return openapi.yaml, resolved, and its SHA-256 in hexadecimal."""
    return contract.read(SOURCE)


@cache
def load() -> Contract:
    """Return the contract, built once."""
    return Contract(*read())
