"""Which texts show a number."""

import pytest

from e2e import number

GROUPED = (
    *("You are visitor 1234567 since 2021.", "0001234567", "1 2 3 4 5 6 7", "1234567 2026-11-22"),
    *("1,234,567 visits", "1.234.567", "1 234\u202f567", "1\u2019234\u2019567", "12,34,567"),
    *("\u200f\u0661\u066c\u0662\u0663\u0664\u066c\u0665\u0666\u0667 زيارة", "१२,३४,५६७"),
)
ABBREVIATED = {"1.2K+": 1234, "1,2 Tsd.": 1234, "12.3 lakh": 1_234_567}
ABBREVIATED |= {"7.3万次": 73_518, "elfu 74": 73_518, "1M": 999_950}
OTHER = {"1,234,567": 1234, "12,345,678": 345_678, "12345": 1234, "12.5": 12}
OTHER |= {"0 visits": 1234, "7": 73_518, "1.2K": 1334}
SHOWN = {**dict.fromkeys(GROUPED, 1_234_567), **ABBREVIATED}


@pytest.mark.parametrize("text", SHOWN)
def test_a_number_is_read_in_any_grouping_abbreviation_and_script(text):
    """Words and other numbers may stand around it, and an abbreviation may be rounded."""
    assert number.is_shown(text, SHOWN[text])


@pytest.mark.parametrize("text", OTHER)
def test_another_number_is_not_mistaken_for_it(text):
    """Neither a part of a number nor its first digits are the number."""
    assert not number.is_shown(text, OTHER[text])
