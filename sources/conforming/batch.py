"""Batches judged: rows as delivered go in, in pieces; what became of each piece comes out.

Works on whole columns; nothing is written here (intake does) and nothing is read but the rows given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime

import duckdb
import pyarrow as pa

from sources.base.engine import cursor
from sources.base.privacy import Pseudonymiser, derived_key
from sources.conforming import values
from sources.conforming.identifiers import without_identifiers
from sources.conforming.judged import Conformed, Piece
from sources.conforming.normalise import Normalised, control_text, normalise
from sources.conforming.sorting import ConformingError, Sorter
from sources.conforming.statement import RELATION, Statement, build
from sources.contracts.date_bounds import DateSettings
from sources.mappings.plan import FeedPlan

# DuckDB hands whole record batches to its threads.
_ROWS_PER_TASK = 8_192


class Conformer:
    """Judges batches with one DuckDB connection, building each statement once.

    `speaks_for` names the institutions of which a deliverer may bring rows; one that is not in it may bring anybody's.
    `dates` are the bounds of dates.
    """

    def __init__(
        self,
        secret: bytes,
        institutions: Collection[str],
        speaks_for: Mapping[str, Collection[str]],
        dates: DateSettings,
    ) -> None:
        self._dates = dates
        self._institutions = pa.array(sorted(institutions), pa.string())
        self._own = {who: pa.array(sorted(whose), pa.string()) for who, whose in speaks_for.items()}
        self._statements: dict[tuple[str, str], Statement] = {}
        self._pseudonyms = Pseudonymiser(secret)
        self._connection = cursor()
        # A list of values must stay a comparison: turned into a join it would shuffle the rows.
        self._connection.execute("set disabled_optimizers = 'in_clause'")
        # Row hashes are keyed: without the key nobody can try out whose row it is.
        self._connection.execute("set variable row_key = ?", [derived_key(secret, "row hash").hex()])

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Conformer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def conform(self, plan: FeedPlan, pieces: Sequence[Piece]) -> Iterator[Conformed]:
        """Judge pieces of landed batches of one feed and mapping, in one statement: planning it costs as much as judging
        thousands of rows. Gives one result per piece, in order. Raises AccountingError.
        """
        texts = [self._normalised(piece, plan) for piece in pieces]
        bounds = [self._dates.bounds(plan.contract, piece.batch.month) for piece in pieces]
        bounded = [_with_bounds(text.table, each) for text, each in zip(texts, bounds, strict=True)]
        statement = self._statement(plan)
        judged = self._run(statement.sql, _spread(pa.concat_tables(bounded)), plan)
        start = 0
        for text, piece, days in zip(texts, pieces, bounds, strict=True):
            part = judged.slice(start, text.table.num_rows)
            start += text.table.num_rows
            sorter = Sorter(text, part, statement, plan, piece.batch, piece.earlier, self._pseudonyms, days)
            yield sorter.sorted()

    def _normalised(self, piece: Piece, plan: FeedPlan) -> Normalised:
        deliverer = piece.batch.institution_id
        own = self._own.get(deliverer, self._institutions)
        text = normalise(piece.rows, plan, deliverer, self._institutions, own)
        return without_identifiers(text, plan, self._pseudonyms)

    def delivered_fen(self, rows: pa.Table, plan: FeedPlan) -> int | None:
        """Sum of the control money as delivered, in fen; None for a feed that carries none."""
        money = plan.contract.control_money
        if money is None:
            return None
        text = control_text(rows, plan, money)
        sql = f"select sum({values.money('amount', plan.money_unit(money))}) from {RELATION}"
        return int(self._run(sql, pa.table({"amount": text}), plan).column(0)[0].as_py() or 0)

    def _statement(self, plan: FeedPlan) -> Statement:
        name = (plan.contract.feed, plan.fingerprint)
        if name not in self._statements:
            self._statements[name] = build(plan)
        return self._statements[name]

    def _run(self, sql: str, relation: pa.Table, plan: FeedPlan) -> pa.Table:
        self._connection.register(RELATION, relation)
        try:
            return self._connection.execute(sql).to_arrow_table()
        except duckdb.Error as error:
            # The original text may quote a delivered value: keep its kind only.
            raise ConformingError(f"{plan.contract.feed}: {type(error).__name__}") from None
        finally:
            self._connection.unregister(RELATION)


def _spread(rows: pa.Table) -> pa.Table:
    """The same rows in record batches small enough for every core to get some: a batch is never divided."""
    return pa.Table.from_batches(rows.combine_chunks().to_batches(max_chunksize=_ROWS_PER_TASK), rows.schema)


def _with_bounds(text: pa.Table, bounds: Mapping[str, date]) -> pa.Table:
    """Every bound of a date, on every row."""
    for name, day in bounds.items():
        moment = pa.scalar(datetime(day.year, day.month, day.day), pa.timestamp("us"))
        text = text.append_column(name, pa.repeat(moment, text.num_rows))
    return text
