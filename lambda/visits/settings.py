"""The settings of the function, read from environment variables."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

ORIGIN = r"\*|(?!http://.*:80$|https://.*:443$)https?://[a-z0-9.:_\[\]-]+"


class SettingsError(Exception):
    """Environment variables are missing or invalid. The message names each and what it must be."""


@dataclass(frozen=True)
class DeclaredCounter:
    """What the owner declares of a counter.

    Attributes:
        visits, visitors: its totals before it was counted here.
        allowed_origins: they replace those in Settings; empty for those.
    """

    visits: int = 0
    visitors: int = 0
    allowed_origins: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Settings:
    """The settings that the owner chooses.

    Attributes:
        table: name of the DynamoDB table of the counters.
        secrets_table: name of the DynamoDB table of the secrets, see counting/secret.py.
        counters: the declared counters by counterId.
        allowed_origins: origins whose pages may count visits, on all counters that have no
            origins of their own; `*` allows all.
        shards: the number of items over which the numbers of one counter are spread.
        visit_cap: how many visits of one network a counter counts in a day; 0 for any number.
    """

    table: str
    secrets_table: str
    counters: Mapping[str, DeclaredCounter]
    allowed_origins: frozenset[str]
    shards: int
    visit_cap: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the variables in VARIABLES.

        Raises:
            SettingsError: at least one of them is missing or invalid.
        """
        parsed, errors = [], []
        for name, (parse, expected) in VARIABLES.items():
            try:
                parsed.append(parse(environment[name]))
            except (KeyError, TypeError, ValueError, AttributeError):
                errors.append(f"{name} must be {expected}")
        if errors:
            raise SettingsError("; ".join(errors))
        return cls(*parsed)


def parse_table(text: str) -> str:
    return matching(r"[A-Za-z0-9_.-]{3,255}", text)


def parse_counters(text: str) -> dict[str, DeclaredCounter]:
    counters = {
        matching(r"[a-z0-9][a-z0-9-]{0,63}", name): declared(**value)
        for name, value in json.loads(text).items()
    }
    if not counters:
        raise ValueError
    return counters


def declared(
    visits: Any = 0, visitors: Any = 0, allowed_origins: list[str] | None = None
) -> DeclaredCounter:
    if any(type(number) is not int or number < 0 for number in (visits, visitors)):
        raise ValueError
    own = () if allowed_origins is None else parse_origins(",".join(allowed_origins))
    return DeclaredCounter(visits, visitors, frozenset(own))


def parse_origins(text: str) -> frozenset[str]:
    """Refuse what no browser sends as its Origin: capitals, a path, the scheme's own port."""
    return frozenset(matching(ORIGIN, each) for each in text.split(","))


def parse_shards(text: str) -> int:
    return int(matching(r"[1-9]\d?", text))


def parse_visit_cap(text: str) -> int:
    return int(matching(r"0|[1-9]\d{0,5}", text))


def matching(pattern: str, text: str) -> str:
    """Return the text if the whole of it matches; otherwise raise ValueError."""
    if not re.fullmatch(pattern, text):
        raise ValueError
    return text


VARIABLES: dict[str, tuple[Callable[[str], Any], str]] = {
    "TABLE_NAME": (parse_table, "the name of the DynamoDB table"),
    "SECRETS_TABLE_NAME": (parse_table, "the name of the DynamoDB table of the secrets"),
    "COUNTERS": (
        parse_counters,
        (
            'JSON that declares at least one counter, such as {"resume": {"visits": 0, "visitors": '
            '0, "allowed_origins": ["https://example.com"]}}; all three keys are optional'
        ),
    ),
    "ALLOWED_ORIGINS": (
        parse_origins,
        (
            "* or origins such as https://example.com: in small letters, without a path or a slash "
            "at the end, with commas and no spaces between them"
        ),
    ),
    "SHARDS": (parse_shards, "a whole number from 1 to 99"),
    "VISIT_CAP": (parse_visit_cap, "a whole number from 1 to 999999, or 0 for no cap"),
}
