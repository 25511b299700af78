"""Clear values of the records about to be compared, for as long as they are compared.

Belongs here: reading them into a private engine, so many pairs at a time that memory does not grow with the county.
Does not belong here: how they are compared (comparison).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from sources.base.engine import counted
from sources.identity.comparison import compare
from sources.identity.engines import private_connection
from sources.identity.newest import CARD, ORDERED_BY, newest
from sources.identity.records import RARE
from sources.identity.rows import KEPT_SCHEMA, Rows, hex_of

PAIRS_AT_ONCE = 750_000
_COMPARED = (
    "name",
    "sound",
    "surname_sound",
    "sex",
    "birth",
    "phone",
    "address_words",
    "address_numbers",
    "division",
)
_READ = ("key_type", "local_key", *_COMPARED, *CARD, *ORDERED_BY)


def compared_pairs(
    connection: duckdb.DuckDBPyConnection,
    rows: Rows,
    levels: dict[str, dict[str, Any]],
    match_probability: float,
    at_once: int = PAIRS_AT_ONCE,
) -> Iterator[pa.Table]:
    """The pairs of table `pair` (id_l, id_r) compared, in the order of the ids: see comparison.compare.

    Table `record` of the connection says whom they are; their clear values are read from `rows`.
    """
    (count,) = counted(connection, "select count(*) from pair")
    for start in range(0, count, at_once):
        pairs = connection.execute(
            f"select id_l, id_r from pair order by id_l, id_r limit {at_once} offset {start}"
        ).to_arrow_table()
        with private_connection() as private:
            private.register("pair", pairs)
            read_clear(private, rows, _wanted(connection, pairs))
            private.execute(f"""
                create temp table record as
                select w.*, {", ".join(f"n.{name}" for name in _COMPARED)},
                    coalesce(own_card, strange_card, any_card) as written_card
                from wanted as w join ({newest("clear_row", _COMPARED)}) as n using (key_type, local_key)
                order by record_id
            """)
            private.execute("drop table clear_row")
            yield compare(private, levels, match_probability)


def _wanted(connection: duckdb.DuckDBPyConnection, pairs: pa.Table) -> pa.Table:
    """What is known of the records of these pairs without their clear values."""
    connection.register("chosen", pairs)
    found = connection.execute(f"""
        select record_id, key_type, {hex_of("local_key")} as local_key, card, insurance_key::varchar as insurance_key,
            ehr_key::varchar as ehr_key, {", ".join(f"tf_{name}" for name in RARE)}
        from record where record_id in (select id_l from chosen union select id_r from chosen)
    """).to_arrow_table()
    connection.unregister("chosen")
    return found


def read_clear(
    private: duckdb.DuckDBPyConnection, rows: Rows, wanted: pa.Table, columns: tuple[str, ...] = _READ
) -> None:
    """Tables `wanted` and `clear_row` of a private connection: the rows of the records that `wanted` (key_type, local_key) names."""
    private.register("wanted_records", wanted)
    private.execute("create temp table wanted as from wanted_records")
    private.unregister("wanted_records")
    private.register("part", KEPT_SCHEMA.empty_table().select(columns))
    private.execute("create temp table clear_row as from part")
    for part in rows.parts(columns):
        private.register("part", part)
        private.execute("insert into clear_row from part semi join wanted using (key_type, local_key)")
    private.unregister("part")
