"""The person index: which pseudonymous records belong to one person.

Works on conformed rows only: pseudonyms in, pseudonyms out. A record with a valid identity card is anchored on it; else
on its insurance number, which stands for a card when it belongs to exactly one; else it is a person of its own. Two
valid cards are never merged. Probabilistic linking of what is left takes `own` records as its input: its place is
between `_ANCHORS` and the writing below. Not here: how pseudonyms are made (conforming).
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pyarrow as pa

from sources.contract import load_contracts
from sources.county import County
from sources.home import Home, write_parquet
from sources.outcome import BATCH_SCHEMA
from sources.privacy import Pseudonymiser

PERSON_INDEX_SCHEMA = pa.schema(
    [
        ("key_type", pa.string()),
        ("local_key", pa.string()),
        ("person_key", pa.string()),
        ("link_method", pa.string()),
    ]
)
# Kind of record → column that names it in conformed feeds.
_KEY_COLUMNS = {"patient": "patient_key", "ehr": "ehr_key", "insurance": "insurance_key"}

# The newest valid card and insurance number of every record; later rows of a register replace earlier ones.
_REGISTER = """
    with ordered as (
        select r.*, row_number() over (
            partition by r.local_key
            order by r.src_update_ts nulls first, b.first_landed_at nulls first, r.source_batch_id, r.source_line
        ) as newness
        from ({rows}) as r left join batch_outcome as b on b.batch_id = r.source_batch_id
    )
    select
        local_key,
        max_by(id_card_key, newness) filter (id_card_key is not null) as id_card_key,
        max_by(insurance_key, newness) filter (insurance_key is not null) as insurance_key
    from ordered group by local_key
"""
_ANCHORS = """
    with card_of_insurance as (
        select insurance_key, min(id_card_key) as id_card_key
        from patient_register where insurance_key is not null and id_card_key is not null
        group by insurance_key having count(distinct id_card_key) = 1
    ),
    records as (
        select 'patient' as key_type, k.local_key, r.id_card_key, r.insurance_key
        from patient_keys as k left join patient_register as r using (local_key)
        union all
        select 'ehr', k.local_key, r.id_card_key, null
        from ehr_keys as k left join ehr_register as r using (local_key)
        union all
        select 'insurance', local_key, null, local_key from insurance_keys
    )
    select
        key_type,
        local_key,
        case
            when coalesce(r.id_card_key, c.id_card_key) is not null
                then 'person|id_card|' || coalesce(r.id_card_key, c.id_card_key)
            when r.insurance_key is not null then 'person|insurance|' || r.insurance_key
            else 'person|' || key_type || '|' || local_key
        end as anchor,
        case
            when r.id_card_key is not null or (key_type = 'insurance' and c.id_card_key is not null) then 'id_card'
            when r.insurance_key is not null then 'insurance'
            else 'own'
        end as link_method
    from records as r left join card_of_insurance as c using (insurance_key)
    order by key_type, local_key
"""


def build_person_index(county: County, home: Home) -> dict[str, int]:
    """Write the person index from everything conformed so far; gives the number of records by kind and of persons."""
    pseudonyms = Pseudonymiser(county.pseudonym_key(os.environ))
    with duckdb.connect() as connection:
        _load(connection, home)
        anchored = connection.execute(_ANCHORS).to_arrow_table()
    index = pa.Table.from_arrays(
        [
            anchored.column("key_type"),
            anchored.column("local_key"),
            pseudonyms.column(anchored.column("anchor")),
            anchored.column("link_method"),
        ],
        schema=PERSON_INDEX_SCHEMA,
    )
    write_parquet(home.person_index, index)
    return _counts(index)


def _counts(index: pa.Table) -> dict[str, int]:
    kinds = index.column("key_type").to_pylist()
    counts = {kind: kinds.count(kind) for kind in _KEY_COLUMNS}
    return counts | {"person": len(index.column("person_key").unique())}


def _load(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Tables `batch_outcome`, `<kind>_keys` (every record seen anywhere) and the two registers."""
    outcomes = _read(home.batch_outcome, "*.parquet")
    if outcomes is None:
        connection.register("batch_outcome", BATCH_SCHEMA.empty_table())
    else:
        connection.execute(
            f"create temp table batch_outcome as select batch_id, first_landed_at from {outcomes}"
        )
    for kind, column in _KEY_COLUMNS.items():
        parts = [f"select {column} as local_key from {feed}" for feed in _feeds_with(home, column)]
        everywhere = " union ".join(parts) or "select null::varchar as local_key"
        sql = f"select local_key from ({everywhere}) where local_key is not null"
        connection.execute(f"create temp table {kind}_keys as {sql}")
    _create_register(connection, home, "patient", "his_patient", "insurance_key")
    _create_register(connection, home, "ehr", "ph_ehr", "null::varchar")


def _create_register(
    connection: duckdb.DuckDBPyConnection, home: Home, kind: str, feed: str, insurance: str
) -> None:
    source = _read(home.conformed / feed, "*/*/*.parquet")
    rows = "select null::varchar as local_key, null::varchar as id_card_key, null::varchar as insurance_key, "
    rows += "null::timestamp as src_update_ts, null::varchar as source_batch_id, 0 as source_line where false"
    if source is not None:
        rows = f"select {_KEY_COLUMNS[kind]} as local_key, id_card_key, {insurance} as insurance_key, "
        rows += f"src_update_ts, source_batch_id, source_line from {source}"
    connection.execute(f"create temp table {kind}_register as {_REGISTER.format(rows=rows)}")


def _feeds_with(home: Home, column: str) -> list[str]:
    """read_parquet calls of every conformed feed that has the column and any file."""
    feeds = [
        feed for feed, contract in load_contracts().items() if column in {c.name for c in contract.conformed}
    ]
    sources = (_read(home.conformed / feed, "*/*/*.parquet") for feed in feeds)
    return [source for source in sources if source is not None]


def _read(folder: Path, pattern: str) -> str | None:
    if next(folder.glob(pattern), None) is None:
        return None
    path = str(folder / pattern).replace("'", "''")
    return f"read_parquet('{path}', hive_partitioning = false)"
