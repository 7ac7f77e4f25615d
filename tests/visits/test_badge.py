"""The badge: how it looks, what its parameters change, and that no label changes anything else."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visits import badge

APPROVED = Path(__file__).with_name("badges.svg")
SVG = "{http://www.w3.org/2000/svg}"
# Accents and marks of joining, skin and flags have no width of their own. Chinese characters and
# full-width letters are squares.
CHARACTERS = (
    "Aa ~{| \u00e9e\u0301o\u20dd\u00ad \u0436\u20ac \u8a2a\uff21 \N{EYES}\ufe0f"
    " \U0001f1e6\U0001f1ff \U0001f469\U0001f3fd\u200d\U0001f4bb \U0001f3fb\U0001f3ff"
)
BADGES = [
    ("visits", "1,234", "blue", "flat"),
    ("<b> & 'c'", '"1"', "#FFF", "flat-square"),
    ("\0\ud800\ufffe", "7", "b0b0ff", "plastic"),
    (CHARACTERS, "1.2k", "Critical", "for-the-badge"),
    ("", "0", "b0b0b0", "flat"),
    ("unknown", "0", "reds", "social"),
]


def sheet():
    """An image with badges of all kinds."""
    badges = [
        f'<g transform="translate(0 {40 * row})">\n{badge.render(*parts)}</g>\n'
        for row, parts in enumerate(BADGES)
    ]
    return "".join(['<svg xmlns="http://www.w3.org/2000/svg">\n', *badges, "</svg>\n"])


def test_badges_look_as_approved():
    """All styles, light and dark colours, and kinds of characters. After a change, look at the new
    image and approve it: `PYTHONPATH=lambda .venv/bin/python -m tests.visits.test_badge`"""
    assert sheet() == APPROVED.read_text("utf-8")


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("", ("visits", "1,234", "blue", "flat")),
        ("value=visitors&style=plastic", ("visitors", "700", "blue", "plastic")),
        ("value=today&color=Critical", ("visits today", "1", "Critical", "flat")),
        ("value=today&label=%F0%9F%91%80&color=%23FFF", ("\N{EYES}", "1", "#FFF", "flat")),
        ("value=views&color=reds&style=social", ("visits", "1,234", "blue", "flat")),
        ("compact=true&label=", ("", "1.2K", "blue", "flat")),
        ("compact=false&value=&color=&style=&unknown=1", ("visits", "1,234", "blue", "flat")),
    ],
)
def test_parameters_choose_the_parts(api, monkeypatch, query, parts):
    """A badge has a label and a number. What a parameter does not know is its default."""
    monkeypatch.setenv("COUNTERS", '{"resume": {"visits": 1233, "visitors": 699}}')
    api.visit()
    assert api.get(f"/counters/resume/badge.svg?{query}").text == badge.render(*parts)
    assert api.visits() == 1234


@given(
    st.text(st.characters(exclude_categories=["C"]) | st.sampled_from("<>&;\"'{}"), min_size=1),
    st.text(st.characters(exclude_categories=[]), min_size=1),
    st.sampled_from([*badge.STYLES, '"/><script/>']),
)
def test_any_text_is_only_text(label, odd, style):
    """In every style, a label is shown as written, and adds no element and no attribute, also if it
    has what XML does not allow."""
    plain, shown, safe = (
        ET.fromstring(badge.render(text, "1", "red", style).encode())
        for text in ("visits", label, odd)
    )
    assert shown.get("aria-label") == shown.findtext(f"{SVG}title") == f"{label}: 1"
    assert structure(shown) == structure(safe) == structure(plain)


def structure(svg):
    """Every element with the names of its attributes."""
    return [(element.tag, list(element.attrib)) for element in svg.iter()]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        *((0, "0"), (999, "999"), (1000, "1K"), (1049, "1K"), (1050, "1.1K"), (9949, "9.9K")),
        *((9950, "10K"), (12_345, "12K"), (12_500, "13K"), (99_499, "99K"), (99_500, "100K")),
        *((999_499, "999K"), (999_500, "1M"), (1_250_000, "1.3M"), (25_400_000_000, "25B")),
        *((1_000_000_000_000, "1T"), (1_000_000_000_000_000, "1000T")),
    ],
)
def test_numbers_are_shortened_as_in_english(number, text):
    """As the element does with `compact`."""
    assert badge.shorten(number) == text


if __name__ == "__main__":
    APPROVED.write_text(sheet(), "utf-8")
