"""Text made comparable: blanks trimmed, full-width forms folded, vendor codes translated, wide sheets made long.

In goes a landed batch under the vendor's headers; out comes one text column per mapped contract column (null where
nothing was delivered). Everything works on whole Arrow columns. Not here: types and rules.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.connectors.delivered import LINE, MALFORMED
from sources.contract import Column
from sources.mapping import INSTITUTION_DICTIONARY, ColumnSource, FeedPlan, Repeat, normalise_header

HOUR_SUFFIX = "__hour"
JUNK_SUFFIX = "__junk"
KNOWN_SUFFIX = "__known"
ROW_HASH_LENGTH = 32
_BLOCK = "(block)"
_ZERO_WIDTH = "[\u200b-\u200f\u2060\ufeff\u00ad]"
_TEXT_FORMATS = ("text", "json")

Text = pa.ChunkedArray


@dataclass(frozen=True)
class Normalised:
    """One text column per mapped contract column, plus LINE and MALFORMED; headers that the mapping lacks or misses."""

    table: pa.Table
    unmapped_headers: tuple[str, ...]
    absent_columns: tuple[str, ...]


def normalise(rows: pa.Table, plan: FeedPlan, institution: str, institutions: pa.Array) -> Normalised:
    """Contract columns as text from rows as delivered. `institution` is the deliverer (for constants),
    `institutions` are the county's ids (for columns that must name one of them).
    """
    headers = {normalise_header(name): name for name in rows.column_names if name not in (LINE, MALFORMED)}
    unmapped = [
        name for folded, name in headers.items() if folded not in plan.used_headers | plan.ignored_headers
    ]
    if plan.feed_mapping.repeat:
        rows = _made_long(rows, plan.feed_mapping.repeat, headers)
    columns: dict[str, pa.Array | Text] = {LINE: rows.column(LINE), MALFORMED: rows.column(MALFORMED)}
    absent: list[str] = []
    reader = _Reader(rows, headers, plan, institution)
    for name in sorted(plan.mapped_columns):
        if not reader.delivers(name):
            absent.append(name)
        columns |= reader.columns(name)
        if reader.references_institution(name):
            columns[name + KNOWN_SUFFIX] = pc.is_in(columns[name], value_set=institutions)
    return Normalised(pa.table(columns), tuple(unmapped), tuple(absent))


def _made_long(rows: pa.Table, repeat: Repeat, headers: dict[str, str]) -> pa.Table:
    """One row per block (V03): the first always, others when `keep_when` is filled; numbered, in the order of the file."""
    first = repeat.expanded[0]
    in_blocks = {normalise_header(h) for block in repeat.expanded for h in block.values()}
    shared = [name for name in rows.column_names if normalise_header(name) not in in_blocks]
    parts = []
    for number, block in enumerate(repeat.expanded):
        part = rows.select(shared)
        for column, target in first.items():
            source = headers.get(normalise_header(block[column]))
            values = rows.column(source) if source else pa.nulls(rows.num_rows, pa.string())
            part = part.append_column(headers.get(normalise_header(target), target), values)
        part = part.append_column(_BLOCK, pa.repeat(repeat.start + number, rows.num_rows))
        if number:
            kept = part.column(
                headers.get(normalise_header(first[repeat.keep_when]), first[repeat.keep_when])
            )
            part = part.filter(pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(kept), ""), False))
        parts.append(part)
    together = pa.concat_tables(parts)
    order = pc.sort_indices(together, sort_keys=[(LINE, "ascending"), (_BLOCK, "ascending")])
    return together.take(order)


@dataclass(frozen=True)
class _Reader:
    """Reads contract columns out of one batch."""

    rows: pa.Table
    headers: dict[str, str]
    plan: FeedPlan
    institution: str

    def delivers(self, name: str) -> bool:
        wanted = self.plan.headers_of(name)
        return not wanted or all(normalise_header(header) in self.headers for header in wanted)

    def references_institution(self, name: str) -> bool:
        column = self._column(name)
        return column is not None and column.references == "institution"

    def columns(self, name: str) -> dict[str, pa.Array | Text]:
        """The text column of that name and, where the mapping says so, its hour and its junk mark."""
        column = self._column(name)
        repeat = self.plan.feed_mapping.repeat
        if repeat and name == repeat.into:
            return {name: self.rows.column(_BLOCK).cast(pa.string())}
        source = self.plan.columns.get(name) or ColumnSource(from_=self.plan.headers_of(name))
        if source.const is not None:
            constant = source.const.replace("{institution}", self.institution)
            return {name: pa.repeat(pa.scalar(constant), self.rows.num_rows)}
        parts = [self._cleaned(header, column) for header in source.from_]
        if source.join == "date_hour":
            return {name: parts[0], name + HOUR_SUFFIX: parts[1]}
        text = parts[0] if len(parts) == 1 else _concatenated(parts, source.separator)
        return self._translated(name, column, source, text)

    def _column(self, name: str) -> Column | None:
        return self.plan.contract.columns_by_name.get(name)

    def _cleaned(self, header: str, column: Column | None) -> pa.Array | Text:
        delivered = self.headers.get(normalise_header(header))
        if delivered is None:
            return pa.nulls(self.rows.num_rows, pa.string())
        is_text = column is not None and column.format in _TEXT_FORMATS
        return clean(self.rows.column(delivered), is_text, ("", *self.plan.mapping.null_values))

    def _translated(
        self, name: str, column: Column | None, source: ColumnSource, text: pa.Array | Text
    ) -> dict[str, pa.Array | Text]:
        result: dict[str, pa.Array | Text] = {}
        junk = self.plan.mapping.junk.get(name)
        if junk:
            is_junk = pc.is_in(text, value_set=pa.array(junk, pa.string()))
            text = pc.if_else(is_junk, pa.scalar(None, pa.string()), text)
            result[name + JUNK_SUFFIX] = is_junk
        if column is not None and column.format == "icd":
            text = _without_blanks(text)
        dictionary = source.dictionary
        if dictionary is None and column is not None and column.references:
            dictionary = INSTITUTION_DICTIONARY
        if dictionary in self.plan.mapping.dictionaries:
            text = translate(text, self.plan.mapping.dictionaries[dictionary])
        result[name] = text
        return result


def clean(values: Text, is_text: bool, null_values: tuple[str, ...]) -> Text:
    """Trim; for codes, numbers and dates also fold compatibility forms; drop zero-width characters; blank becomes null."""
    if pc.all(pc.string_is_ascii(values)).as_py() in (True, None):
        values = pc.ascii_trim_whitespace(values)
    else:
        values = values if is_text else pc.utf8_normalize(values, form="NFKC")
        if pc.any(pc.match_substring_regex(values, _ZERO_WIDTH)).as_py():
            values = pc.replace_substring_regex(values, _ZERO_WIDTH, "")
        values = pc.utf8_trim_whitespace(values)
    nothing = pc.is_in(values, value_set=pa.array(null_values, pa.string()))
    if not pc.any(nothing).as_py():
        return values
    return pc.if_else(nothing, pa.scalar(None, pa.string()), values)


def translate(values: pa.Array | Text, dictionary: dict[str, str]) -> pa.Array:
    """Vendor values to contract values; what the dictionary does not know passes and is judged later."""
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    encoded = pc.dictionary_encode(whole)
    known = [dictionary.get(value, value) or None for value in encoded.dictionary.to_pylist()]
    return pa.array(known, pa.string()).take(encoded.indices)


def _concatenated(parts: list[pa.Array | Text], separator: str) -> pa.Array | Text:
    return pc.binary_join_element_wise(*parts, separator, null_handling="skip")


def _without_blanks(text: pa.Array | Text) -> pa.Array | Text:
    if not pc.any(pc.match_substring_regex(text, r"\s")).as_py():
        return text
    return pc.replace_substring_regex(text, r"\s+", "")


def neighbours(hashes: pa.ChunkedArray) -> np.ndarray:
    """Pairs of positions (earlier, later) of equal row hashes, each later one named once; shape (n, 2)."""
    whole = hashes.combine_chunks()
    start = whole.offset * ROW_HASH_LENGTH
    digits = np.frombuffer(whole.buffers()[2], np.uint8)[start : start + len(whole) * ROW_HASH_LENGTH]
    words = digits.reshape(len(whole), ROW_HASH_LENGTH).view(np.uint64)
    short = words[:, 0] ^ (words[:, 1] * np.uint64(0x9E3779B97F4A7C15))
    ordered = np.sort(short)
    if not (ordered[1:] == ordered[:-1]).any():
        return np.empty((0, 2), dtype=np.int64)
    order = np.lexsort((np.arange(len(whole)), *words.T))
    same = (words[order][1:] == words[order][:-1]).all(axis=1)
    return np.stack([order[:-1][same], order[1:][same]], axis=1)
