"""What registers say that cannot be true of people, as a table for the data-quality score: pseudonyms and lines only.

Belongs here: table `person_issue`, one row per record concerned. Does not belong here: rules about single rows
(conforming.rules), scores (the quality mart).
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from sources.base.home import Home
from sources.contracts.load import registers
from sources.identity.rows import hex_of
from sources.intake.standing import rows_in_force

CARD_OF_MANY_NAMES = "CARD_OF_MANY_NAMES"
INSURANCE_OF_MANY_CARDS = "INSURANCE_OF_MANY_CARDS"
DUPLICATE_HEALTH_RECORD = "DUPLICATE_HEALTH_RECORD"
DUPLICATE_REGISTRATION = "DUPLICATE_REGISTRATION"
_VOID_RECORD = "5"

# `records`: how many records share what is wrong (a card, a number, a person).
PERSON_ISSUE_SCHEMA = pa.schema(
    [
        ("issue_id", pa.string()),
        ("key_type", pa.string()),
        ("local_key", pa.string()),
        ("person_key", pa.string()),
        ("institution_id", pa.string()),
        ("source_file", pa.string()),
        ("source_line", pa.int64()),
        ("records", pa.int64()),
    ]
)


def find(connection: duckdb.DuckDBPyConnection, home: Home, index: pa.Table) -> pa.Table:
    """Every record concerned. Names that only sound alike count as one name; void health records do not count."""
    connection.register("indexed", index)
    found = connection.execute(f"""
        with known as (
            select r.key_type, r.local_key, i.person_key, p.institution_id, p.source_file, r.source_line, r.sound,
                r.carried_card_key, r.any_insurance_key
            from record as r join (
                select key_type, local_key::uuid as local_key, person_key from indexed
            ) as i using (key_type, local_key)
            left join place as p using (place)
            where not r.is_test
        ),
        live as (
            select * from known where key_type = 'ehr' and local_key not in ({_void_records(home)}) and source_line is not null
        ),
        issue as (
            select '{CARD_OF_MANY_NAMES}' as issue_id, *, count(*) over (partition by carried_card_key) as records
            from known where carried_card_key in (
                select carried_card_key from known where sound is not null group by 1 having count(distinct sound) > 1
            )
            union all
            select '{INSURANCE_OF_MANY_CARDS}', *, count(*) over (partition by any_insurance_key)
            from known where any_insurance_key in (
                select any_insurance_key from known group by 1 having count(distinct carried_card_key) > 1
            ) and key_type <> 'insurance'
            union all
            select '{DUPLICATE_HEALTH_RECORD}', *, count(*) over (partition by person_key) as records
            from live qualify records > 1
            union all
            select '{DUPLICATE_REGISTRATION}', *, count(*) over (partition by institution_id, person_key) as records
            from known where key_type = 'patient' and institution_id is not null qualify records > 1
        )
        select * replace ({hex_of("local_key")} as local_key) from (
            select {", ".join(PERSON_ISSUE_SCHEMA.names)} from issue
        ) order by issue_id, key_type, local_key
    """).to_arrow_table()
    connection.unregister("indexed")
    return found.cast(PERSON_ISSUE_SCHEMA)


def _void_records(home: Home) -> str:
    """Health records whose newest version says they were made void as duplicates."""
    rows = rows_in_force(home, registers()["ehr"].feed)
    if rows is None:
        return "select null::uuid where false"
    return f"""
        select ehr_key::uuid from {rows}
        group by ehr_key
        having max_by(file_status, struct_pack(t := src_update_ts, b := source_batch_id, l := source_line)) = '{_VOID_RECORD}'
    """
