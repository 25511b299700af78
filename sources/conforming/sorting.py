"""Every judged row in its one place: accepted, quarantined with its reason, or a duplicate; and the rules it broke counted.

Not here: how a value is judged (statement, rules). Of a value only what cannot be personal is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.base.privacy import Pseudonymiser, like_a_name, mask
from sources.conforming.accounting import Account
from sources.conforming.duplicates import SeenRows, hash_words, neighbours
from sources.conforming.judged import QUARANTINE_SCHEMA, BatchIdentity, Conformed, RuleCount
from sources.conforming.normalise import Normalised
from sources.conforming.rules import (
    DUPLICATE_ROW,
    MAPPED_COLUMN_ABSENT,
    QUARANTINE,
    RAGGED_ROW,
    ROW_OF_ANOTHER_FEED,
    UNMAPPED_COLUMN,
    Fault,
    message,
)
from sources.conforming.statement import CONTROL_MONEY, FAULT, MESSAGE, OUTPUT, ROW_HASH, Statement
from sources.connectors.delivered import LINE
from sources.contracts.words import Column
from sources.mappings.plan import FeedPlan


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
    seen: SeenRows | None
    pseudonyms: Pseudonymiser

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
        good = ~(bad | duplicate)
        accepted = self._accepted(good)
        account = self._account(accepted, bad, duplicate)
        quarantined = self._quarantined(ragged, faulty)
        emptied = self._emptied_codes(ragged, faulty)
        return Conformed(accepted, quarantined, emptied, self._rules(ragged, faulty, duplicate), account)

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
        if self.seen is not None:
            found |= ~bad & self.seen.known(words)
            self.seen.add(words[~bad & ~found])
        return found

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
            elif field.name in self.statement.passed:
                arrays.append(text.column(self.statement.passed[field.name]))
            elif OUTPUT + field.name in kept.column_names:
                arrays.append(kept.column(OUTPUT + field.name))
            elif MESSAGE + field.name in kept.column_names:
                arrays.append(self.pseudonyms.column(kept.column(MESSAGE + field.name)))
            else:
                arrays.append(pa.nulls(kept.num_rows, field.type))
        return pa.Table.from_arrays(arrays, schema=schema)

    def _account(self, accepted: pa.Table, bad: np.ndarray, duplicate: np.ndarray) -> Account:
        rows = (len(bad), accepted.num_rows, int(bad.sum()), int(duplicate.sum()))
        money = self.plan.contract.control_money
        if money is None:
            return Account(*rows).verified()
        fen = self.judged.column(CONTROL_MONEY)
        parts = (_sum(fen.filter(pa.array(mask_))) for mask_ in (bad, duplicate))
        return Account(*rows, _sum(fen), _sum(accepted.column(money)), *parts).verified()

    def _quarantined(self, ragged: np.ndarray, faulty: dict[str, np.ndarray]) -> pa.Table:
        """One row per line and rule; of the value only its shape, unless it cannot be personal."""
        parts = []
        if ragged.any():
            parts.append(self._quarantine_rows(RAGGED_ROW, None, np.flatnonzero(ragged)))
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
        positions, said = pa.array(rows), message(rule_id, column)
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
        ]
        return pa.Table.from_arrays(columns, schema=QUARANTINE_SCHEMA)

    def _rules(
        self, ragged: np.ndarray, faulty: dict[str, np.ndarray], duplicate: np.ndarray
    ) -> list[RuleCount]:
        return sorted(self._counted(ragged, faulty, duplicate), key=lambda r: (r.rule_id, r.column_name))

    def _counted(
        self, ragged: np.ndarray, faulty: dict[str, np.ndarray], duplicate: np.ndarray
    ) -> Iterator[RuleCount]:
        total = len(ragged)
        if ragged.any():
            yield _count(RAGGED_ROW, None, "", int(ragged.sum()), total)
        if duplicate.any():
            yield _count(DUPLICATE_ROW, None, "", int(duplicate.sum()), total)
        for column in self._judged_columns:
            if column.name in faulty:
                codes = faulty[column.name][~ragged]
                for code, violated in zip(*np.unique(codes[codes > 0], return_counts=True), strict=True):
                    yield _count(Fault(int(code)).name, column, column.name, int(violated), total)
        if others := self.text.not_selected:
            yield _count(ROW_OF_ANOTHER_FEED, None, "", others, total + others)
        for header in self.text.unmapped_headers:
            yield _count(UNMAPPED_COLUMN, None, header, total, total)
        for name in self.text.absent_columns:
            yield _count(MAPPED_COLUMN_ABSENT, None, name, total, total)


def _count(rule_id: str, column: Column | None, name: str, violated: int, total: int) -> RuleCount:
    said = message(rule_id, column, name or None)
    return RuleCount(rule_id, name, violated, total, said.zh, said.en)


def _sum(fen: pa.Array | pa.ChunkedArray) -> int:
    return int(pc.sum(fen).as_py() or 0)


_INSTITUTION = r"^([A-Za-z0-9]{1,4}|H[0-9]{11}|\p{Han}{2,16}(院|所|室|站|中心|医院))$"
# What may be shown as it stands: short plain codes, short words that are no name, institution codes, year and month of a
# date. Anything else only as its shape: with shifted columns a name or a number of a person may stand anywhere.
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
    harmless = pc.and_not(pc.match_substring_regex(texts, pattern), like_a_name(texts))
    return pc.if_else(harmless, shown, masked)
