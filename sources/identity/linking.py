"""Linking: from table `record` and what was compared before to people.

Belongs here: which records are compared anew, the steps from pairs to clusters, how each record was linked, and what
people are asked about. Does not belong here: reading and writing (index, store), keys of persons (persons).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import duckdb
import numpy as np
import pyarrow as pa

from sources.base.engine import counted
from sources.county.decisions import DIFFERENT, SAME
from sources.county.identity_settings import IdentitySettings
from sources.identity import blocking, scoring
from sources.identity.blocking import Skipped
from sources.identity.clear import compared_pairs
from sources.identity.clustering import NO_CARD, Links, cluster
from sources.identity.comparison import BY_NAME, COMPARISONS, GAMMAS, model
from sources.identity.rows import Rows, hex_of, record_name
from sources.identity.store import PAIRS_SCHEMA, State

# Why people are asked about a pair.
BAND, CONFLICT = "band", "conflict"


@dataclass(frozen=True)
class Linked:
    """`records`: record_id, key_type, local_key, digest, cluster, link_method, match_probability, in the order of
    record_id. `pairs`: every compared pair with its levels. `review`: pair_id, id_l, id_r, gammas, match_probability and
    reason of what people should look at. `unused`: decisions about pairs that are no longer compared.
    """

    records: pa.Table
    pairs: pa.Table
    review: pa.Table
    skipped: list[Skipped]
    compared: int
    unused: int


def fingerprint(settings: IdentitySettings) -> str:
    """Changes when pairs must be compared anew: another model, other levels, other keys or another cap."""
    content = [model(), [asdict(each) for each in COMPARISONS], [asdict(key) for key in blocking.KEYS]]
    return hashlib.sha256(json.dumps([*content, settings.block_cap]).encode()).hexdigest()


def link(
    connection: duckdb.DuckDBPyConnection,
    rows: Rows,
    state: State,
    settings: IdentitySettings,
    decisions: Mapping[str, str],
) -> Linked:
    """Link table `record`, of whose clear values only those of pairs to compare are read from `rows`.

    `decisions`: pair_id → same or different. Only records that changed since `state` are compared; every pair is weighed
    anew.
    """
    is_current = state.fingerprint == fingerprint(settings)
    _keep_pairs(connection, state if is_current else None)
    skipped = blocking.create_pairs(connection, settings.block_cap)
    (records,) = counted(connection, "select count(*) from record where is_comparable")
    chance = scoring.prior(records, model()["matches_per_record"])
    (fresh,) = counted(connection, "select count(*) from pair")
    for part in compared_pairs(connection, rows, model()["comparisons"], chance):
        connection.register("part", part.select(PAIRS_SCHEMA.names).cast(PAIRS_SCHEMA))
        connection.execute("insert into compared from part")
        connection.unregister("part")
    connection.execute("drop table pair")
    scoring.score(connection, settings, model(), chance)
    pairs = connection.execute("from compared order by id_l, id_r").to_arrow_table().cast(PAIRS_SCHEMA)
    connection.execute("drop table compared")
    return _people(connection, settings, decisions, pairs, skipped, fresh)


def _keep_pairs(connection: duckdb.DuckDBPyConnection, state: State | None) -> None:
    """Table `changed` (records to compare), and `compared`: the pairs of before whose records both stayed what they were."""
    if state is None:
        connection.execute("create temp table changed as select record_id from record")
        connection.register("pairs_before", PAIRS_SCHEMA.empty_table())
        connection.execute("create temp table compared as from pairs_before")
        connection.unregister("pairs_before")
        return
    connection.register("before", state.records)
    connection.register("pairs_before", state.pairs)
    connection.execute("""
        create temp table changed as
        select record_id from record anti join before using (record_id, digest)
    """)
    connection.execute("""
        create temp table compared as
        with same as (select record_id from record anti join changed using (record_id))
        select p.* from pairs_before as p
        semi join same as l on p.id_l = l.record_id
        semi join same as r on p.id_r = r.record_id
    """)
    connection.unregister("before")
    connection.unregister("pairs_before")


def _people(
    connection: duckdb.DuckDBPyConnection,
    settings: IdentitySettings,
    decisions: Mapping[str, str],
    pairs: pa.Table,
    skipped: list[Skipped],
    compared: int,
) -> Linked:
    _number_records(connection)
    decided = _decided(connection, decisions)
    links, gammas = _links(connection)
    card = connection.execute("select card_number from numbered order by number").fetchnumpy()["card_number"]
    apart = set(map(tuple, connection.execute(
        f"select l, r from decided where decision = '{DIFFERENT}' order by 1, 2").fetchall()))  # fmt: skip
    clustered = cluster(len(card), links, np.asarray(card), apart, settings.margin_bits)
    _keep_refused(connection, links, clustered.refused)
    person = _with_bare_numbers(connection, clustered.person)
    records = _described(connection, person, links, gammas)
    linked = Linked(records, pairs, _review(connection), skipped, compared, len(decisions) - decided)
    for leftover in ("changed", "scored", "numbered", "decided", "link", "refused"):
        connection.execute(f"drop table {leftover}")
    return linked


def _number_records(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `numbered`: records as 0…n-1 in the order of their ids, own cards as numbers."""
    connection.execute(f"""
        create temp table numbered as
        select record_id, row_number() over (order by record_id) - 1 as number,
            case when card is null then {NO_CARD} else dense_rank() over (order by card) end as card_number
        from record
    """)


_PAIR_ID = f"""left(sha256(concat_ws('+', least({record_name("l")}, {record_name("r")}),
    greatest({record_name("l")}, {record_name("r")}))), 16)"""


def _decided(connection: duckdb.DuckDBPyConnection, decisions: Mapping[str, str]) -> int:
    """Table `decided` (record numbers l < r, decision) of the decisions about pairs that are compared; how many."""
    connection.execute(
        "create temp table decided (id_l bigint, id_r bigint, l bigint, r bigint, decision varchar)"
    )
    if not decisions:
        return 0
    given = pa.table({"pair_id": list(decisions), "decision": list(decisions.values())})
    connection.register("given", given)
    connection.execute(f"""
        insert into decided
        select s.id_l, s.id_r, nl.number, nr.number, g.decision
        from scored as s
        join record as l on s.id_l = l.record_id
        join record as r on s.id_r = r.record_id
        join numbered as nl on s.id_l = nl.record_id
        join numbered as nr on s.id_r = nr.record_id
        join given as g on g.pair_id = {_PAIR_ID}
    """)
    connection.unregister("given")
    (count,) = counted(connection, "select count(*) from decided")
    return count


def _links(connection: duckdb.DuckDBPyConnection) -> tuple[Links, np.ndarray]:
    """Pairs to link, those people decided on first, and whether each rests on an insurance number."""
    same = BY_NAME["insurance"].gamma("same")
    found = connection.execute(f"""
        create temp table link as
        select nl.number as l, nr.number as r, s.id_l, s.id_r, match_weight, match_probability,
            coalesce(d.decision = '{SAME}', false) as forced, gamma_insurance = {same} as by_insurance
        from scored as s
        join numbered as nl on s.id_l = nl.record_id
        join numbered as nr on s.id_r = nr.record_id
        left join decided as d on s.id_l = d.id_l and s.id_r = d.id_r
        where d.decision = '{SAME}' or (s.decision = '{scoring.LINK}' and d.decision is null);
        from link order by l, r
    """).fetchnumpy()
    links = Links(found["l"], found["r"], found["match_weight"], found["forced"])
    return links, np.column_stack([found["by_insurance"], found["match_probability"]])


def _keep_refused(connection: duckdb.DuckDBPyConnection, links: Links, refused: np.ndarray) -> None:
    """Table `refused`: links that a conflict kept out, to be looked at by people."""
    table = pa.table({"l": links.left[refused], "r": links.right[refused]})
    connection.register("refused_links", table)
    connection.execute("create temp table refused as select * from refused_links")
    connection.unregister("refused_links")


def _with_bare_numbers(connection: duckdb.DuckDBPyConnection, person: np.ndarray) -> np.ndarray:
    """Insurance and health-record numbers of which nothing else is known join the person whose records show them.

    If several do: the only one with an own card; if several have cards, the only one without; else nobody.
    """
    connection.register("person_of", pa.table({"number": np.arange(len(person)), "person": person}))
    found = connection.execute(f"""
        with member as (
            select r.key_type, r.local_key, r.any_insurance_key, r.ehr_key, r.is_comparable, r.is_test, number, person, has_card
            from record as r join numbered using (record_id) join person_of using (number)
            join (
                select person, bool_or(card_number <> {NO_CARD}) as has_card
                from numbered join person_of using (number) group by person
            ) using (person)
        ),
        shown as (
            select 'insurance' as key_type, any_insurance_key as local_key, person, has_card from member where is_comparable
            union all
            select 'ehr', ehr_key, person, has_card from member where is_comparable and key_type <> 'ehr'
        ),
        owner as (
            select key_type, local_key,
                count(distinct person) filter (has_card) as with_card, min(person) filter (has_card) as card_person,
                count(distinct person) filter (not has_card) as without, min(person) filter (not has_card) as plain_person
            from shown where local_key is not null group by key_type, local_key
        )
        select number, case when with_card = 1 then card_person else plain_person end as person
        from member as m join owner as o using (key_type, local_key)
        where not m.is_comparable and not m.is_test and (with_card = 1 or without = 1)
        order by number
    """).fetchnumpy()
    connection.unregister("person_of")
    joined = person.copy()
    joined[found["number"]] = found["person"].astype(np.int64)
    return joined


def _used(person: np.ndarray, links: Links, strength: np.ndarray) -> pa.Table:
    """The links inside a person, each at both its records."""
    inside = person[links.left] == person[links.right]
    return pa.table(
        {
            "number": np.concatenate([links.left[inside], links.right[inside]]),
            "probability": np.tile(strength[inside, 1].astype(float), 2),
            "by_insurance": np.tile(strength[inside, 0].astype(bool), 2),
            "forced": np.tile(links.forced[inside], 2),
        }
    )


def _described(
    connection: duckdb.DuckDBPyConnection, person: np.ndarray, links: Links, strength: np.ndarray
) -> pa.Table:
    """How every record was linked: by its own card, its insurance number, people's review, the model, or not at all."""
    connection.register("person_of", pa.table({"number": np.arange(len(person)), "person": person}))
    connection.register("used", _used(person, links, strength))
    described = connection.execute(f"""
        with strongest as (
            select number, max(probability) as probability, bool_or(by_insurance) as by_insurance, bool_or(forced) as forced,
                bool_or(not forced) as by_model
            from used group by number
        ),
        person_card as (
            select person, bool_or(card_number <> {NO_CARD}) as has_card
            from numbered join person_of using (number) group by person
        )
        select r.record_id, r.key_type, {hex_of("r.local_key")} as local_key, r.digest, p.person as cluster,
            case
                when r.card is not null or (not r.is_comparable and c.has_card) then 'id_card'
                when s.by_insurance or (s.number is null and r.any_insurance_key is not null) then 'insurance'
                when s.by_model then 'model'
                when s.forced then 'review'
                else 'own'
            end as link_method,
            s.probability as match_probability
        from record as r join numbered as n using (record_id) join person_of as p using (number)
        join person_card as c using (person)
        left join strongest as s on n.number = s.number
        order by r.record_id
    """).to_arrow_table()
    connection.unregister("person_of")
    connection.unregister("used")
    return described


def _review(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Pairs of the review band and links kept out by a conflict, unless decided; likeliest first."""
    gammas = ", ".join(f"s.{name}" for name in GAMMAS)
    return connection.execute(f"""
        select {_PAIR_ID} as pair_id, s.id_l, s.id_r, {gammas}, s.match_probability,
            case when f.l is null then '{BAND}' else '{CONFLICT}' end as reason
        from scored as s
        join record as l on s.id_l = l.record_id
        join record as r on s.id_r = r.record_id
        join numbered as nl on s.id_l = nl.record_id
        join numbered as nr on s.id_r = nr.record_id
        left join refused as f on nl.number = f.l and nr.number = f.r
        left join decided as d on s.id_l = d.id_l and s.id_r = d.id_r
        where (s.decision = '{scoring.REVIEW}' or f.l is not null) and d.decision is null
        order by s.match_probability desc, pair_id
    """).to_arrow_table()
