"""How values are written: as in JSON and in RFC 9562, and in no other way that Python accepts."""

import pytest

from openapi_handler.formats import boolean, integer, is_date, is_uuid, number

UUID = "550e8400-e29b-41d4-a716-44665544abcd"
FULLWIDTH, ARABIC = "\N{FULLWIDTH DIGIT FOUR}", "\N{ARABIC-INDIC DIGIT FOUR}"


@pytest.mark.parametrize(
    "text",
    ["", "1_0", "+5", " 5", "5 ", "5\n", "007", "00", "-5.", "5.0", "5e0", FULLWIDTH, f"5{ARABIC}"],
)
def test_only_an_integer_of_json_is_an_integer(text):
    """An integer is written as in JSON, and no other way that Python's int() accepts."""
    assert [integer("0"), integer("-5"), integer("366")] == [0, -5, 366]
    with pytest.raises(ValueError, match=r"^$"):
        integer(text)


@pytest.mark.parametrize(
    "text",
    [
        UUID.replace("-", ""),
        f"{{{UUID}}}",
        f"urn:uuid:{UUID}",
        f"{UUID}-",
        f"{UUID}\n",
        f" {UUID}",
        UUID.replace("5544", "5_44"),
        UUID.replace("5544", f"55{FULLWIDTH}4"),
        UUID.replace("5544", f"55{ARABIC}4"),
        UUID.replace("abcd", "abcg"),
        UUID.replace("e8400-e", "e8-400e"),
    ],
)
def test_only_a_canonical_uuid_is_a_uuid(text):
    """A UUID has 8-4-4-4-12 ASCII hexadecimal digits, and no other form of Python's UUID()."""
    assert is_uuid(UUID)
    assert is_uuid(UUID.upper())
    assert not is_uuid(text)


@pytest.mark.parametrize("text", ["nan", "-Infinity", "1e400", "1_0", "+5", ".5", "5.", " 5"])
def test_only_a_number_of_json_is_a_number(text):
    """A number is written as in JSON and is finite."""
    assert [number("0"), number("-1.5e-3")] == [0.0, -0.0015]
    with pytest.raises(ValueError, match=r"^$"):
        number(text)


@pytest.mark.parametrize("text", ["yes", "True", "1", ""])
def test_only_a_boolean_of_json_is_a_boolean(text):
    assert (boolean("true"), boolean("false")) == (True, False)
    with pytest.raises(ValueError, match=r"^$"):
        boolean(text)


def test_a_date_exists():
    """A date has four, two and two digits, and exists."""
    assert is_date("2028-02-29")
    assert not is_date("2028-2-29")
    assert not is_date("20280229")
    with pytest.raises(ValueError, match="day"):
        is_date("2026-02-29")
