"""Which pairs of records are worth comparing: those that agree on one of a few keys.

Work stays linear because no block is larger than the cap: a larger one is split by a second key, and what is still too
large is skipped and reported. Only pairs with a changed record are made. Not here: comparing them (comparison).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from sources.base.engine import counted


@dataclass(frozen=True)
class Key:
    """Records with equal `columns` (none null) share a block; `split` divides one beyond the cap."""

    name: str
    columns: tuple[str, ...]
    split: str | None = None


KEYS = (
    Key("card", ("written_card",)),
    Key("insurance", ("insurance_key",), "name"),
    Key("health_record", ("ehr_key",), "name"),
    Key("name_birth", ("name", "birth"), "phone"),
    Key("sound_year_sex", ("sound", "birth_year", "sex"), "birth"),
    Key("birth_sex_surname", ("birth", "sex", "surname_sound"), "sound"),
    Key("phone_sex", ("phone", "sex"), "birth_year"),
    Key("name_phone", ("name", "phone")),
    Key("name_address", ("name", "address_words", "address_numbers")),
)


@dataclass(frozen=True)
class Skipped:
    """Records of one key that stand in blocks too large even after splitting: not compared on this key."""

    key: str
    blocks: int
    records: int


def create_pairs(connection: duckdb.DuckDBPyConnection, cap: int) -> list[Skipped]:
    """Table `pair` (id_l < id_r, each once) of records that share a block and of which one is in table `changed`.

    Reads table `record`; test entries and records of which only the number is known are left out. Returns the blocks beyond the cap, largest key first.
    """
    connection.execute("create temp table member (key varchar, block ubigint, record_id bigint)")
    skipped = [each for key in KEYS for each in _add(connection, key, cap)]
    connection.execute("""
        create temp table pair as
        with fresh as (select * from member semi join changed using (record_id))
        select distinct least(f.record_id, o.record_id) as id_l, greatest(f.record_id, o.record_id) as id_r
        from fresh as f
        join member as o on f.key = o.key and f.block = o.block and f.record_id <> o.record_id
    """)
    for leftover in ("member", "keyed", "crowded"):
        connection.execute(f"drop table {leftover}")
    return skipped


def _add(connection: duckdb.DuckDBPyConnection, key: Key, cap: int) -> list[Skipped]:
    """Members of the blocks of one key that hold a changed record, split where needed."""
    known = " and ".join(f"{column} is not null" for column in key.columns)
    split = f"coalesce({key.split}::varchar, '')" if key.split else "''"
    connection.execute(f"""
        create or replace temp table keyed as
        select record_id, hash({", ".join(key.columns)}) as block, hash({split}) as part
        from record where {known} and is_comparable
    """)
    connection.execute(f"""
        create or replace temp table crowded as
        with large as (select block from keyed group by block having count(*) > {cap})
        select *, count(*) over (partition by block, part) as part_size from keyed semi join large using (block)
    """)
    connection.execute(f"""
        insert into member
        with whole as (select block from keyed group by block having count(*) between 2 and {cap}),
        touched as (select block from keyed semi join changed using (record_id))
        select '{key.name}', block, record_id
        from keyed semi join touched using (block) semi join whole using (block)
        union all
        select '{key.name}', xor(block, part), record_id from crowded where part_size between 2 and {cap}
    """)
    blocks, records = counted(
        connection,
        f"select count(distinct xor(block, part)), count(*) from crowded where part_size > {cap}",
    )
    return [Skipped(key.name, blocks, records)] if records else []
