"""Decides whether a text shows a number: in any grouping, abbreviation and script."""

import re
import unicodedata
from collections.abc import Iterator

from playwright.sync_api import Page

Units = dict[str, list[int]]

# One character between groups of digits or before decimals; \u066b and \u066c are the Arabic ones.
SEPARATOR = r"[\s.,'\u2018\u2019\u066b\u066c_]"
RUN = re.compile(rf"\d+(?:{SEPARATOR}\d+)*")
DECIMAL = re.compile(r"(\d{1,4})(?:[.,\u066b](\d{1,3}))?")
WORD_BEFORE = re.compile(r"([^\W\d_]+)\.?\s?$")
WORD_AFTER = re.compile(r"\s?([^\W\d_]+)")
MORE_UNITS: Units = {"k": [10**3], "tsd": [10**3]}  # in use, but not in the browser's data
known: Units = {}
# The abbreviations of every language that the browser knows, with the numbers that they stand for.
UNITS = """() => {
    const units = {}, letters = [..."abcdefghijklmnopqrstuvwxyz"];
    const tags = letters.flatMap(first => letters.map(second => first + second));
    for (const tag of Intl.NumberFormat.supportedLocalesOf([...tags, "en-IN"]))
        for (const compactDisplay of ["short", "long"]) {
            const options = {notation: "compact", compactDisplay, numberingSystem: "latn"};
            const format = new Intl.NumberFormat(tag, options);
            for (let scale = 1000; scale < 1e13; scale *= 10) {
                const parts = format.formatToParts(scale);
                const number = parts.find(({type}) => type === "integer")?.value;
                for (const {type, value} of parts)
                    if (number && type === "compact") (units[value] ??= []).push(scale / number);
            }
        }
    return units;
}"""


def units(page: Page) -> Units:
    """Return the abbreviations of numbers, in lower case, and the numbers that they stand for."""
    if not known:
        known.update(MORE_UNITS)
        for unit, scales in page.evaluate(UNITS).items():
            name = unit.lower().strip(" .\xa0\u200f")
            known[name] = sorted({*known.get(name, []), *map(int, scales)})
    return known


def is_shown(text: str, number: int, units: Units) -> bool:
    """Return whether a text shows a number.

    Words may stand around it, and other numbers. An abbreviation, such as 1.2K, may be rounded in
    either direction.
    """
    text = plain(text)
    for run in RUN.finditer(text):
        if any(int(digits) == number for digits in readings(run[0])):
            return True
        words = (WORD_AFTER.match(text[run.end() :]), WORD_BEFORE.search(text[: run.start()]))
        if any(word and abbreviates(run[0], word[1], number, units) for word in words):
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


def abbreviates(run: str, word: str, number: int, units: Units) -> bool:
    """Return whether a decimal number with a unit is within one step of its last digit."""
    if not (decimal := DECIMAL.fullmatch(run)):
        return False
    word, decimals = word.lower(), decimal[2] or ""
    longer = (units[name] for name in units if not name.isascii() and word.startswith(name))
    scales = [scale for scale in units.get(word) or next(longer, []) if scale <= number]
    value = int(decimal[1] + decimals)
    return any(abs(number * 10 ** len(decimals) - value * scale) < scale for scale in scales)
