"""Draws plots as SVG, without a library."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10

COLOURS = ("#1f6f54", "#d08700", "#8b949e", "#3b6fb6")
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.small { font-size: 12px; fill: #57606a }
.title { font-size: 15px; font-weight: 600 }
.bold { font-weight: 700 }
.end { text-anchor: end } .middle { text-anchor: middle }
</style>"""


def document(width: int, height: int, parts: Sequence[str]) -> str:
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    background = f'<rect width="{width}" height="{height}" fill="#fff"/>'
    return "\n".join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" {box}>', STYLE, background, *parts, "</svg>\n"]
    )


def text(x: float, y: float, content: str, kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(content)}</text>'


def legend(x: float, y: float, names: Sequence[str]) -> list[str]:
    parts = []
    for name, colour in zip(names, COLOURS, strict=False):
        parts += [
            f'<rect x="{x}" y="{y - 11}" width="12" height="12" fill="{colour}"/>',
            text(x + 18, y, name, "small"),
        ]
        x += 46 + 6.5 * len(name)
    return parts


def bars(
    panels: Sequence[str],
    rows: Sequence[tuple[str, int, Sequence[float]]],
    kinds: Sequence[str],
    note: str,
    highlighted: str,
) -> str:
    """Draw one panel of horizontal bars for each measure.

    Args:
        panels: what each measure is.
        rows: a name, the index of its kind, and one value for each panel.
        kinds: the meaning of each colour.
        highlighted: a row's name.
    """
    left, width, step = 190, 300, 26
    bottom = 52 + step * len(rows)
    parts = [
        text(left - 10, 65 + step * i, name, "end bold" if name == highlighted else "end")
        for i, (name, _, _) in enumerate(rows)
    ]
    for column, panel in enumerate(panels):
        x = left + column * (width + 70)
        scale = width / max(values[column] for _, _, values in rows)
        parts.append(text(x, 28, panel, "title"))
        for i, (_, kind, values) in enumerate(rows):
            y, length = 48 + step * i, values[column] * scale
            bar = f'x="{x}" y="{y + 3}" width="{length:.1f}" height="{step - 6}"'
            parts += [
                f'<rect {bar} fill="{COLOURS[kind]}"/>',
                text(x + length + 6, y + 17, f"{values[column]:.2f}", "small"),
            ]
        line = x + scale  # the ratio 1
        parts.append(f'<path d="M{line:.1f} 46V{bottom}" stroke="#24292f" stroke-dasharray="3 3"/>')
    parts += legend(left, bottom + 24, kinds)
    parts.append(text(left, bottom + 46, note, "small"))
    return document(left + len(panels) * (width + 70), bottom + 60, parts)


def lines(
    series: Mapping[str, Sequence[tuple[float, float]]], x_title: str, y_title: str, note: str
) -> str:
    """Draw lines on logarithmic axes from 1 to the next power of ten."""
    left, top, width, height = 70, 40, 560, 360
    points = [point for line in series.values() for point in line]
    x_decades, y_decades = (
        -int(-log10(max(point[axis] for point in points)) // 1) for axis in (0, 1)
    )

    def place(x: float, y: float) -> tuple[float, float]:
        across, up = log10(max(x, 1)) / x_decades, log10(max(y, 1)) / y_decades
        return left + width * across, top + height * (1 - up)

    parts = [text(left - 50, 24, y_title, "title")]
    for decade in range(x_decades + 1):
        x, _ = place(10**decade, 1)
        parts.append(f'<path d="M{x:.1f} {top}v{height}" stroke="#d0d7de"/>')
        parts.append(text(x, top + height + 20, f"{10**decade:,}", "small middle"))
    for decade in range(y_decades + 1):
        _, y = place(1, 10**decade)
        parts.append(f'<path d="M{left} {y:.1f}h{width}" stroke="#d0d7de"/>')
        parts.append(text(left - 8, y + 4, f"{10**decade:,}", "small end"))
    for colour, (name, line) in zip(COLOURS, series.items(), strict=False):
        path = "L".join("{:.1f} {:.1f}".format(*place(*point)) for point in line)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        x, y = place(*line[-1])
        parts.append(text(x + 8, y + 4, name))
    parts.append(text(left + width / 2, top + height + 44, x_title, "title middle"))
    parts.append(text(left, top + height + 68, note, "small"))
    return document(left + width + 130, top + height + 84, parts)
