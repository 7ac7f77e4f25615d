"""Patterns that the linter accepts mean the same to the validators of several languages."""

import pytest

from contract import patterns


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        (r"\w", r"\w"),
        ("a.b", ".b"),
        ("😀", "😀"),
        ("x(?=a)", "(?=a)"),
        ("a++", "++"),
        ("[[a]]", "[[a]]"),
        (r"^[^\u0000-\u001F]*$", ""),
        (r"^(a|b[0-9A-F_-]{3,}?)\.(?:x|\u00e9)$", ""),
    ],
)
def test_part_with_several_meanings_is_named(pattern, part):
    """The linter names the part of a pattern from which dialects differ."""
    assert patterns.different_part(pattern) == part
