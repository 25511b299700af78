"""Every judged row in its one place: accepted, quarantined with its reason, or a duplicate; and the rules it broke counted.

Not here: how a value is judged (statement, rules). Of a value only what cannot be personal is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.base.privacy import Pseudonymiser, mask
from sources.conforming.accounting import Account
from sources.conforming.duplicates import EarlierRows, hash_words, neighbours
from sources.conforming.entries import NOTHING, Stated
from sources.conforming.judged import QUARANTINE_SCHEMA, BatchIdentity, Conformed, RuleCount
from sources.conforming.normalise import Normalised
from sources.conforming.personal import may_hold_name, shown_name
from sources.conforming.row_keys import row_keys
from sources.conforming.rules import (
    BLOCK_ABSENT,
    DUPLICATE_ROW,
    ENTRY_REPEATED,
    KEY_REUSED,
    MAPPED_COLUMN_ABSENT,
    OWNER_UNREAD,
    QUARANTINE,
    RAGGED_ROW,
    ROW_OF_ANOTHER_FEED,
    UNMAPPED_COLUMN,
    Fault,
    Message,
    entry_repeated,
    key_reused,
    message,
)
from sources.conforming.statement import (
    CONTROL_MONEY,
    ENTRY,
    FAULT,
    KEY_HASH,
    MESSAGE,
    OUTPUT,
    ROW_HASH,
    Statement,
)
from sources.connectors.delivered import LINE
from sources.contracts.date_bounds import bounds_of
from sources.contracts.words import Column
from sources.mappings.plan import FeedPlan

_OF_KEYS = {KEY_REUSED: key_reused, ENTRY_REPEATED: entry_repeated}


class ConformingError(RuntimeError):
    """DuckDB could not run the statement: a fault of this program. Carries no delivered value."""


@dataclass
class Sorter:
    """Puts every judged row in its one place."""

    text: Normalised
    judged: pa.Table
    statement: Statement
    plan: FeedPlan
    batch: BatchIdentity
    earlier: EarlierRows | None
    pseudonyms: Pseudonymiser
    dates: Mapping[str, date]

    def sorted(self) -> Conformed:
        if not self.judged.column(LINE).equals(self.text.table.column(LINE)):
            raise ConformingError(f"{self.plan.contract.feed}: rows came back in another order")
        faults = {c.name: self._array(FAULT + c.name) for c in self._judged_columns}
        faulty = {name: codes for name, codes in faults.items() if codes.any()}
        ragged = self._array(FAULT)
        bad = ragged.copy()
        for codes in faulty.values():
            bad |= codes >= QUARANTINE
        duplicate = self._duplicates(bad)
        reused, repeated = self._reused(~(bad | duplicate))
        bad |= reused
        accepted = self._accepted(~(bad | duplicate))
        account = self._account(accepted, bad, duplicate)
        quarantined = self._quarantined(ragged, reused, faulty)
        emptied = self._emptied_codes(ragged, faulty)
        told = {
            RAGGED_ROW: ragged, KEY_REUSED: reused, ENTRY_REPEATED: repeated, DUPLICATE_ROW: duplicate,
        }  # fmt: skip
        rules = sorted(self._counted(told, faulty), key=lambda rule: (rule.rule_id, rule.column_name))
        return Conformed(accepted, quarantined, emptied, rules, account)

    @cached_property
    def _judged_columns(self) -> list[Column]:
        judged = set(self.judged.column_names)
        columns = self.plan.contract.judged_columns
        return [column for name, column in columns.items() if FAULT + name in judged]

    def _array(self, name: str) -> np.ndarray:
        return self.judged.column(name).to_numpy()

    def _duplicates(self, bad: np.ndarray) -> np.ndarray:
        """Later copies of a good row of the same batch (equal row hash)."""
        words = hash_words(self.judged.column(ROW_HASH))
        found = np.zeros(len(bad), dtype=bool)
        pairs = neighbours(words)
        pairs = pairs[~bad[pairs].any(axis=1)]
        found[pairs[:, 1]] = True
        if self.earlier is not None:
            found |= ~bad & self.earlier.rows.known(words)
            self.earlier.rows.add(words[~bad & ~found])
        return found

    def _reused(self, good: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Good rows whose key stands in other good rows too, with no time of change to tell them apart: (those of which none
        can be taken for the valid one, those that repeat the entry of an earlier row of a list). A deletion only speaks of a
        row and is no second one.
        """
        apart, repeated = np.zeros((2, len(good)), dtype=bool)
        if OUTPUT + "op_flag" in self.judged.column_names:
            good = (
                good & ~pc.fill_null(pc.equal(self.judged.column(OUTPUT + "op_flag"), "D"), False).to_numpy()
            )
        rows = np.flatnonzero(good)
        keys = hash_words(self.judged.column(KEY_HASH))[rows]
        stated = self._stated(keys, rows)
        if stated is not None:
            earlier = self.earlier or EarlierRows([stated.disputed()])
            apart[rows], repeated[rows] = earlier.listed_before(stated)
            return apart, repeated
        apart[rows[neighbours(keys).ravel()]] = True
        if self.earlier is not None:
            apart[rows[self.earlier.used_before(keys)]] = True
        return apart, repeated

    def _stated(self, keys: np.ndarray, rows: np.ndarray) -> Stated | None:
        """What these rows of a list state of whose entries they are; None of events, and where nothing that tells is mapped."""
        contract = self.plan.contract
        told = [name for name in contract.same_entry if ENTRY + name in self.judged.column_names]
        if not told:
            return None
        columns = [pc.fill_null(self.judged.column(ENTRY + name), NOTHING).to_numpy()[rows] for name in told]
        proof = told.index(contract.proves_entry) if contract.proves_entry in told else None
        return Stated(keys, np.stack(columns, axis=1), proof)

    def _accepted(self, good: np.ndarray) -> pa.Table:
        kept, text = self.judged, self.text.table
        if not good.all():
            chosen = pa.array(good)
            kept, text = kept.filter(chosen), text.filter(chosen)
        constants = {"source_batch_id": self.batch.batch_id, "source_file": self.batch.file}
        schema, arrays = self.plan.contract.arrow_schema(), []
        for field in schema:
            if field.name in constants:
                arrays.append(pa.repeat(pa.scalar(constants[field.name]), kept.num_rows))
            elif field.name in (LINE, ROW_HASH):
                arrays.append(kept.column(field.name))
            else:
                arrays.append(self._conformed(field, kept, text))
        return pa.Table.from_arrays(arrays, schema=schema)

    def _conformed(self, field: pa.Field, judged: pa.Table, text: pa.Table) -> pa.Array | pa.ChunkedArray:
        """One column as it leaves, of these rows."""
        if field.name in self.statement.passed:
            return text.column(self.statement.passed[field.name])
        if OUTPUT + field.name in judged.column_names:
            return judged.column(OUTPUT + field.name)
        if MESSAGE + field.name in judged.column_names:
            return self.pseudonyms.column(judged.column(MESSAGE + field.name))
        return pa.nulls(judged.num_rows, field.type)

    def _account(self, accepted: pa.Table, bad: np.ndarray, duplicate: np.ndarray) -> Account:
        rows = (len(bad), accepted.num_rows, int(bad.sum()), int(duplicate.sum()))
        money = self.plan.contract.control_money
        if money is None:
            return Account(*rows).verified()
        fen = self.judged.column(CONTROL_MONEY)
        parts = (_sum(fen.filter(pa.array(mask_))) for mask_ in (bad, duplicate))
        return Account(*rows, _sum(fen), _sum(accepted.column(money)), *parts).verified()

    def _quarantined(self, ragged: np.ndarray, reused: np.ndarray, faulty: dict[str, np.ndarray]) -> pa.Table:
        """One row per line and rule; of the value only its shape, unless it cannot be personal."""
        parts = []
        if ragged.any():
            parts.append(self._quarantine_rows(RAGGED_ROW, None, np.flatnonzero(ragged)))
        if reused.any():
            parts.append(self._quarantine_rows(KEY_REUSED, None, np.flatnonzero(reused)))
        for column in self._judged_columns:
            codes = faulty.get(column.name)
            for code in sorted(set(codes[codes >= QUARANTINE].tolist())) if codes is not None else ():
                rows = np.flatnonzero((codes == code) & ~ragged)
                if len(rows):
                    parts.append(self._quarantine_rows(Fault(code).name, column, rows))
        if not parts:
            return QUARANTINE_SCHEMA.empty_table()
        together = pa.concat_tables(parts)
        order = [("source_line", "ascending"), ("rule_id", "ascending"), ("column_name", "ascending")]
        return together.take(pc.sort_indices(together, sort_keys=order))

    def _emptied_codes(self, ragged: np.ndarray, faulty: dict[str, np.ndarray]) -> pa.Table:
        """One row per value that was emptied because no dictionary knows it."""
        parts = [QUARANTINE_SCHEMA.empty_table()]
        for column in self._judged_columns:
            if column.name in faulty:
                rows = np.flatnonzero((faulty[column.name] == Fault.CODE_NULLED) & ~ragged)
                if len(rows):
                    parts.append(self._quarantine_rows(Fault.CODE_NULLED.name, column, rows))
        return pa.concat_tables(parts)

    def _quarantine_rows(self, rule_id: str, column: Column | None, rows: np.ndarray) -> pa.Table:
        positions, said = pa.array(rows), self._message(rule_id, column)
        shown: Any = pa.nulls(len(rows), pa.string())
        if column is not None:
            shown = _shown(self.text.table.column(column.name).take(positions), rule_id, column)
        columns = [
            pa.repeat(pa.scalar(self.batch.batch_id), len(rows)),
            pa.repeat(pa.scalar(self.batch.file), len(rows)),
            self.judged.column(LINE).take(positions),
            pa.repeat(pa.scalar(rule_id), len(rows)),
            pa.repeat(pa.scalar(column.name if column else None, pa.string()), len(rows)),
            shown,
            pa.repeat(pa.scalar(said.zh), len(rows)),
            pa.repeat(pa.scalar(said.en), len(rows)),
            self.judged.column(CONTROL_MONEY).take(positions),
            self._row_keys(rule_id, positions),
        ]
        return pa.Table.from_arrays(columns, schema=QUARANTINE_SCHEMA)

    def _row_keys(self, rule_id: str, positions: pa.Array) -> pa.Array:
        """By which these rows are known when they come again; a key that cannot be trusted is none."""
        contract = self.plan.contract
        if rule_id in (RAGGED_ROW, KEY_REUSED):
            return pa.nulls(len(positions), pa.string())
        judged, text = self.judged.take(positions), self.text.table.take(positions)
        schema = contract.arrow_schema()
        found = row_keys(
            [self._conformed(schema.field(name), judged, text) for name in contract.conformed_key],
            self.pseudonyms,
        )
        faults = [
            judged.column(FAULT + name).to_numpy()
            for name in contract.key
            if FAULT + name in judged.column_names
        ]
        doubtful = (
            np.any([codes >= QUARANTINE for codes in faults], axis=0)
            if faults
            else np.zeros(len(positions), bool)
        )
        return pc.if_else(pa.array(doubtful), pa.scalar(None, pa.string()), found)

    def _message(self, rule_id: str, column: Column | None, name: str | None = None) -> Message:
        if rule_id in _OF_KEYS:
            return _OF_KEYS[rule_id](self.plan.contract)
        said = message(rule_id, column, name)
        if rule_id != Fault.DATE_OUT_OF_RANGE.name or column is None:
            return said
        low, high = (self.dates[bound] for bound in bounds_of(self.plan.contract, column))
        last = high - timedelta(days=1)
        return Message(f"{said.zh}(允许 {low} 至 {last})", f"{said.en} (allowed: {low} to {last})")

    def _counted(self, rows: dict[str, np.ndarray], faulty: dict[str, np.ndarray]) -> Iterator[RuleCount]:
        ragged = rows[RAGGED_ROW]
        total = len(ragged)
        for rule_id, found in rows.items():
            if found.any():
                yield self._count(rule_id, None, "", int(found.sum()), total)
        for column in self._judged_columns:
            if column.name in faulty:
                codes = faulty[column.name][~ragged]
                for code, violated in zip(*np.unique(codes[codes > 0], return_counts=True), strict=True):
                    yield self._count(Fault(int(code)).name, column, column.name, int(violated), total)
        if others := self.text.not_selected:
            yield self._count(ROW_OF_ANOTHER_FEED, None, "", others, total + others)
        for header in self.text.unmapped_headers:
            yield self._count(UNMAPPED_COLUMN, None, shown_name(header), total, total)
        for header, others in self.text.unread_owners:
            if others:
                yield self._count(OWNER_UNREAD, None, shown_name(header), others, total)
        for header in self.text.absent_blocks:
            yield self._count(BLOCK_ABSENT, None, header, total, total)
        for name in self.text.absent_columns:
            yield self._count(MAPPED_COLUMN_ABSENT, None, name, total, total)

    def _count(self, rule_id: str, column: Column | None, name: str, violated: int, total: int) -> RuleCount:
        said = self._message(rule_id, column, name or None)
        return RuleCount(rule_id, name, violated, total, said.zh, said.en)


def _sum(fen: pa.Array | pa.ChunkedArray) -> int:
    return int(pc.sum(fen).as_py() or 0)


_INSTITUTION = r"^([A-Za-z0-9]{1,4}|H[0-9]{11}|\p{Han}{2,16}(院|所|室|站|中心|医院))$"
# What may be shown as it stands: short plain codes, short words in which no name can stand, institution codes, year and
# month of a date. Anything else only as its shape: with shifted columns a name or a number of a person may stand anywhere.
_CODE = r"^([A-Za-z0-9.]{1,4}|\p{Han}{1,8})$"
_HARMLESS = {
    Fault.VALUE_NOT_IN_SET.name: _CODE,
    Fault.DICTIONARY_GAP.name: _CODE,
    Fault.CODE_NULLED.name: _CODE,
    Fault.OPERATION_UNKNOWN.name: _CODE,
    Fault.UNKNOWN_INSTITUTION.name: _INSTITUTION,
    Fault.INSTITUTION_OF_ANOTHER.name: _INSTITUTION,
    Fault.DATE_OUT_OF_RANGE.name: r"^[0-9]{4}-[0-9]{2}",
}


def _shown(texts: pa.ChunkedArray, rule_id: str, column: Column) -> pa.ChunkedArray:
    masked = mask(texts)
    pattern = _HARMLESS.get(rule_id)
    if pattern is None or column.privacy or column.linkage not in (None, "sex"):
        return masked
    shown = texts
    if rule_id == Fault.DATE_OUT_OF_RANGE.name:
        day = pc.utf8_slice_codeunits(masked, 7, 24)
        shown = pc.binary_join_element_wise(pc.utf8_slice_codeunits(texts, 0, 7), day, "")
    harmless = pc.fill_null(pc.match_substring_regex(texts, pattern), False)
    named = [
        sure and may_hold_name(text)
        for sure, text in zip(harmless.to_pylist(), texts.to_pylist(), strict=True)
    ]
    return pc.if_else(pc.and_not(harmless, pa.array(named, pa.bool_())), shown, masked)
