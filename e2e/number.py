"""Decides whether a text shows a number: in any grouping, abbreviation and script."""

import re
import unicodedata
from collections.abc import Iterator

# One character between groups of digits or before decimals; \u066b and \u066c are the Arabic ones.
SEPARATOR = r"[\s.,'\u2018\u2019\u066b\u066c_]"
RUN = re.compile(rf"\d+(?:{SEPARATOR}\d+)*")
DECIMAL = re.compile(r"(\d{1,4})(?:[.,\u066b](\d{1,3}))?")


def is_shown(text: str, number: int) -> bool:
    """Return whether a text shows a number, with anything around it.

    Languages abbreviate with units of their own, such as 1.2K, 1,2 Tsd. or 7.3万. So a decimal
    number with the first digits of a long number, beside a letter, is taken for an abbreviation.
    """
    text = plain(text)
    for run in RUN.finditer(text):
        if any(int(digits) == number for digits in readings(run[0])):
            return True
        beside = text[: run.start()][-2:] + text[run.end() :][:2]
        decimal = any(map(str.isalpha, beside)) and DECIMAL.fullmatch(run[0])
        if decimal and number >= 1000 and abbreviates(decimal[1] + (decimal[2] or ""), number):
            return True
    return False


def plain(text: str) -> str:
    """Return the text with the digits 0 to 9, and without invisible marks of direction."""
    return "".join(
        str(unicodedata.decimal(letter, letter))
        for letter in text
        if unicodedata.category(letter) != "Cf"
    )


def readings(run: str) -> Iterator[str]:
    """Yield the digits of a run that is one number, or else those of its parts that are one.

    Groups have two or three digits; single digits are those of an odometer.
    """
    for part in (run, *run.split()):
        groups = re.split(SEPARATOR, part)
        lengths = [len(group) for group in groups]
        grouped = lengths[0] <= 3 and {2, 3}.issuperset(lengths[1:])
        if grouped or len(groups) == 1 or set(lengths) == {1}:
            yield "".join(groups)
            if part is run:
                return


def abbreviates(digits: str, number: int) -> bool:
    """Return whether digits are the first ones of a number, truncated or rounded."""
    steps = [10**power for power in range(1, len(str(number)) + 1)]
    short = int(digits)
    return short > 0 and any(-step / 2 <= number - short * step < step for step in steps)
