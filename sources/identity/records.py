"""One row per record: the newest token of every attribute, ready to be blocked, weighed and counted.

Belongs here: table `record` of a token connection, and which numbers are nobody's (a card that many names carry, an
insurance or health-record number of several cards). Does not belong here: reading attributes (attributes), pairs
(blocking), clear values (comparison).
"""

from __future__ import annotations

import duckdb

from sources.base.engine import counted
from sources.base.home import Home
from sources.contracts.load import load_contracts, registers
from sources.county.identity_settings import IdentitySettings
from sources.identity.newest import newest
from sources.identity.rows import CLEAR, KEPT_SCHEMA, TOKENS, Rows, hex_of
from sources.intake.standing import rows_in_force

# What is compared; a record whose digest over these has not changed is not compared again.
COMPARED = (
    "card", "borrowed_card", "written_card", "insurance_key", "ehr_key", "name", "sound", "surname_sound", "sex", "birth",
    "phone", "address_words", "address_numbers", "division",
)  # fmt: skip
# Values whose rarity says how much agreeing on them tells.
RARE = ("name", "sound", "phone")
# Records that registers themselves name, without those that only other feeds do.
KEYS_OF_ROWS = "select key_type, local_key from register_row"

_PLACE = ("institution_id", "source_file", "source_batch_id", "first_landed_at")
_PSEUDONYMS = ("local_key", "id_card_key", "insurance_key", "ehr_key")
_PLAIN = (
    "key_type",
    "card_status",
    "sex",
    "birth_year",
    "division",
    "is_test",
    "src_update_ts",
    "source_line",
)
_NEWEST = (
    "id_card_key", "insurance_key", "ehr_key", "name", "sound", "surname_sound", "sex", "birth", "birth_year", "phone",
    "address_words", "address_numbers", "division", "is_test", "place", "source_line",
)  # fmt: skip
_EVERYONE = f"""
    select ('0x' || left({hex_of("k.local_key")}, 15))::bigint as record_id, k.key_type, k.local_key,
        n.* exclude (key_type, local_key, insurance_key, ehr_key, is_test),
        coalesce(n.is_test, false) as is_test,
        case when k.key_type = 'insurance' then k.local_key else n.insurance_key end as any_insurance_key,
        case when k.key_type = 'ehr' then k.local_key else n.ehr_key end as any_ehr_key
    from record_key as k left join newest as n using (key_type, local_key)
"""
_RECORD = """
    with card_of_many as (
        select id_card_key from everyone where name is not null and id_card_key is not null
        group by id_card_key having count(distinct name) > {card_names}
    ),
    insurance_of_many as (
        select any_insurance_key from everyone where any_insurance_key is not null
        group by any_insurance_key having count(distinct id_card_key) > 1
    ),
    ehr_of_many as (
        select any_ehr_key from everyone where any_ehr_key is not null
        group by any_ehr_key having count(distinct id_card_key) > 1
    ),
    {shares},
    judged as (
        select e.* exclude (own_card, strange_card, any_card, id_card_key, any_ehr_key),
            source_line is not null and not is_test as is_comparable,
            e.id_card_key as carried_card_key,
            case when c.id_card_key is null then e.id_card_key end as id_card_key,
            case when c.id_card_key is null then own_card end as card,
            case when own_card is null then strange_card end as borrowed_card,
            coalesce(own_card, strange_card, any_card) as written_card,
            case when i.any_insurance_key is null then e.any_insurance_key end as insurance_key,
            case when h.any_ehr_key is null then e.any_ehr_key end as ehr_key
        from everyone as e
        left join card_of_many as c on e.id_card_key = c.id_card_key
        left join insurance_of_many as i on e.any_insurance_key = i.any_insurance_key
        left join ehr_of_many as h on e.any_ehr_key = h.any_ehr_key
    )
    select j.*, md5_number_lower(concat_ws(chr(31), getvariable('token_key'), {content})) as digest, {tf}
    from judged as j {joins}
"""


class RecordIdCollisionError(RuntimeError):
    """Two pseudonyms begin with the same 60 bits: the index would take them for one record."""


def load(connection: duckdb.DuckDBPyConnection, rows: Rows, keys: str, settings: IdentitySettings) -> None:
    """Create table `record`: every record of the query `keys` (key_type, local_key) with its newest attributes, and table
    `place`, where rows were delivered.

    Attributes are tokens, pseudonyms are UUIDs (half the memory of their text). `digest` is a keyed hash of what is
    compared; `tf_…` the share of a value among all records that have one. The connection is unlocked (rows.unlock).
    Raises RecordIdCollisionError.
    """
    _read(connection, rows)
    connection.execute(
        f"create temp table record_key as select distinct key_type, local_key::uuid as local_key from ({keys})"
    )
    connection.execute("create temp view placed as from register_row join place using (place)")
    connection.execute(f"create temp table newest as {newest('placed', _NEWEST)}")
    connection.execute("drop view placed")
    connection.execute("drop table register_row")
    connection.execute(f"create temp table everyone as {_EVERYONE}")
    connection.execute("drop table newest")
    connection.execute("drop table record_key")
    connection.execute(f"create temp table record as {_record(settings)}")
    connection.execute("drop table everyone")
    found, ids = counted(connection, "select count(*), count(distinct record_id) from record")
    if found != ids:
        raise RecordIdCollisionError(f"{found - ids} records")


def _read(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    """Tables `register_row` and `place`: rows as tokens, and what all rows of a delivery have in common."""
    tokens = ", ".join(f"{token} as {name}" for name, token in zip(CLEAR, TOKENS, strict=True))
    pseudonyms = ", ".join(f"{name}::uuid as {name}" for name in _PSEUDONYMS)
    same = " and ".join(f"r.{name} is not distinct from p.{name}" for name in _PLACE)
    plain = ", ".join(f"r.{name}" for name in _PLAIN)
    chosen = f"select {plain}, {pseudonyms}, {tokens}, p.place from part as r join place as p on {same}"
    wanted = (*_PLAIN, *_PSEUDONYMS, *TOKENS, *_PLACE)
    connection.register("part", KEPT_SCHEMA.empty_table().select(wanted))
    connection.execute(f"create temp table place as select 0::bigint as place, {', '.join(_PLACE)} from part")
    connection.execute(f"create temp table register_row as {chosen}")
    for part in rows.parts(wanted):
        connection.register("part", part)
        connection.execute(f"""
            insert into place select (select count(*) from place) + row_number() over (), *
            from (select {", ".join(_PLACE)} from part except select {", ".join(_PLACE)} from place)
        """)
        connection.execute(f"insert into register_row {chosen}")
    connection.unregister("part")


def _record(settings: IdentitySettings) -> str:
    content = ", ".join(f"coalesce(j.{name}::varchar, '')" for name in COMPARED)
    shares = ", ".join(
        f"share_{name} as (select {name}, count(*) / sum(count(*)) over () as share from everyone "
        f"where {name} is not null group by {name})"
        for name in RARE
    )
    return _RECORD.format(
        card_names=settings.card_names,
        content=content,
        shares=shares,
        tf=", ".join(f"s_{name}.share as tf_{name}" for name in RARE),
        joins=" ".join(f"left join share_{name} as s_{name} on j.{name} = s_{name}.{name}" for name in RARE),
    )


def keys_in(home: Home) -> str:
    """Query of key_type and local_key of every record that any conformed feed names, be it known to a register or not."""
    parts = [
        f"select '{kind}' as key_type, {column} as local_key from {source}"
        for kind, register in registers().items()
        if (column := register.register_key) is not None
        for source in _feeds_with(home, column)
    ]
    everywhere = " union all ".join(parts) or "select null::varchar as key_type, null::varchar as local_key"
    return f"select * from ({everywhere}) where local_key is not null"


def _feeds_with(home: Home, column: str) -> list[str]:
    """The rows in force of every conformed feed that has the column and any file."""
    feeds = [
        feed for feed, contract in load_contracts().items() if column in {c.name for c in contract.conformed}
    ]
    sources = (rows_in_force(home, feed) for feed in feeds)
    return [source for source in sources if source is not None]
