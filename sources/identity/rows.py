"""A register row: what it says of a person in the clear, and the same as tokens.

A token is a keyed hash of one value: equal values of a column have equal tokens, and nobody without the secret can make
one. Everything that only asks whether values are equal (blocks, rarity, digests, people) works on tokens, which may rest
on a disk; clear values are read for the records about to be compared and for nothing else. Not here: where rows come
from (attributes), which of them is newest (newest).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import duckdb
import pyarrow as pa

from sources.base.privacy import derived_key
from sources.identity.engines import private_connection

ATTRIBUTES_SCHEMA = pa.schema(
    [
        ("key_type", pa.string()),
        ("local_key", pa.string()),
        ("name", pa.string()),
        ("sound", pa.string()),
        ("surname_sound", pa.string()),
        ("card", pa.string()),
        ("card_status", pa.string()),
        ("id_card_key", pa.string()),
        ("insurance_key", pa.string()),
        ("ehr_key", pa.string()),
        ("sex", pa.string()),
        ("birth", pa.date32()),
        ("phone", pa.string()),
        ("address_words", pa.string()),
        ("address_numbers", pa.string()),
        ("division", pa.string()),
        ("is_test", pa.bool_()),
        ("src_update_ts", pa.timestamp("us")),
        ("first_landed_at", pa.timestamp("us")),
        ("institution_id", pa.string()),
        ("source_file", pa.string()),
        ("source_batch_id", pa.string()),
        ("source_line", pa.int64()),
    ]
)
CLEAR = ("name", "sound", "surname_sound", "card", "birth", "phone", "address_words", "address_numbers")
TOKENS = tuple(f"{name}_token" for name in CLEAR)
KEPT_SCHEMA = pa.schema(
    [*ATTRIBUTES_SCHEMA, *((name, pa.uint64()) for name in TOKENS), ("birth_year", pa.int16())]
)


class Rows(Protocol):
    """Rows of registers in pieces that fit into memory, any number of times."""

    def parts(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """The rows with these columns of KEPT_SCHEMA and no others."""


def unlock(connection: duckdb.DuckDBPyConnection, secret: bytes) -> None:
    """Let statements of this connection make tokens and digests."""
    connection.execute("set variable token_key = ?", [derived_key(secret, "identity tokens").hex()])


def with_tokens(relation: str) -> str:
    """The rows of `relation` (columns of ATTRIBUTES_SCHEMA) with their tokens, as DuckDB query."""
    made = ", ".join(
        f"case when {name} is not null then md5_number_upper(concat_ws(chr(31), getvariable('token_key'), '{name}', "
        f"{name}::varchar)) end as {token}"
        for name, token in zip(CLEAR, TOKENS, strict=True)
    )
    return f"select *, {made}, year(birth)::smallint as birth_year from {relation}"


class Held:
    """Rows that are in memory already: rehearsed registers."""

    def __init__(self, attributes: pa.Table, secret: bytes) -> None:
        with private_connection() as connection:
            unlock(connection, secret)
            connection.register("attribute", attributes)
            self._table = connection.execute(with_tokens("attribute")).to_arrow_table().cast(KEPT_SCHEMA)

    def parts(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        yield self._table.select(list(columns))


def hex_of(pseudonym: str) -> str:
    """A pseudonym, in the engine a UUID, as the 32 hex digits it is everywhere else."""
    return f"replace({pseudonym}::varchar, '-', '')"


def record_name(table: str) -> str:
    """`kind|pseudonym` of a record of `table`."""
    return f"{table}.key_type || '|' || {hex_of(f'{table}.local_key')}"
