"""Which people need a look at their keys: those whose records are not exactly the ones they had before.

Everybody else keeps the key without being read into Python, so a month costs what it changes. The rules of keeping and
giving are in persons. Not here: who is one person (linking).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from sources.base.engine import counted
from sources.base.privacy import pseudonym
from sources.identity.persons import Event, Keyed, Person, assign
from sources.identity.rows import hex_of, record_name
from sources.identity.store import PERSONS_SCHEMA, State

# A new person is named after an own card, else an insurance number, else its first record.
_ANCHOR = f"""
    select r.record_id, {record_name("r")} as name,
        case when id_card_key is not null then 1 when any_insurance_key is not null then 2 else 3 end as rank,
        case when id_card_key is not null then 'id_card' when any_insurance_key is not null then 'insurance'
            else key_type end as scope,
        {hex_of("coalesce(id_card_key, any_insurance_key, local_key)")} as named_after
    from record as r
"""


@dataclass(frozen=True)
class People:
    """`person_key` of every linked record in the order of record_id; `persons`: every key ever given (PERSONS_SCHEMA);
    how many keys were given now, and how many people were looked at.
    """

    person_key: pa.ChunkedArray
    persons: pa.Table
    events: list[Event]
    given: int
    looked_at: int


def key_people(
    connection: duckdb.DuckDBPyConnection, linked: pa.Table, state: State, secret: bytes
) -> People:
    """Keys of all people of `linked` (record_id, cluster), given what was before. Reads table `record`."""
    _prepare(connection, linked, state)
    _spread(connection)
    keyed, clusters = _assigned(connection, state, secret)
    connection.register("keyed", pa.table({"cluster": clusters, "key": pa.array(keyed.key, pa.string())}))
    person_key = connection.execute("""
        select coalesce(k.key, m.before) as person_key
        from member as m left join keyed as k using (cluster) order by record_id
    """).to_arrow_table().column("person_key")  # fmt: skip
    connection.register("assigned", _table(keyed.persons))
    persons = connection.execute("""
        select key, anchor, since, "into" from person anti join assigned using (key)
        union all select key, anchor, since, "into" from assigned order by key
    """).to_arrow_table().cast(PERSONS_SCHEMA)  # fmt: skip
    given = sum(person.since > state.run for person in keyed.persons)
    for name in ("keyed", "assigned"):
        connection.unregister(name)
    for name in ("member", "person", "looked_at"):
        connection.execute(f"drop table {name}")
    return People(person_key, persons, keyed.events, given, len(keyed.key))


def _prepare(connection: duckdb.DuckDBPyConnection, linked: pa.Table, state: State) -> None:
    """Tables `member` (record_id, cluster, before: the key it had), `person` (keys so far, home: cluster of the anchor
    today) and `looked_at`: clusters whose records are not exactly those of one person of before.
    """
    connection.register("linked", linked.select(["record_id", "cluster"]))
    connection.register("records_before", state.records)
    connection.register("persons_before", state.persons)
    connection.execute("""
        create temp table member as
        select l.record_id, l.cluster, b.person_key as before
        from linked as l left join records_before as b using (record_id)
    """)
    connection.execute("""
        create temp table person as
        select p.*, m.cluster as home
        from persons_before as p
        left join member as m on m.record_id = ('0x' || left(split_part(p.anchor, '|', 2), 15))::bigint
    """)
    connection.execute("""
        create temp table looked_at as
        with still as (select before, count(*) as records from member where before is not null group by before)
        select cluster from member left join still using (before)
        group by cluster
        having count(*) > count(before) or min(before) <> max(before) or count(*) < max(records)
    """)
    for name in ("linked", "records_before", "persons_before"):
        connection.unregister(name)


def _spread(connection: duckdb.DuckDBPyConnection) -> None:
    """Add to `looked_at` the clusters of every person that has a record or its anchor in one of them, until none is new.

    Says in `person` who is concerned.
    """
    added = 1
    while added:
        before = counted(connection, "select count(*) from looked_at")[0]
        connection.execute("""
            insert into looked_at
            with concerned as (
                select before as key from member semi join looked_at using (cluster) where before is not null
                union
                select key from person where home in (from looked_at)
            )
            select cluster from member where before in (from concerned)
            union
            select home from person where key in (from concerned) and home is not null
            except
            from looked_at
        """)
        added = counted(connection, "select count(*) from looked_at")[0] - before
    connection.execute("alter table person add column is_concerned boolean")
    connection.execute("""
        update person set is_concerned = coalesce(home in (from looked_at), false)
            or key in (select before from member semi join looked_at using (cluster) where before is not null)
    """)


def _assigned(connection: duckdb.DuckDBPyConnection, state: State, secret: bytes) -> tuple[Keyed, pa.Array]:
    """What `persons.assign` says of the clusters in `looked_at`, and their numbers in its order."""
    named = connection.execute(f"""
        with claimed as (select home as cluster from person where home is not null),
        known as (select cluster from member where before is not null union from claimed),
        chosen as (
            select m.cluster, m.before, a.*,
                row_number() over (partition by m.cluster order by a.rank, a.named_after, a.name) = 1 as is_anchor
            from member as m semi join looked_at using (cluster) join ({_ANCHOR}) as a using (record_id)
        )
        select cluster, name, before, case when is_anchor then scope end as scope,
            case when is_anchor then named_after end as named_after
        from chosen where is_anchor or cluster in (from known) order by cluster, name
    """).fetchall()
    clusters: dict[int, list[str]] = {}
    before: dict[str, str] = {}
    anchor: dict[str, tuple[str, str]] = {}
    for number, name, former, scope, named_after in named:
        clusters.setdefault(number, []).append(name)
        if former is not None:
            before[name] = former
        if scope is not None:
            anchor[name] = (scope, named_after)

    def new_key(record: str, attempt: int) -> str:
        scope, value = anchor[record]
        return pseudonym(secret, "person", scope, value if attempt == 1 else f"{value}|{attempt}")

    def anchor_of(cluster: Sequence[str]) -> str:
        return next(record for record in cluster if record in anchor)

    others = connection.execute("select key from person where not is_concerned").to_arrow_table()
    keyed = assign(
        list(clusters.values()), before, _concerned(connection), state.run + 1, new_key, anchor_of,
        frozenset(others.column("key").to_pylist()),
    )  # fmt: skip
    return keyed, pa.array(list(clusters), pa.int64())


def _concerned(connection: duckdb.DuckDBPyConnection) -> list[Person]:
    """Persons that have a record or their anchor in a cluster of `looked_at`."""
    rows = connection.execute('select key, anchor, since, "into" from person where is_concerned order by key')
    return [Person(*row) for row in rows.fetchall()]


def _table(persons: Sequence[Person]) -> pa.Table:
    columns = {name: [getattr(person, name) for person in persons] for name in PERSONS_SCHEMA.names}
    return pa.table(columns, PERSONS_SCHEMA)
