"""One row per record: the newest value of every attribute, ready to be compared.

Belongs here: table `record` in a private DuckDB connection, and which numbers are nobody's (a card that many names
carry, an insurance or health-record number of several cards). Does not belong here: reading attributes (attributes), pairs (blocking).
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from sources.base.engine import counted
from sources.base.home import Home
from sources.base.privacy import derived_key
from sources.contracts.load import load_contracts, registers
from sources.county.identity_settings import IdentitySettings
from sources.intake.standing import rows_in_force

# What is compared; a record whose digest over these has not changed is not compared again.
COMPARED = (
    "card", "borrowed_card", "written_card", "insurance_key", "ehr_key", "name", "sound", "surname_sound", "sex", "birth",
    "phone", "address_words", "address_numbers", "division",
)  # fmt: skip

_NEWEST = """
    with ordered as (
        select *, row_number() over (
            partition by key_type, local_key
            order by src_update_ts nulls first, first_landed_at nulls first, source_batch_id, source_line
        ) as newness
        from attribute
    )
    select
        key_type, local_key,
        {newest},
        max_by(card, newness) filter (id_card_key is not null) as own_card,
        max_by(card, newness) filter (card_status = 'not_own') as strange_card,
        max_by(card, newness) as any_card,
        max_by(is_test, newness) as is_test,
        max_by(institution_id, newness) as institution_id,
        max_by(source_file, newness) as source_file,
        max_by(source_line, newness) as source_line
    from ordered group by key_type, local_key
"""
_NEWEST_COLUMNS = (
    "id_card_key", "insurance_key", "ehr_key", "name", "sound", "surname_sound", "sex", "birth", "phone", "address_words",
    "address_numbers", "division",
)  # fmt: skip
_RECORDS = """
    with everyone as (
        select k.key_type, k.local_key, n.* exclude (key_type, local_key, insurance_key, ehr_key),
            case when k.key_type = 'insurance' then k.local_key else n.insurance_key end as any_insurance_key,
            case when k.key_type = 'ehr' then k.local_key else n.ehr_key end as any_ehr_key
        from record_key as k left join newest as n using (key_type, local_key)
    ),
    card_of_many as (
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
    )
    select
        ('0x' || left(local_key, 15))::bigint as record_id,
        e.* exclude (own_card, strange_card, any_card, id_card_key, is_test),
        coalesce(is_test, false) as is_test,
        source_line is not null and not coalesce(is_test, false) as is_comparable,
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
"""


class RecordIdCollisionError(RuntimeError):
    """Two pseudonyms begin with the same 60 bits: the index would take them for one record."""


def load(
    connection: duckdb.DuckDBPyConnection,
    keys: pa.Table,
    attributes: pa.Table,
    settings: IdentitySettings,
    secret: bytes,
) -> None:
    """Create table `record`: every record of `keys` (key_type, local_key) with its newest attributes.

    `digest` is a keyed hash of what is compared. Raises RecordIdCollisionError.
    """
    connection.register("attribute", attributes)
    connection.register("record_key", keys)
    newest = ", ".join(
        f"max_by({name}, newness) filter ({name} is not null) as {name}" for name in _NEWEST_COLUMNS
    )
    connection.execute(f"create temp table newest as {_NEWEST.format(newest=newest)}")
    raw = _RECORDS.format(card_names=settings.card_names)
    connection.execute(f"create temp table record_raw as {raw}")
    connection.execute("set variable digest_key = ?", [derived_key(secret, "identity digest").hex()])
    content = ", ".join(f"coalesce({name}::varchar, '')" for name in COMPARED)
    connection.execute(f"""
        create temp table record as
        select *, md5(concat_ws(chr(31), getvariable('digest_key'), {content})) as digest,
            {_share("name")}, {_share("sound")}, {_share("phone")}
        from record_raw order by record_id
    """)
    rows, ids = counted(connection, "select count(*), count(distinct record_id) from record")
    if rows != ids:
        raise RecordIdCollisionError(f"{rows - ids} records")
    for leftover in ("newest", "record_raw"):
        connection.execute(f"drop table {leftover}")
    for name in ("attribute", "record_key"):
        connection.unregister(name)


def _share(column: str) -> str:
    """The share of a value among all records that have one: how little it says to agree on it."""
    counted = f"count({column}) over (partition by {column}) / nullif(count({column}) over (), 0)"
    return f"case when {column} is not null then {counted} end as tf_{column}"


def keys_in(connection: duckdb.DuckDBPyConnection, home: Home) -> pa.Table:
    """key_type and local_key of every record that any conformed feed names, be it known to a register or not."""
    parts = [
        f"select '{kind}' as key_type, {column} as local_key from {source}"
        for kind, register in registers().items()
        if (column := register.register_key) is not None
        for source in _feeds_with(home, column)
    ]
    everywhere = " union ".join(parts) or "select null::varchar as key_type, null::varchar as local_key"
    return connection.execute(
        f"select * from ({everywhere}) where local_key is not null order by all"
    ).to_arrow_table()


def _feeds_with(home: Home, column: str) -> list[str]:
    """The rows in force of every conformed feed that has the column and any file."""
    feeds = [
        feed for feed, contract in load_contracts().items() if column in {c.name for c in contract.conformed}
    ]
    sources = (rows_in_force(home, feed) for feed in feeds)
    return [source for source in sources if source is not None]
