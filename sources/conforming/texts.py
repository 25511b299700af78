"""Columns of text made comparable: blanks and forms, parts, junk, codes translated. Whole Arrow columns, nothing typed.

Not here: which column is treated how (normalise), what a text means (values).
"""

from __future__ import annotations

from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from sources.mappings.checks import is_pattern
from sources.mappings.language import ColumnSource, named_group
from sources.mappings.plan import Dictionary

_ZERO_WIDTH = "[\u200b-\u200f\u2060\ufeff\u00ad]"

Text: TypeAlias = pa.ChunkedArray


def any_true(mask: pa.Array | Text) -> bool:
    return pc.any(mask).as_py() is True


def emptied(values: pa.Array | Text, where: pa.Array | Text) -> pa.Array | Text:
    if not any_true(where):
        return values
    return pc.if_else(pc.fill_null(where, False), pa.scalar(None, values.type), values)


def clean(values: Text, is_text: bool, null_values: tuple[str, ...]) -> Text:
    """Trim; for codes, numbers and dates also fold compatibility forms; drop zero-width characters; blank becomes null."""
    if pc.all(pc.string_is_ascii(values)).as_py() in (True, None):
        values = pc.ascii_trim_whitespace(values)
    else:
        values = values if is_text else pc.utf8_normalize(values, form="NFKC")
        if pc.any(pc.match_substring_regex(values, _ZERO_WIDTH)).as_py():
            values = pc.replace_substring_regex(values, _ZERO_WIDTH, "")
        values = pc.utf8_trim_whitespace(values)
    return emptied(values, pc.is_in(values, value_set=pa.array(null_values, pa.string())))


def translate(values: pa.Array | Text, dictionary: Dictionary) -> tuple[pa.Array, pa.Array]:
    """Vendor values to contract values, and which of them the dictionary does not vouch for."""
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    encoded = pc.dictionary_encode(whole)
    known = [dictionary.translated(value) for value in encoded.dictionary.to_pylist()]
    text = pa.array([value for value, _ in known], pa.string()).take(encoded.indices)
    gap = pa.array([not vouched for _, vouched in known], pa.bool_()).take(encoded.indices)
    return text, pc.fill_null(gap, False)


def part_of(text: pa.Array | Text, source: ColumnSource) -> pa.Array | Text:
    """What `split` or `extract` keeps, trimmed; null where it finds nothing."""
    if source.split is not None:
        pieces = pc.split_pattern(text, source.split)
        enough = pc.greater_equal(pc.list_value_length(pieces), max(source.part, 2))
        kept = (
            pc.list_element(emptied(pieces, pc.invert(enough)), source.part - 1) if any_true(enough) else None
        )
    else:
        kept = pc.struct_field(pc.extract_regex(text, named_group(str(source.extract))), "kept")
    if kept is None:
        return pa.nulls(len(text), pa.string())
    kept = pc.utf8_trim_whitespace(kept)
    return emptied(kept, pc.equal(kept, ""))


def is_junk(text: pa.Array | Text, junk: tuple[str, ...]) -> pa.Array | Text:
    plain = [value for value in junk if not is_pattern(value)]
    found = pc.is_in(text, value_set=pa.array(plain, pa.string()))
    for value in junk:
        if is_pattern(value):
            found = pc.or_(found, pc.fill_null(pc.match_substring_regex(text, value[1:-1]), False))
    return found


def without_blanks(text: pa.Array | Text) -> pa.Array | Text:
    if not pc.any(pc.match_substring_regex(text, r"\s")).as_py():
        return text
    return pc.replace_substring_regex(text, r"\s+", "")
