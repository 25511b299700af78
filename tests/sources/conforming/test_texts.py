"""Text made comparable without changing what it says: compatibility forms, what programs put around a value."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sources.conforming.texts import clean


def cleaned(text: str, *, is_text: bool = False, is_json: bool = False) -> str | None:
    values = pa.chunked_array([pa.array(["x", text, None, "张"], pa.string())])
    return clean(values, is_text, ("",), is_json=is_json).to_pylist()[1]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('="F0001"', "F0001"), ("'F0002", "F0002"), ("`310101", "310101"), ("'1'", "1"), (' "张三"', "张三"), ("'00123", "00123"),
        ('="00123 "', "00123"), ('"a ""b"""', 'a "b"'), ('=""', None), ("''", None), ("O'Brien", "O'Brien"), ('5"', '5"'),
        ("A'", "A'"), ('"a","b"', '"a","b"'),
    ],
)  # fmt: skip
def test_what_programs_put_around_a_value_is_undone(text: str, code: str | None) -> None:
    assert cleaned(text) == code


def test_free_text_keeps_a_lone_apostrophe_and_json_its_quotes() -> None:
    assert cleaned("'s Gravenhage", is_text=True) == "'s Gravenhage"
    assert cleaned("'张三'", is_text=True) == "张三"
    assert cleaned('"张三"', is_text=True, is_json=True) == '"张三"'


@pytest.mark.parametrize("text", ["10²", "10⁻²", "x₂", "½", "3½", "①", "⑴5", "⒈5", "㎡", "10⁵"])
def test_folding_makes_no_other_number(text: str) -> None:
    assert not set("0123456789") & (set(cleaned(text) or "") - set(text))


@pytest.mark.parametrize(
    ("text", "folded"), [("123", "123"), ("A.1", "A.1"), ("𝟏𝟐", "12"), ("1²", "1²"), ("Ⅱ", "II")]
)
def test_other_widths_and_fonts_are_folded(text: str, folded: str) -> None:
    assert cleaned(text) == folded
