"""Only people whose records changed are looked at, and all keys are those of looking at everybody."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.base.privacy import pseudonym
from sources.identity.engines import private_connection
from sources.identity.keying import People, key_people
from sources.identity.persons import Event, Person, assign
from sources.identity.store import PAIRS_SCHEMA, PERSONS_SCHEMA, RECORDS_SCHEMA, State

SECRET = b"secret of the tests"
LOCAL = [blake2b(bytes([number]), digest_size=16).hexdigest() for number in range(7)]
# Two records of one card: their people may be asked to give the same key.
CARD = {0: LOCAL[0], 3: LOCAL[0]}

# Runs: the records that are there, each with the number of its person.
RUNS = st.lists(st.dictionaries(st.integers(0, 6), st.integers(0, 3), min_size=1), min_size=2, max_size=4)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with private_connection() as opened:
        opened.execute("set threads = 1")
        yield opened


def record_id(number: int) -> int:
    return int(LOCAL[number][:15], 16)


def name(number: int) -> str:
    return f"patient|{LOCAL[number]}"


def keyed(connection: duckdb.DuckDBPyConnection, people: dict[int, int], state: State) -> People:
    """Keys of records put together as `people` says."""
    ids = sorted(people, key=record_id)
    rows = [("patient", LOCAL[n], CARD.get(n), record_id(n)) for n in ids]
    table = pa.table(
        dict(zip(("key_type", "local", "card", "record_id"), zip(*rows, strict=True), strict=True))
    )
    connection.register("given", table.cast(pa.schema(
        [("key_type", pa.string()), ("local", pa.string()), ("card", pa.string()), ("record_id", pa.int64())])))  # fmt: skip
    connection.execute("""
        create or replace temp table record as
        select record_id, key_type, local::uuid as local_key, card::uuid as id_card_key, null::uuid as any_insurance_key
        from given
    """)
    numbers = {person: at for at, person in enumerate(dict.fromkeys(people[n] for n in ids))}
    linked = pa.table(
        {"record_id": [record_id(n) for n in ids], "cluster": [numbers[people[n]] for n in ids]}
    )
    return key_people(connection, linked, state, SECRET)


def everybody(
    people: dict[int, int], before: dict[str, str], persons: list[Person], run: int
) -> tuple[dict[str, str], list[Person], list[Event]]:
    """The same without leaving anybody out: `assign` over all clusters."""
    ids = sorted(people, key=record_id)
    order = list(dict.fromkeys(people[n] for n in ids))
    clusters = [sorted(name(n) for n in ids if people[n] == person) for person in order]
    number = {name(n): n for n in ids}

    def rank(record: str) -> tuple[int, str, str]:
        card = CARD.get(number[record])
        return (1, card, record) if card else (3, LOCAL[number[record]], record)

    def new_key(record: str, attempt: int) -> str:
        at, value, _ = rank(record)
        scope = "id_card" if at == 1 else "patient"
        return pseudonym(SECRET, "person", scope, value if attempt == 1 else f"{value}|{attempt}")

    found = assign(clusters, before, persons, run, new_key, lambda cluster: min(cluster, key=rank))
    keys = {record: key for cluster, key in zip(clusters, found.key, strict=True) for record in cluster}
    return keys, found.persons, found.events


@settings(max_examples=25, deadline=None)
@given(RUNS)
def test_leaving_out_who_did_not_change_changes_no_key(
    connection: duckdb.DuckDBPyConnection, runs: list[dict[int, int]]
) -> None:
    """Records come, go and come back, people join, part and swap records: keys, persons and events are the same."""
    empty = {"records": RECORDS_SCHEMA, "persons": PERSONS_SCHEMA, "pairs": PAIRS_SCHEMA}
    state = State(0, 0, "", **{key: schema.empty_table() for key, schema in empty.items()})
    before: dict[str, str] = {}
    persons: list[Person] = []
    for run, people in enumerate(runs, start=1):
        ours = keyed(connection, people, state)
        before, persons, events = everybody(people, before, persons, run)
        ids = sorted(people, key=record_id)
        keys = ours.person_key.to_pylist()
        assert dict(zip(map(name, ids), keys, strict=True)) == before
        assert [Person(**row) for row in ours.persons.to_pylist()] == persons
        assert ours.events == events
        records = {"record_id": [record_id(n) for n in ids], "digest": [0] * len(ids), "person_key": keys}
        state = State(run, 0, "", pa.table(records, RECORDS_SCHEMA), ours.persons, state.pairs)


def test_who_did_not_change_is_not_looked_at(connection: duckdb.DuckDBPyConnection) -> None:
    empty = {"records": RECORDS_SCHEMA, "persons": PERSONS_SCHEMA, "pairs": PAIRS_SCHEMA}
    state = State(0, 0, "", **{key: schema.empty_table() for key, schema in empty.items()})
    people = dict.fromkeys(range(5), 0) | {5: 1}
    first = keyed(connection, people, state)
    ids = sorted(people, key=record_id)
    records = {
        "record_id": [record_id(n) for n in ids],
        "digest": [0] * 6,
        "person_key": first.person_key.to_pylist(),
    }
    again = keyed(
        connection, people, State(1, 0, "", pa.table(records, RECORDS_SCHEMA), first.persons, state.pairs)
    )
    assert (first.looked_at, again.looked_at) == (2, 0)
    assert again.persons == first.persons
