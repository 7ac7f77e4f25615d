"""The badge: an SVG image with the layout and the colours of shields.io.

No Python library fits: pybadges needs Jinja2 and requests, and anybadge lacks these styles.
"""

import re
import unicodedata
from html import escape
from typing import NamedTuple

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
# The names of CSS that shields.io does not define itself.
CSS_COLORS = """
    aliceblue f0f8ff antiquewhite faebd7 aqua 0ff aquamarine 7fffd4 azure f0ffff beige f5f5dc
    bisque ffe4c4 black 000 blanchedalmond ffebcd blueviolet 8a2be2 brown a52a2a burlywood deb887
    cadetblue 5f9ea0 chartreuse 7fff00 chocolate d2691e coral ff7f50 cornflowerblue 6495ed
    cornsilk fff8dc crimson dc143c cyan 0ff darkblue 00008b darkcyan 008b8b darkgoldenrod b8860b
    darkgray a9a9a9 darkgreen 006400 darkgrey a9a9a9 darkkhaki bdb76b darkmagenta 8b008b
    darkolivegreen 556b2f darkorange ff8c00 darkorchid 9932cc darkred 8b0000 darksalmon e9967a
    darkseagreen 8fbc8f darkslateblue 483d8b darkslategray 2f4f4f darkslategrey 2f4f4f
    darkturquoise 00ced1 darkviolet 9400d3 deeppink ff1493 deepskyblue 00bfff dimgray 696969
    dimgrey 696969 dodgerblue 1e90ff firebrick b22222 floralwhite fffaf0 forestgreen 228b22
    fuchsia f0f gainsboro dcdcdc ghostwhite f8f8ff gold ffd700 goldenrod daa520 greenyellow adff2f
    honeydew f0fff0 hotpink ff69b4 indianred cd5c5c indigo 4b0082 ivory fffff0 khaki f0e68c
    lavender e6e6fa lavenderblush fff0f5 lawngreen 7cfc00 lemonchiffon fffacd lightblue add8e6
    lightcoral f08080 lightcyan e0ffff lightgoldenrodyellow fafad2 lightgreen 90ee90 lightpink
    ffb6c1 lightsalmon ffa07a lightseagreen 20b2aa lightskyblue 87cefa lightslategray 789
    lightslategrey 789 lightsteelblue b0c4de lightyellow ffffe0 lime 0f0 limegreen 32cd32 linen
    faf0e6 magenta f0f maroon 800000 mediumaquamarine 66cdaa mediumblue 0000cd mediumorchid ba55d3
    mediumpurple 9370db mediumseagreen 3cb371 mediumslateblue 7b68ee mediumspringgreen 00fa9a
    mediumturquoise 48d1cc mediumvioletred c71585 midnightblue 191970 mintcream f5fffa mistyrose
    ffe4e1 moccasin ffe4b5 navajowhite ffdead navy 000080 oldlace fdf5e6 olive 808000 olivedrab
    6b8e23 orangered ff4500 orchid da70d6 palegoldenrod eee8aa palegreen 98fb98 paleturquoise
    afeeee palevioletred db7093 papayawhip ffefd5 peachpuff ffdab9 peru cd853f pink ffc0cb plum
    dda0dd powderblue b0e0e6 purple 800080 rebeccapurple 639 rosybrown bc8f8f royalblue 4169e1
    saddlebrown 8b4513 salmon fa8072 sandybrown f4a460 seagreen 2e8b57 seashell fff5ee sienna
    a0522d silver c0c0c0 skyblue 87ceeb slateblue 6a5acd slategray 708090 slategrey 708090 snow
    fffafa springgreen 00ff7f steelblue 4682b4 tan d2b48c teal 008080 thistle d8bfd8 tomato ff6347
    turquoise 40e0d0 violet ee82ee wheat f5deb3 white fff whitesmoke f5f5f5
"""
COLORS = dict(re.findall(r"(\w+) (\w+)", CSS_COLORS)) | {
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
COLORS |= {
    "success": COLORS["brightgreen"],
    "important": COLORS["orange"],
    "critical": COLORS["red"],
    "informational": COLORS["blue"],
    "inactive": COLORS["lightgrey"],
    "gray": COLORS["grey"],
    "lightgray": COLORS["lightgrey"],
}
HEX_COLOR = re.compile("([0-9a-f]{3}){1,2}")
NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
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
        label: any text; without one, the badge has only the value.
        color: a key of COLORS or hexadecimal digits, in any case, with or without `#`.
        style: a key of STYLES. An unknown style is flat, and an unknown colour is blue.
    """
    style = style if style in STYLES else "flat"
    look = STYLES[style]
    color = find_color(color)
    label = NOT_IN_XML.sub("\ufffd", label)
    name = escape(f"{label}: {value}" if label else value)
    if look.spacing:
        label, value = label.upper(), value.upper()
    label_length = measure(label, look)
    value_length = measure(value, look, BOLD if look.spacing else 1)
    left, inner = look.outer + label_length + look.inner, look.inner
    if not label:
        left, inner = 0, look.outer
    right = inner + value_length + look.outer
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
        label=draw(label, look.outer, label_length, LABEL_COLOR, look) if label else "",
        value=draw(value, left + inner, value_length, color, look),
    )


def find_color(text: str) -> str:
    """Return three or six hexadecimal digits."""
    name = text.lower().removeprefix("#")
    return name if HEX_COLOR.fullmatch(name) else str(COLORS.get(name, COLORS["blue"]))


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
