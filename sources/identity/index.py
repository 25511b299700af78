"""Building the person index: reads what is new, compares it with everything, and writes who is one person.

Belongs here: the order of the steps and the tables that leave (`person_index`, `person_issue`, the review list). Does
not belong here: any of the steps themselves (see the package). What is slow to import is imported when needed, so that
commands that link nobody stay fast.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from sources.base.files import write_parquet
from sources.base.home import Home
from sources.county.county import County

if TYPE_CHECKING:
    import duckdb

    from sources.identity.keying import People
    from sources.identity.linking import Linked
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


class IndexMemoryError(RuntimeError):
    """The index does not fit into the memory the county gives it, not even with what may be written to disk."""

    def __init__(self, memory_mib: int) -> None:
        super().__init__(
            f"患者主索引的内存不够:请在 county.yml 调高 settings: identity: memory_mib(现为 {memory_mib}) / the person index "
            f"needs more memory: raise settings: identity: memory_mib in county.yml (now {memory_mib})"
        )


def build_person_index(county: County, home: Home, full: bool = False) -> dict[str, int]:
    """Bring the person index up to date with everything conformed so far; if nothing it is made of has changed it stays, unless `full`.

    Gives numbers of records by kind, of persons, of pairs compared now and kept from before, of pairs to review, of
    events. Raises DecisionError when the county's review decisions cannot be used, IndexMemoryError.
    """
    import duckdb

    from sources.identity.engines import token_connection
    from sources.identity.unchanged import Made

    kept = None if full else Made(county, home).counts()
    if kept is not None:
        return kept
    memory_mib = county.settings.identity.memory_mib
    try:
        with token_connection(home.spill, memory_mib) as connection:
            counts = _built(connection, county, home)
    except duckdb.OutOfMemoryException as error:
        raise IndexMemoryError(memory_mib) from error
    # Building reads batches not met before and keeps what they say: from now on that is there too.
    Made(county, home).remember(counts)
    return counts


def _built(connection: duckdb.DuckDBPyConnection, county: County, home: Home) -> dict[str, int]:
    from sources.county.decisions import answers, read_decisions
    from sources.identity import issues, linking, records
    from sources.identity.attributes import Attributes
    from sources.identity.comparison import model
    from sources.identity.keying import key_people
    from sources.identity.review import write_review
    from sources.identity.rows import unlock
    from sources.identity.store import Store

    secret, settings = county.pseudonym_key(os.environ), county.settings.identity
    decisions = read_decisions(county.folder)
    store, version = Store(home), model()["version"]
    state, rows = store.read(), Attributes(county, home)
    unlock(connection, secret)
    records.load(connection, rows, records.keys_in(home), settings)
    linked = linking.link(connection, rows, state, settings, answers(decisions))
    people = key_people(connection, linked.records, state, secret)
    store.write(_remembered(linked, people, state, linking.fingerprint(settings)), people.events, version)
    write_review(home, connection, linked.review)
    index = _index(linked.records, people.person_key, version)
    write_parquet(home.person_issue, issues.find(connection, home, index))
    write_parquet(home.person_index, index)
    return _counts(index, linked, people)


def _index(records: pa.Table, person_key: pa.ChunkedArray, version: str) -> pa.Table:
    columns = {
        "key_type": records.column("key_type"),
        "local_key": records.column("local_key"),
        "person_key": person_key,
        "link_method": records.column("link_method"),
        "match_probability": records.column("match_probability"),
        "model_version": pa.repeat(version, records.num_rows),
    }
    order = [("key_type", "ascending"), ("local_key", "ascending")]
    return pa.table(columns).cast(PERSON_INDEX_SCHEMA).sort_by(order)


def _remembered(linked: Linked, people: People, state: State, fingerprint: str) -> State:
    """What the next run needs to know. The run counts only when it gave a key or something happened to one."""
    from sources.identity.store import RECORDS_SCHEMA, State

    records = linked.records.append_column("person_key", people.person_key)
    return State(
        run=state.run + bool(people.given or people.events),
        events=state.events,
        fingerprint=fingerprint,
        records=records.select(RECORDS_SCHEMA.names).cast(RECORDS_SCHEMA),
        persons=people.persons,
        pairs=linked.pairs,
    )


def _counts(index: pa.Table, linked: Linked, people: People) -> dict[str, int]:
    kinds = {row["values"]: row["counts"] for row in pc.value_counts(index.column("key_type")).to_pylist()}
    happened = [event.event for event in people.events]
    return {
        **{kind: kinds.get(kind, 0) for kind in ("patient", "ehr", "insurance")},
        "person": pc.count_distinct(index.column("person_key")).as_py(),
        "pairs_compared": linked.compared,
        "pairs_kept": linked.pairs.num_rows - linked.compared,
        "pairs_to_review": linked.review.num_rows,
        "records_in_skipped_blocks": sum(each.records for each in linked.skipped),
        "decisions_unused": linked.unused,
        **{f"persons_{event}": happened.count(event) for event in ("merged", "split", "moved")},
    }
