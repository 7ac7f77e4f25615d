"""The badge: what its parameters change, and that no label changes anything else."""

from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visits import badge

SVG = "{http://www.w3.org/2000/svg}"
BLUE, WHITE = "#007ec6", "#fff"
LABELS = st.text(st.characters(exclude_categories=[]) | st.sampled_from("<>&;\"'{}"), min_size=1)


def texts(svg):
    """The texts without their shadows."""
    return [each for each in svg.iter(f"{SVG}text") if "fill-opacity" not in each.attrib]


def structure(svg):
    """Every element with the names of its attributes."""
    return [(element.tag, list(element.attrib)) for element in svg.iter()]


@pytest.mark.parametrize(
    ("query", "label", "value", "color"),
    [
        ("", "visits", "1,234", BLUE),
        ("value=visitors", "visitors", "700", BLUE),
        ("value=today", "visits today", "1", BLUE),
        ("label=Seen%20by", "Seen by", "1,234", BLUE),
        ("value=today&label=%F0%9F%91%80", "\N{EYES}", "1", BLUE),
        ("color=Critical", "visits", "1,234", "#dd4343"),
        ("color=blueviolet", "visits", "1,234", "#8a2be2"),
        ("color=0b6650", "visits", "1,234", "#0b6650"),
        ("color=%23FFF", "visits", "1,234", "#fff"),
        ("value=views&color=reds&style=social", "visits", "1,234", BLUE),
        ("compact=true", "visits", "1.2K", BLUE),
        ("compact=false&unknown=1", "visits", "1,234", BLUE),
    ],
)
def test_parameters_choose_texts_and_color(api, monkeypatch, query, label, value, color):
    """A badge has a label and a number beside it, and the same for screen readers."""
    monkeypatch.setenv("COUNTERS", '{"resume": {"visits": 1233, "visitors": 699}}')
    api.visit()
    response = api.get(f"/counters/resume/badge.svg?{query}")
    svg = ET.fromstring(response.text)
    assert [text.text for text in texts(svg)] == [label, value]
    assert svg.get("aria-label") == svg.findtext(f"{SVG}title") == f"{label}: {value}"
    assert [part.get("fill") for part in svg.iter(f"{SVG}rect")][1:3] == ["#555", color]
    assert api.visits() == 1234


@pytest.mark.parametrize("style", badge.STYLES)
def test_an_empty_label_leaves_only_the_number(api, style):
    """Without a label, the number has all of the badge."""
    svg = ET.fromstring(api.get(f"/counters/resume/badge.svg?label=&style={style}").text)
    assert [text.text for text in texts(svg)] == ["0"]
    assert svg.get("aria-label") == "0"
    left, right = [*svg.iter(f"{SVG}rect")][1:3]
    assert (left.get("width"), right.get("x"), right.get("width")) == ("0", "0", svg.get("width"))
    assert int(texts(svg)[0].get("x")) == int(svg.get("width")) * 10 / 2


@pytest.mark.parametrize(
    ("style", "height", "shadows", "label"),
    [
        ("flat", 20, 2, "visits"),
        ("flat-square", 20, 0, "visits"),
        ("plastic", 18, 2, "visits"),
        ("for-the-badge", 28, 0, "VISITS"),
    ],
)
def test_style_chooses_the_shape(api, style, height, shadows, label):
    """The styles have the heights of shields.io; some have shadows, and one has capitals."""
    svg = ET.fromstring(api.get(f"/counters/resume/badge.svg?style={style}").text)
    assert int(svg.get("height")) == height
    assert len([*svg.iter(f"{SVG}text")]) == 2 + shadows
    assert texts(svg)[0].text == label


@pytest.mark.parametrize(
    ("color", "fill"), [("007ec6", "#fff"), ("555", "#fff"), ("FFF", "#333"), ("f5f5dc", "#333")]
)
def test_a_text_on_a_light_color_is_dark(color, fill):
    """The number can be read on every colour."""
    svg = ET.fromstring(badge.render("visits", "1", color, "flat"))
    assert [text.get("fill") for text in texts(svg)] == ["#fff", fill]


@pytest.mark.parametrize(
    "label",
    [
        "</text><script>alert(1)</script>",
        '"/><image href="https://example.com/"/>',
        "&lt;b&gt; &x; &#0;",
        "\ud7ff\ue000\ufffd\U0010ffff",
    ],
)
def test_a_label_is_only_text(api, label):
    """A label with markup is shown as written, and adds no element and no attribute."""
    plain = ET.fromstring(api.get("/counters/resume/badge.svg").text)
    svg = ET.fromstring(api.get(f"/counters/resume/badge.svg?label={quote(label)}").text)
    assert structure(svg) == structure(plain)
    assert svg.get("aria-label") == f"{label}: 0"
    assert texts(svg)[0].text == label


@given(LABELS, st.sampled_from([*badge.STYLES, '"/><script/>']))
def test_any_text_is_valid_xml(label, style):
    """In every style, any text adds no element and no attribute, also what XML does not allow."""
    plain = ET.fromstring(badge.render("visits", "1", "red", style).encode())
    svg = ET.fromstring(badge.render(label, "1", "red", style).encode())
    assert structure(svg) == structure(plain)


@pytest.mark.parametrize(
    ("label", "length"),
    [
        ("visits", 29),
        ("\u00e9t\u00e9", badge.measure("ete", badge.STYLES["flat"])),
        ("\u8a2a\u554f\u8005", 33),
        ("\N{EYES}\ufe0f", 13),
        ("\U0001f469\U0001f3fd\u200d\U0001f4bb", 13),
        ("\U0001f1e9\U0001f1ea", 13),
    ],
)
def test_lengths_are_those_of_verdana(label, length):
    """Accents add no width, a Chinese character is a square, and an emoji of several is one."""
    assert badge.measure(label, badge.STYLES["flat"]) == length
