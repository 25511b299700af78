"""Text made comparable: blanks trimmed, full-width forms folded, vendor codes translated, wide sheets made long.

In goes a landed batch under the vendor's headers; out comes one text column per mapped contract column (null where
nothing was delivered). Everything works on whole Arrow columns. Not here: types and rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sources.base.likeness import normalise_header
from sources.conforming.expressions import computed
from sources.conforming.reshape import BLOCK, ORPHAN, constant_of, made_long, selected
from sources.conforming.texts import (
    Text,
    clean,
    emptied,
    is_junk,
    part_of,
    says_nothing,
    translate,
    without_blanks,
)
from sources.connectors.conversion import bytes_of
from sources.connectors.delivered import LINE, MALFORMED
from sources.contracts.words import Column
from sources.mappings.expression import parse
from sources.mappings.language import KEEP, ColumnSource
from sources.mappings.operations import OPERATION_WORDS
from sources.mappings.plan import INSTITUTION_DICTIONARY, Dictionary, FeedPlan

HOUR_SUFFIX = "__hour"
JUNK_SUFFIX = "__junk"
KNOWN_SUFFIX = "__known"
OWN_SUFFIX = "__own"
GAP_SUFFIX = "__gap"
UNREAD_SUFFIX = "__unread"
# What a mapping writes where every row is the deliverer's.
DELIVERER = "{institution}"
# A column of which so many filled cells are institutions of the county is one of institutions.
_EVIDENT = 0.9
_TEXT_FORMATS = ("text", "json")


@dataclass(frozen=True)
class Normalised:
    """One text column per mapped contract column, plus LINE and MALFORMED; headers that the mapping lacks or misses.

    `absent_blocks` are blocks of a wide sheet none of whose headers was delivered, by the header that decides.
    `not_selected` rows of the file belong to other feeds (`select`); ORPHAN marks rows that no feed of the file claims.
    `unread_owners` are columns nobody reads that name institutions, with the rows in which that is none of the deliverer's.
    """

    table: pa.Table
    unmapped_headers: tuple[str, ...]
    absent_columns: tuple[str, ...]
    absent_blocks: tuple[str, ...] = ()
    not_selected: int = 0
    unread_owners: tuple[tuple[str, int], ...] = ()


def normalise(
    rows: pa.Table, plan: FeedPlan, institution: str, institutions: pa.Array, own: pa.Array
) -> Normalised:
    """Contract columns as text from rows as delivered. `institution` is the deliverer (for constants),
    `institutions` are the county's ids (for columns that must name one of them), `own` those the deliverer speaks for.
    """
    headers = plan.delivered_headers(name for name in rows.column_names if name not in (LINE, MALFORMED))
    known = plan.used_headers | plan.ignored_headers
    unmapped = [name for folded, name in headers.items() if folded not in known]
    delivered_rows = rows.num_rows
    rows = _without_nul(rows)
    rows = selected(rows, plan, headers)
    not_selected = delivered_rows - rows.num_rows
    if repeat := plan.feed_mapping.repeat:

        def filled(header: str) -> pa.Array | Text:
            return _is_something(rows, headers, plan, repeat.keep_when, header)

        rows = made_long(rows, repeat, headers, filled)
    columns: dict[str, pa.Array | Text] = {LINE: rows.column(LINE), MALFORMED: rows.column(MALFORMED)}
    if ORPHAN in rows.column_names:
        columns[ORPHAN] = rows.column(ORPHAN)
    absent: list[str] = []
    reader = _Normaliser(rows, headers, plan, institution)
    for name in sorted(plan.mapped_columns):
        if plan.missing_headers(name, headers):
            absent.append(name)
        columns |= reader.columns(name)
        if reader.references_institution(name):
            columns[name + KNOWN_SUFFIX] = pc.is_in(columns[name], value_set=institutions)
        if name in plan.contract.owner_columns:
            columns[name + OWN_SUFFIX] = pc.is_in(columns[name], value_set=own)
    for name, twins in equal_junk(plan).items():
        columns |= _without_copies(name, twins, columns)
    blocks = plan.feed_mapping.repeat.families if plan.feed_mapping.repeat else ()
    missing = tuple(
        family[0] for family in blocks if all(normalise_header(header) not in headers for header in family)
    )
    owners = tuple(_unread_owners(rows, plan, unmapped, institutions, own))
    return Normalised(pa.table(columns), tuple(unmapped), tuple(absent), missing, not_selected, owners)


def _unread_owners(
    rows: pa.Table, plan: FeedPlan, unmapped: Iterable[str], institutions: pa.Array, own: pa.Array
) -> Iterator[tuple[str, int]]:
    """Where the mapping takes the deliverer for the owner of every row: columns that name institutions throughout, and in how
    many rows another than those the deliverer speaks for.
    """
    if not any(
        (source := plan.columns.get(n)) and source.const == DELIVERER for n in plan.contract.owner_columns
    ):
        return
    dictionary = plan.dictionary(INSTITUTION_DICTIONARY)
    for name in unmapped:
        if name not in rows.column_names:
            continue
        text = clean(rows.column(name), False, ("", *plan.mapping.null_values))
        text = text if dictionary is None else translate(text, dictionary)[0]
        filled, known = len(text) - text.null_count, pc.is_in(text, value_set=institutions)
        if filled and (pc.sum(known).as_py() or 0) >= _EVIDENT * filled:
            yield name, pc.sum(pc.and_not(known, pc.is_in(text, value_set=own))).as_py() or 0


def _is_something(
    rows: pa.Table, headers: dict[str, str], plan: FeedPlan, column: str, header: str
) -> pa.Array | Text:
    """Whether cells under a header hold anything, read as the column they fill reads them: nothing, junk and all."""
    reader = _Normaliser(rows, headers, plan, "")
    made = reader.filled_from(column, header)
    known = made[column]
    return (
        pc.or_(pc.is_valid(known), made[column + GAP_SUFFIX])
        if column + GAP_SUFFIX in made
        else pc.is_valid(known)
    )


def _without_nul(rows: pa.Table) -> pa.Table:
    """Rows with a NUL in any cell marked as damaged: no key and no text may hold one."""
    torn = None
    for name in rows.column_names:
        if name in (LINE, MALFORMED):
            continue
        column = rows.column(name)
        if any(len(text) and not text.all() for text in map(bytes_of, column.chunks)):
            found = pc.fill_null(pc.match_substring(column, "\x00"), False)
            torn = found if torn is None else pc.or_(torn, found)
    if torn is None:
        return rows
    marked = pc.if_else(torn, "NUL", rows.column(MALFORMED))
    return rows.set_column(rows.column_names.index(MALFORMED), MALFORMED, marked)


def control_text(rows: pa.Table, plan: FeedPlan, column: str) -> pa.Array | Text:
    """The control column of a whole file as text, before any choice of rows (of the first block of a wide sheet)."""
    headers = plan.delivered_headers(name for name in rows.column_names if name not in (LINE, MALFORMED))
    reader = _Normaliser(rows, headers, plan, "")
    first_block = plan.feed_mapping.repeat
    if first_block and column in first_block.constants[0]:
        return pa.repeat(first_block.constants[0][column], rows.num_rows)
    if column not in plan.mapped_columns:
        return pa.nulls(rows.num_rows, pa.string())
    made = reader.columns(column)
    # What the mapping could not take out of the text is no amount: neither here nor among the judged rows.
    return (
        emptied(made[column], made[column + UNREAD_SUFFIX])
        if column + UNREAD_SUFFIX in made
        else made[column]
    )


# -- columns


@dataclass(frozen=True)
class _Normaliser:
    """Reads contract columns out of one batch."""

    rows: pa.Table
    headers: dict[str, str]
    plan: FeedPlan
    institution: str

    def references_institution(self, name: str) -> bool:
        column = self._column(name)
        return column is not None and column.references == "institution"

    def columns(self, name: str) -> dict[str, pa.Array | Text]:
        """The text column of that name and, where the mapping says so, its hour and what is to be said of it."""
        column = self._column(name)
        source = self.plan.columns.get(name) or ColumnSource()
        repeat = self.plan.feed_mapping.repeat
        if source.const is not None:
            constant = source.const.replace(DELIVERER, self.institution)
            return {name: pa.repeat(pa.scalar(constant), self.rows.num_rows)}
        if repeat and name == repeat.into:
            return {name: self.rows.column(BLOCK).cast(pa.string())}
        parts = [self._cleaned(header, column, source) for header in source.headers]
        if repeat and name in repeat.constants[0]:
            parts = [self.rows.column(constant_of(name))]
        elif repeat and name in repeat.expanded[0]:
            parts = [self._cleaned(repeat.expanded[0][name], column, source)]
        if source.join == "date_hour":
            return {name: parts[0], name + HOUR_SUFFIX: parts[1]}
        if source.expression is not None:
            return self._worked_out(name, column, source, parts)
        if source.first_of:
            return self._made(name, column, source, self._first_of(name, parts))
        return self._made(name, column, source, _together(parts, source))

    def _first_of(self, name: str, parts: list[pa.Array | Text]) -> pa.Array | Text:
        """The first cell that says something; where none does, the first that is filled."""
        junk = self.plan.mapping.junk.get(name, ())
        telling = [emptied(part, pc.or_(says_nothing(part), is_junk(part, junk))) for part in parts]
        return pc.coalesce(*telling, *parts)

    def filled_from(self, name: str, header: str) -> dict[str, pa.Array | Text]:
        """The text column of that name as it would be made of the cells under this header."""
        column, source = self._column(name), self.plan.columns.get(name) or ColumnSource()
        return self._made(name, column, source, self._cleaned(header, column, source))

    def _worked_out(
        self, name: str, column: Column | None, source: ColumnSource, parts: list[pa.Array | Text]
    ) -> dict[str, pa.Array | Text]:
        """Where a number was needed and is none the first cell stands, marked as unread."""
        cells = dict(zip(source.headers, parts, strict=True))
        found = computed(parse(str(source.expression)), cells.__getitem__, self.rows.num_rows)
        result = self._made(name, column, source, found.text)
        result[name] = pc.if_else(found.unread, pc.coalesce(*parts), result[name])
        part = result.get(name + UNREAD_SUFFIX, found.unread)
        result[name + UNREAD_SUFFIX] = pc.or_(found.unread, part)
        return result

    def _column(self, name: str) -> Column | None:
        return self.plan.contract.columns_by_name.get(name)

    def _cleaned(self, header: str, column: Column | None, source: ColumnSource) -> pa.Array | Text:
        delivered = self.headers.get(normalise_header(header))
        if delivered is None:
            return pa.nulls(self.rows.num_rows, pa.string())
        is_text = column is not None and column.format in _TEXT_FORMATS
        nothing = ("", *self.plan.mapping.null_values, *source.null_values)
        is_json = column is not None and column.format == "json"
        return clean(self.rows.column(delivered), is_text, nothing, is_json=is_json)

    def _made(
        self, name: str, column: Column | None, source: ColumnSource, text: pa.Array | Text
    ) -> dict[str, pa.Array | Text]:
        """Junk taken out, text replaced and split, blanks of codes dropped, the dictionary applied; in this order."""
        result: dict[str, pa.Array | Text] = {}
        junk = self.plan.mapping.junk.get(name)
        if junk:
            result[name + JUNK_SUFFIX] = found = is_junk(text, junk)
            text = emptied(text, found)
        for wrong, right in source.replace.items():
            text = pc.replace_substring(text, wrong, right)
        if source.replace:
            text = emptied(text, pc.equal(text, ""))
        if source.split or source.extract:
            part = part_of(text, source)
            result[name + UNREAD_SUFFIX] = pc.and_(pc.is_valid(text), pc.is_null(part))
            text = pc.coalesce(part, text)
        if column is not None and column.format == "icd":
            text = without_blanks(text)
        dictionary = _dictionary_of(self.plan, column, source)
        if name == "op_flag":
            text = _operations(text, dictionary)
        elif dictionary is not None:
            text, result[name + GAP_SUFFIX] = translate(text, dictionary)
        declared = self.plan.declared_version(name)
        text = text if declared is None else pc.fill_null(text, declared)
        result[name] = text
        return result


def _together(parts: list[pa.Array | Text], source: ColumnSource) -> pa.Array | Text:
    if len(parts) == 1:
        return parts[0]
    nothing = pc.is_null(pc.coalesce(*parts))
    # Arrow leaves out a row of which every part is null instead of joining it to nothing.
    first = pc.if_else(nothing, "", parts[0])
    return emptied(
        pc.binary_join_element_wise(first, *parts[1:], source.separator, null_handling="skip"), nothing
    )


def _operations(text: pa.Array | Text, dictionary: Dictionary | None) -> pa.Array | Text:
    """Operation flags as I, U and D: by the mapping's dictionary, without one by the words everybody uses."""
    if dictionary is not None:
        return translate(text, dictionary)[0]
    return translate(pc.utf8_upper(text), Dictionary("op_flag", OPERATION_WORDS, KEEP))[0]


def has_gap_mark(plan: FeedPlan, name: str) -> bool:
    """Whether a dictionary translates that column, so that a code may be unknown to it."""
    if name == "op_flag":
        return False
    column, source = plan.contract.columns_by_name.get(name), plan.columns.get(name) or ColumnSource()
    is_translated = _dictionary_of(plan, column, source) is not None
    repeat = plan.feed_mapping.repeat
    return is_translated and source.const is None and not (repeat and name == repeat.into)


def _dictionary_of(plan: FeedPlan, column: Column | None, source: ColumnSource) -> Dictionary | None:
    name = source.dictionary
    if name is None and column is not None and column.references:
        name = INSTITUTION_DICTIONARY
    return plan.dictionary(name)


# -- default values filled in by a system (V23)


def equal_junk(plan: FeedPlan) -> dict[str, list[str]]:
    """{column: columns whose copy it must not be}, from junk values written `=other_column`."""
    found: dict[str, list[str]] = {}
    for name, values in plan.mapping.junk.items():
        twins = [value[1:] for value in values if value.startswith("=") and value[1:] in plan.mapped_columns]
        if twins and name in plan.mapped_columns:
            found[name] = twins
    return found


def _without_copies(
    name: str, twins: list[str], columns: dict[str, pa.Array | Text]
) -> dict[str, pa.Array | Text]:
    text, junk = columns[name], columns[name + JUNK_SUFFIX]
    for twin in twins:
        junk = pc.or_(junk, pc.fill_null(pc.equal(text, columns[twin]), False))
    return {name: emptied(text, junk), name + JUNK_SUFFIX: junk}
