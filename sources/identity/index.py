"""Building the person index: reads what is new, compares it with everything, and writes who is one person.

Belongs here: the order of the steps and the tables that leave (`person_index`, `person_issue`, the review list). Does
not belong here: any of the steps themselves (see the package). Clear values stay in memory. What is slow to import is
imported when needed, so that commands that link nobody stay fast.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import pyarrow as pa

from sources.base.files import write_parquet
from sources.base.home import Home
from sources.base.privacy import pseudonym
from sources.county.county import County

if TYPE_CHECKING:
    import duckdb

    from sources.identity.linking import Linked
    from sources.identity.persons import Keyed
    from sources.identity.store import State

# One row per record. link_method: id_card, insurance, model, review, or own (nothing links it to another record).
PERSON_INDEX_SCHEMA = pa.schema(
    [
        ("key_type", pa.string()),
        ("local_key", pa.string()),
        ("person_key", pa.string()),
        ("link_method", pa.string()),
        ("match_probability", pa.float64()),
        ("model_version", pa.string()),
    ]
)


def build_person_index(county: County, home: Home) -> dict[str, int]:
    """Bring the person index up to date with everything conformed so far.

    Gives numbers of records by kind, of persons, of pairs compared now and kept from before, of pairs to review, of
    events. Raises DecisionError when the county's review decisions cannot be used.
    """
    from sources.county.decisions import answers, read_decisions
    from sources.identity import issues, linking, records
    from sources.identity.attributes import Attributes, private_connection
    from sources.identity.comparison import model
    from sources.identity.review import write_review
    from sources.identity.store import Store

    secret, settings = county.pseudonym_key(os.environ), county.settings.identity
    decisions = read_decisions(county.folder)
    store, version = Store(home), model()["version"]
    state = store.read()
    with private_connection() as connection:
        keys = records.keys_in(connection, home)
        records.load(connection, keys, Attributes(county, home).all(), settings, secret)
        linked = linking.link(connection, state, settings, answers(decisions))
        keyed, person_keys = key_people(connection, linked, state, secret)
        index = _index(linked.records, person_keys, version)
        made_under = linking.fingerprint(settings)
        store.write(_remembered(linked, keyed, person_keys, state, made_under), keyed.events, version)
        write_review(home, connection, linked.review)
        write_parquet(home.person_issue, issues.find(connection, home, index))
    write_parquet(home.person_index, index)
    return _counts(index, linked, keyed)


def key_people(
    connection: duckdb.DuckDBPyConnection, linked: Linked, state: State, secret: bytes
) -> tuple[Keyed, list[str]]:
    """Keys of all people, and the key of every linked record.

    A new person is named after an own card, else an insurance number, else its first record.
    """
    from sources.identity.persons import assign

    named = connection.execute("""
        select key_type || '|' || local_key,
            case when id_card_key is not null then 1 when any_insurance_key is not null then 2 else 3 end,
            case when id_card_key is not null then 'id_card' when any_insurance_key is not null then 'insurance'
                else key_type end,
            coalesce(id_card_key, any_insurance_key, local_key)
        from record
    """).fetchall()
    anchor = {record: rest for record, *rest in named}
    names, numbers = _names(linked.records), linked.records.column("cluster").to_pylist()
    together = sorted(zip(numbers, names, strict=True))
    clusters = [[name for _, name in group] for _, group in groupby(together, key=itemgetter(0))]

    def new_key(record: str, attempt: int) -> str:
        _, scope, value = anchor[record]
        return pseudonym(secret, "person", scope, value if attempt == 1 else f"{value}|{attempt}")

    def anchor_of(cluster: Sequence[str]) -> str:
        return min(cluster, key=lambda record: (anchor[record][0], anchor[record][2], record))

    before = dict(zip(_names(state.records), state.records.column("person_key").to_pylist(), strict=True))
    keyed = assign(clusters, before, state.known_persons(), state.run + 1, new_key, anchor_of)
    key_of = {record: key for cluster, key in zip(clusters, keyed.key, strict=True) for record in cluster}
    return keyed, [key_of[name] for name in names]


def _names(records: pa.Table) -> list[str]:
    """`kind|pseudonym` of every record."""
    kinds, keys = records.column("key_type").to_pylist(), records.column("local_key").to_pylist()
    return [f"{kind}|{key}" for kind, key in zip(kinds, keys, strict=True)]


def _index(records: pa.Table, person_keys: list[str], version: str) -> pa.Table:
    columns = {
        "key_type": records.column("key_type"),
        "local_key": records.column("local_key"),
        "person_key": pa.array(person_keys, pa.string()),
        "link_method": records.column("link_method"),
        "match_probability": records.column("match_probability"),
        "model_version": pa.array([version] * records.num_rows, pa.string()),
    }
    order = [("key_type", "ascending"), ("local_key", "ascending")]
    return pa.table(columns).cast(PERSON_INDEX_SCHEMA).sort_by(order)


def _remembered(
    linked: Linked, keyed: Keyed, person_keys: list[str], state: State, fingerprint: str
) -> State:
    """What the next run needs to know. The run counts only when it gave a key or something happened to one."""
    from sources.identity.store import PERSONS_SCHEMA, RECORDS_SCHEMA, State

    given = any(person.since > state.run for person in keyed.persons)
    records = linked.records.append_column("person_key", pa.array(person_keys, pa.string()))
    return State(
        run=state.run + (given or bool(keyed.events)),
        events=state.events,
        fingerprint=fingerprint,
        records=records.select(RECORDS_SCHEMA.names).cast(RECORDS_SCHEMA),
        persons=pa.Table.from_pylist([vars(person) for person in keyed.persons], PERSONS_SCHEMA),
        pairs=linked.pairs,
    )


def _counts(index: pa.Table, linked: Linked, keyed: Keyed) -> dict[str, int]:
    kinds = index.column("key_type").to_pylist()
    happened = [event.event for event in keyed.events]
    return {
        **{kind: kinds.count(kind) for kind in ("patient", "ehr", "insurance")},
        "person": len(index.column("person_key").unique()),
        "pairs_compared": linked.compared,
        "pairs_kept": linked.pairs.num_rows - linked.compared,
        "pairs_to_review": linked.review.num_rows,
        "records_in_skipped_blocks": sum(each.records for each in linked.skipped),
        "decisions_unused": linked.unused,
        **{f"persons_{event}": happened.count(event) for event in ("merged", "split", "moved")},
    }
