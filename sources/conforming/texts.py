"""Columns of text made comparable: blanks and forms, parts, junk, codes translated. Whole Arrow columns, nothing typed.

Not here: which column is treated how (normalise), what a text means (values).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from sources.connectors.conversion import bytes_of
from sources.mappings.checks import is_pattern
from sources.mappings.language import ColumnSource, named_group
from sources.mappings.plan import Dictionary


def _others() -> str:
    """Characters that hold digits but are no digits of another width or font: raised, lowered, in circles, fractions."""
    kept = ("<wide>", "<narrow>", "<font>")
    candidates = (
        chr(code) for code in (*range(0xA0, 0x3400), *range(0xF900, 0x10000), *range(0x1D000, 0x1FA00))
    )
    return "".join(
        re.escape(sign)
        for sign in candidates
        if (how := unicodedata.decomposition(sign))
        and not how.startswith(kept)
        and any("0" <= digit <= "9" for digit in unicodedata.normalize("NFKC", sign))
    )


_OTHER_NUMBERS = _others()
_QUOTES = (b'"', b"'", b"`")
# (what stands around a value, the sign that is doubled within).
_WRAPPERS = ((r'^=?"((?:[^"]|"")*)"$', '"'), (r"^'([^']*)'$", "'"))
_WRAPPERS_OF_CODES = ((r"^['`]([^'`]+)$", "'"),)
# Passed over only where another column may be taken instead: alone, 无 may be an answer.
_NOTHING = r"^(-+|—+|/+|\\+|\.+|\*+|无|空|暂无|未填|不详|null|nil|none|n/?a|\\n|#n/a)$"
_ZERO_WIDTH = "[\u200b-\u200f\u2060\ufeff\u00ad]"

Text: TypeAlias = pa.ChunkedArray


def any_true(mask: pa.Array | Text) -> bool:
    return pc.any(mask).as_py() is True


def emptied(values: pa.Array | Text, where: pa.Array | Text) -> pa.Array | Text:
    if not any_true(where):
        return values
    return pc.if_else(pc.fill_null(where, False), pa.scalar(None, values.type), values)


def clean(values: Text, is_text: bool, null_values: tuple[str, ...], *, is_json: bool = False) -> Text:
    """Trim; for codes, numbers and dates also fold compatibility forms; drop zero-width characters and what programs put
    around a value; blank becomes null.
    """
    if pc.all(pc.string_is_ascii(values)).as_py() in (True, None):
        values = pc.ascii_trim_whitespace(values)
    else:
        values = values if is_text else folded_forms(values)
        if pc.any(pc.match_substring_regex(values, _ZERO_WIDTH)).as_py():
            values = pc.replace_substring_regex(values, _ZERO_WIDTH, "")
        values = pc.utf8_trim_whitespace(values)
    values = values if is_json else unwrapped(values, is_text)
    return emptied(values, pc.is_in(values, value_set=pa.array(null_values, pa.string())))


def folded_forms(values: Text) -> Text:
    """Full-width and other compatibility forms as plain characters; what would become another number (10², ①, ½) stays."""
    plain = pc.utf8_normalize(values, form="NFKC")
    special = pc.fill_null(pc.match_substring_regex(values, f"[{_OTHER_NUMBERS}]"), False)
    if not any_true(special):
        return plain
    different = pc.unique(values.filter(special))
    careful = pa.array([_folded_around(text) for text in different.to_pylist()], pa.string())
    return pc.if_else(special, careful.take(pc.index_in(values, value_set=different)), plain)


def _folded_around(text: str) -> str:
    pieces = re.split(f"([{_OTHER_NUMBERS}])", text)
    return "".join(p if n % 2 else unicodedata.normalize("NFKC", p) for n, p in enumerate(pieces))


def unwrapped(values: Text, is_text: bool) -> Text:
    """Values without what other programs put around them to keep them as they are: ="00123", "x", 'x', and before codes
    a lone apostrophe ('00123).
    """
    texts = (bytes_of(chunk).tobytes() for chunk in values.chunks)
    if not any(quote in text for text in texts for quote in _QUOTES):
        return values
    for pattern, doubled in _WRAPPERS if is_text else (*_WRAPPERS, *_WRAPPERS_OF_CODES):
        wrapped = pc.fill_null(pc.match_substring_regex(values, pattern), False)
        if any_true(wrapped):
            inner = pc.utf8_trim_whitespace(pc.replace_substring_regex(values, pattern, r"\1"))
            values = pc.if_else(wrapped, pc.replace_substring(inner, doubled * 2, doubled), values)
    return values


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


def says_nothing(text: pa.Array | Text) -> pa.Array | Text:
    """True for cells in which somebody wrote that there is nothing to write."""
    return pc.fill_null(pc.match_substring_regex(text, _NOTHING, ignore_case=True), False)


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
