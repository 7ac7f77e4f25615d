"""Patterns that the linter accepts mean the same to the validators of several languages."""

import json
import re
import subprocess

import jsonschema_rs
import pytest

from contract import patterns, redocly
from openapi_handler.references import resolve

TEXTS = [*"aZ7- é٣😀\u0001\u0085\ufffe", "", "a\n", "日本", "a😀b"]
MATCH = """
    const [patterns, texts] = JSON.parse(process.argv[1]);
    const results = ["", "u"].map((flags) =>
      patterns.map((pattern) => texts.map((text) => new RegExp(pattern, flags).test(text))));
    process.stdout.write(JSON.stringify(results));
"""


def found_patterns(node):
    if isinstance(node, list):
        node = dict(enumerate(node))
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for value in node.values():
            yield from found_patterns(value)


@pytest.mark.slow
def test_patterns_of_the_contract_mean_the_same_everywhere(document):
    """JavaScript with and without `u`, Python and Rust agree on each pattern, emoji included."""
    used = sorted({*found_patterns(resolve(document))})
    arguments = [redocly.NODE, "--eval", MATCH, json.dumps([used, TEXTS])]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    javascript, with_flag = json.loads(done.stdout)
    rust = [
        [jsonschema_rs.is_valid({"pattern": pattern}, text) for text in TEXTS] for pattern in used
    ]
    # Python's $ also matches before a line end. The function's own check does not; see syntax.py.
    python = [
        [bool(re.search(re.sub(r"\$$", r"\\Z", pattern), text)) for text in TEXTS]
        for pattern in used
    ]
    assert javascript == with_flag == rust == python


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        (r"^\d+$", r"\d+$"),
        (r"\w", r"\w"),
        ("a.b", ".b"),
        (r"[\uD800-\uDFFF]", r"[\uD800-\uDFFF]"),
        ("😀", "😀"),
        ("x(?=a)", "(?=a)"),
        ("(?<n>a)", "(?<n>a)"),
        ("a++", "++"),
        ("[[a]]", "[[a]]"),
        ("[a&&b]", "[a&&b]"),
        ("a{", "{"),
        (r"\p{L}", r"\p{L}"),
        (r"^[^\u0000-\u001F]*$", ""),
        (r"^(a|b[0-9A-F_-]{3,}?)\.(?:x|\u00e9)$", ""),
    ],
)
def test_part_with_several_meanings_is_named(pattern, part):
    """The linter names the part of a pattern from which dialects differ."""
    assert patterns.different_part(pattern) == part
