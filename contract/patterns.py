r"""Finds regular expressions whose meaning differs between dialects.

A `pattern` is read as ECMA-262 by JavaScript, with and without its flag `u`, as Python's by
openapi-core, and as Rust's by others. They agree on what this module accepts. They differ, for
example, on `\d` (ASCII digits or all), `.` (line ends), `\uD800` (half a character or an error),
look-around (unknown to Rust) and `[[` (nested sets in Rust).
"""

import re

# A character that means itself everywhere. Those above U+FFFF are two characters in JavaScript.
LITERAL = r"[^\\^$.|?*+()\[\]{}\uD800-\uDFFF\U00010000-\U0010FFFF]"
ESCAPED = r"\\(?:[\\^$.|?*+()\[\]{}/]|[tnr]|u(?!D[89A-F]|d[89a-f])[0-9A-Fa-f]{4})"
MEMBER = rf"(?:[^\\\[\]\^&~\-\uD800-\uDFFF\U00010000-\U0010FFFF]|\\-|{ESCAPED})"
# `-` makes a range, or is the last character of the set.
SET = rf"\[\^?{MEMBER}(?:-{MEMBER}|{MEMBER})*-?\]"
QUANTIFIER = r"(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??(?![*+?{])"
TOKEN = re.compile(rf"(?:{LITERAL}|{ESCAPED}|{SET}|\((?:\?:|(?!\?))|\)|\||\^|\$|{QUANTIFIER})")


def different_part(pattern: str) -> str:
    """Return the part of a pattern from which dialects differ; empty if they do not."""
    position = 0
    while match := TOKEN.match(pattern, position):
        position = match.end()
    return pattern[position:]
