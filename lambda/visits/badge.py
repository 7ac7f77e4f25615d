"""The badge: an SVG image with the layout and the colours of shields.io.

No Python library fits: pybadges needs Jinja2 and requests, and anybadge lacks these styles.
"""

import re
import unicodedata
from html import escape
from typing import NamedTuple

COLORS = {
    "brightgreen": "4b0",
    "green": "67ac09",
    "yellowgreen": "95991a",
    "yellow": "d8b800",
    "orange": "ea7233",
    "red": "dd4343",
    "blue": "007ec6",
    "grey": "555",
    "lightgrey": "939393",
}
LABEL_COLOR = "555"
LIGHT = 0.69  # brightness above which a text is dark

# Widths of the characters from space to ~ in Verdana, in units of 1/2048 em.
# fmt: off
UNITS = (
    720, 807, 940, 1676, 1302, 2204, 1488, 550, 930, 930, 1302, 1676, 745, 930, 745, 930,
    1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 930, 930, 1676, 1676, 1676, 1117,
    2048, 1400, 1404, 1430, 1578, 1295, 1177, 1588, 1539, 862, 931, 1419, 1140, 1726, 1532, 1612,
    1235, 1612, 1424, 1400, 1262, 1499, 1400, 2025, 1403, 1260, 1403, 930, 930, 930, 1676, 1302,
    1302, 1230, 1276, 1067, 1276, 1220, 720, 1276, 1296, 562, 705, 1212, 562, 1992, 1296, 1243,
    1276, 1276, 874, 1067, 807, 1296, 1212, 1676, 1212, 1212, 1076, 1300, 930, 1300, 1676,
)
# fmt: on
EMOJI, WIDE, OTHER = 1.25, 1.0, 0.7  # em; Verdana has no such characters, or they vary
THOUSANDS = ("", "K", "M", "B", "T")
BOLD = 1.12  # how much wider Verdana's bold digits are


class Style(NamedTuple):
    """Sizes are in pixels."""

    height: int
    baseline: float
    radius: int = 0
    stops: str = ""  # of the gradient; a style with a gradient also has shadows
    outer: int = 6  # from the edge of the badge to a text
    inner: int = 4  # from a text to the other part
    font_size: int = 11
    spacing: float = 0  # after each letter; a style with spacing has capitals and a bold value


STYLES = {
    "flat": Style(
        20,
        14,
        radius=3,
        stops='<stop offset="0" stop-color="#bbb" stop-opacity=".1"/>'
        '<stop offset="1" stop-opacity=".1"/>',
    ),
    "flat-square": Style(20, 14),
    "plastic": Style(
        18,
        13,
        radius=4,
        stops='<stop offset="0" stop-color="#fff" stop-opacity=".7"/>'
        '<stop offset=".1" stop-color="#aaa" stop-opacity=".1"/>'
        '<stop offset=".9" stop-opacity=".3"/><stop offset="1" stop-opacity=".5"/>',
    ),
    "for-the-badge": Style(28, 17.5, outer=12, inner=12, font_size=10, spacing=1.25),
}

# Texts are ten times as large and scaled down, because browsers round the widths of small ones.
# Badges in one HTML document may share the IDs, because these name what the elements look like.
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" \
aria-label="{name}">
<title>{name}</title>
<linearGradient id="badge-{style}" x2="0" y2="100%">{stops}</linearGradient>
<clipPath id="badge-{style}-{width}">
<rect width="{width}" height="{height}" rx="{radius}"/></clipPath>
<g clip-path="url(#badge-{style}-{width})" shape-rendering="crispEdges">
<rect width="{left}" height="{height}" fill="#{label_color}"/>
<rect x="{left}" width="{right}" height="{height}" fill="#{color}"/>
<rect width="{width}" height="{height}" fill="url(#badge-{style})"/>
</g>
<g transform="scale(.1)" text-anchor="middle" text-rendering="geometricPrecision" \
font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="{font_size}0">
{label}
<g font-weight="{weight}">{value}</g>
</g>
</svg>
"""


def render(label: str, value: str, color: str, style: str) -> str:
    """Return an SVG image.

    Args:
        label: a text of characters that XML allows.
        color: a key of COLORS, or three or six hexadecimal digits.
        style: a key of STYLES.
    """
    look = STYLES[style]
    color = COLORS.get(color, color)
    name = escape(f"{label}: {value}")
    if look.spacing:
        label, value = label.upper(), value.upper()
    label_length = measure(label, look)
    value_length = measure(value, look, BOLD if look.spacing else 1)
    left = look.outer + label_length + look.inner
    right = look.inner + value_length + look.outer
    return SVG.format(
        **look._asdict(),
        style=style,
        name=name,
        width=left + right,
        left=left,
        right=right,
        label_color=LABEL_COLOR,
        color=color,
        weight="bold" if look.spacing else "normal",
        label=draw(label, look.outer, label_length, LABEL_COLOR, look),
        value=draw(value, left + look.inner, value_length, color, look),
    )


def draw(text: str, start: int, length: int, background: str, look: Style) -> str:
    """Return the elements of a text and its shadow."""
    fill, shadow = ("333", "ccc") if brightness(background) > LIGHT else ("fff", "010101")
    place = f'x="{10 * start + 5 * length}" textLength="{10 * length}"'
    y = round(10 * look.baseline)
    front = f'<text {place} y="{y}" fill="#{fill}">{escape(text)}</text>'
    if not look.stops:
        return front
    behind = f'y="{y + 10}" fill="#{shadow}" fill-opacity=".3"'
    return f"<text {place} {behind}>{escape(text)}</text>{front}"


def brightness(color: str) -> float:
    """Return how bright a colour looks, from 0 to 1.

    Args:
        color: three or six hexadecimal digits.
    """
    if len(color) % 2:
        color = "".join(digit * 2 for digit in color)
    red, green, blue = bytes.fromhex(color)
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def measure(text: str, look: Style, scale: float = 1) -> int:
    """Return the length of a text in pixels. It is odd, as in shields.io."""
    single = re.sub("\u200d.", "", text)  # a joiner makes one emoji of two
    widths = [ems(character) * look.font_size * scale for character in single]
    return int(sum(width + look.spacing for width in widths if width)) | 1


def ems(character: str) -> float:
    """Return the width of a character in Verdana, estimated if it has no base in UNITS."""
    category = unicodedata.category(character)
    if category in {"Mn", "Me", "Cf"} or "\U0001f3fb" <= character <= "\U0001f3ff":
        return 0  # it changes the character before it
    if "\U0001f1e6" <= character <= "\U0001f1ff":
        return EMOJI / 2  # two of these are a flag
    if category == "So":
        return EMOJI
    if unicodedata.east_asian_width(character) in "WF":
        return WIDE
    base = unicodedata.normalize("NFD", character)[0]
    return UNITS[ord(base) - ord(" ")] / 2048 if base <= "~" else OTHER


def shorten(number: int) -> str:
    """Return a number as 1.2K, 12K or 3M, as `compact` of <visitor-counter> does in English."""
    unit = 1000 ** ((len(str(number)) - 1) // 3)
    step = max(1, unit // 10 if number < 10 * unit else unit)
    rounded = (number + step // 2) // step * step
    power = min((len(str(rounded)) - 1) // 3, len(THOUSANDS) - 1)
    return f"{rounded / 1000**power:.15g}{THOUSANDS[power]}"
