"""Who is one person: the hard cases one by one, and the share of right pairs among rehearsed registers."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binomtest

from sources.county.identity_settings import IdentitySettings
from sources.identity import linking, scoring
from sources.identity.blocking import KEYS
from sources.identity.clear import compared_pairs
from sources.identity.comparison import COMPARISONS, model
from sources.identity.engines import private_connection
from sources.identity.linking import Linked
from sources.identity.store import State
from sources.identity_training import training
from sources.identity_training.rehearsal import Rehearsal, rehearse
from tests.identity.people import SETTINGS, empty_state, link, measure, partition, record, table, together

MOTHERS, OTHERS = "340699198403170020", "340699198403170047"


@pytest.fixture(scope="module")
def rehearsal() -> Rehearsal:
    return rehearse(8_000, seed=3)


@pytest.fixture(scope="module")
def linked(rehearsal: Rehearsal) -> Linked:
    return link(rehearsal.attributes)


@pytest.fixture(scope="module")
def among_others() -> Callable[..., Linked]:
    """Links hand-written records among the people of a village, so that frequencies mean something."""
    village = rehearse(2_000, seed=9).attributes
    return lambda *rows, **more: link(pa.concat_tables([table(*rows), village]), **more)


def test_pairwise_precision_and_recall_hold_at_the_lower_bound(linked: Linked, rehearsal: Rehearsal) -> None:
    measured = measure(linked, rehearsal)
    precision = binomtest(measured.right, measured.found).proportion_ci(method="wilson")
    recall = binomtest(measured.right, measured.there).proportion_ci(method="wilson")
    assert precision.low >= 0.995
    assert recall.low >= 0.95


def test_no_person_has_two_valid_cards(linked: Linked, rehearsal: Rehearsal) -> None:
    people = duckdb.sql("""
        select count(distinct id_card_key) as cards from rehearsed join linked_records using (local_key)
        group by cluster having cards > 1
    """, connection=_with(rehearsal, linked)).fetchall()  # fmt: skip
    assert people == []


def _with(rehearsal: Rehearsal, linked: Linked) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.register("rehearsed", rehearsal.attributes)
    connection.register("linked_records", linked.records)
    return connection


def test_twins_stay_apart(rehearsal: Rehearsal, linked: Linked) -> None:
    twin = rehearsal.people.twin
    one = np.flatnonzero(twin >= 0)
    assert len(one) > 10
    person = dict(
        zip(
            linked.records.column("local_key").to_pylist(),
            linked.records.column("cluster").to_pylist(),
            strict=True,
        )
    )
    clusters: dict[int, set[int]] = {}
    for key, who in zip(
        rehearsal.attributes.column("local_key").to_pylist(), rehearsal.person.tolist(), strict=True
    ):
        clusters.setdefault(who, set()).add(person[key])
    mixed = [each for each in one.tolist() if clusters[each] & clusters[int(twin[each])]]
    assert len(mixed) <= 0.02 * len(one)


def test_a_newborn_on_the_mothers_card_is_not_the_mother(among_others: Callable[..., Linked]) -> None:
    shared = {"phone": "13812345678", "address_words": "青冈镇前街", "address_numbers": "12"}
    mother = record("mother", "王秀芳", MOTHERS, **shared)
    child = record("child", "王秀芳之女", MOTHERS, card_status="not_own", birth=date(2025, 1, 9), **shared)
    found = among_others(mother, child)
    assert not together(found, "mother", "child")
    assert not _asked(found, "mother", "child")


def _asked(linked: Linked, *labels: str) -> bool:
    from tests.identity.people import local_key

    wanted = {int(local_key(label)[:15], 16) for label in labels}
    review = linked.review
    return any({left, right} == wanted for left, right in zip(
        review.column("id_l").to_pylist(), review.column("id_r").to_pylist(), strict=True))  # fmt: skip


def test_a_family_that_shares_everything_but_the_given_name_stays_apart(
    among_others: Callable[..., Linked],
) -> None:
    shared = {"phone": "13812345678", "address_words": "青冈镇前街", "address_numbers": "12"}
    found = among_others(record("one", "赵子涵", **shared), record("two", "赵雨桐", **shared))
    assert not together(found, "one", "two")


def test_a_misheard_name_without_a_card_is_found(among_others: Callable[..., Linked]) -> None:
    found = among_others(
        record("one", "欧阳静怡", phone="13812345678"),
        record("two", "欧阳靖宜", MOTHERS, phone="+8613812345678"[3:]),
    )
    assert together(found, "one", "two")


def test_day_and_month_exchanged_is_found(among_others: Callable[..., Linked]) -> None:
    swapped = {"birth": date(1984, 6, 7), "phone": "13812345678"}
    found = among_others(
        record("one", "诸葛静怡", **swapped),
        record("two", "诸葛静怡", **swapped | {"birth": date(1984, 7, 6)}),
    )
    assert together(found, "one", "two")


def test_two_valid_cards_are_two_people_however_alike(among_others: Callable[..., Linked]) -> None:
    shared = {"phone": "13812345678", "address_words": "青冈镇前街", "address_numbers": "12"}
    found = among_others(
        record("one", "诸葛静怡", MOTHERS, **shared), record("two", "诸葛静怡", OTHERS, **shared)
    )
    assert not together(found, "one", "two")


def test_a_card_that_many_names_carry_links_nobody(among_others: Callable[..., Linked]) -> None:
    names = ["王秀芳", "李建国", "张伟", "刘洋", "陈晨", "杨柳"]
    rows = [record(name, name, MOTHERS, birth=date(1984, 3, 17), sex="2") for name in names]
    assert not any(together(among_others(*rows), names[0], other) for other in names[1:])
    assert together(among_others(*rows, settings=IdentitySettings(card_names=6)), *names)


def test_our_weights_are_splinks(rehearsal: Rehearsal) -> None:
    with private_connection() as connection:
        rows = training.load(connection, rehearsal.attributes, SETTINGS, b"key")
        connection.execute("create temp table changed as select record_id from record")
        linking.blocking.create_pairs(connection, SETTINGS.block_cap)
        parts = compared_pairs(connection, rows, model()["comparisons"], 0.001, at_once=5_000)
        compared = pa.concat_tables(parts)
        connection.register("compared", compared.drop_columns(["match_weight"]))
        scoring.score(connection, SETTINGS, model(), 0.001)
        ours = connection.execute("select match_weight from scored order by id_l, id_r").fetchnumpy()[
            "match_weight"
        ]
    assert len(ours) > 5_000
    np.testing.assert_allclose(ours, compared.column("match_weight").to_numpy(), atol=1e-9)


def test_new_records_only_are_compared_and_the_people_are_those_of_a_rebuild(
    rehearsal: Rehearsal, linked: Linked
) -> None:
    rows = rehearsal.attributes
    first = link(rows.slice(0, 7_000))
    second = link(rows, _remembering(first))
    assert partition(second) == partition(linked)
    assert second.compared == _pairs_with(linked, _records(linked) - _records(first)) < 0.25 * linked.compared
    assert second.pairs.equals(linked.pairs)
    assert link(rows, _remembering(second)).compared == 0


def _records(linked: Linked) -> set[tuple[int, str]]:
    """Record ids with the digest of what is compared."""
    columns = (linked.records.column(name).to_pylist() for name in ("record_id", "digest"))
    return set(zip(*columns, strict=True))


def _pairs_with(linked: Linked, records: set[tuple[int, str]]) -> int:
    """Pairs in which one of these records stands."""
    wanted = {record for record, _ in records}
    ends = (linked.pairs.column(name).to_pylist() for name in ("id_l", "id_r"))
    return sum(left in wanted or right in wanted for left, right in zip(*ends, strict=True))


def _remembering(before: Linked) -> State:
    empty = empty_state()
    return State(1, 0, linking.fingerprint(SETTINGS), before.records, empty.persons, before.pairs)


def test_what_changed_is_compared_again(rehearsal: Rehearsal, linked: Linked) -> None:
    moved = rehearsal.attributes.to_pylist()
    moved[0]["phone"] = moved[5]["phone"] = "13812345678"
    found = link(table(*moved), _remembering(linked))
    assert 0 < found.compared == _pairs_with(found, _records(found) - _records(linked))
    other_model = State(1, 0, "another model", linked.records, empty_state().persons, linked.pairs)
    assert link(rehearsal.attributes, other_model).compared == linked.compared


def test_the_order_of_rows_changes_nothing(rehearsal: Rehearsal, linked: Linked) -> None:
    order = np.random.default_rng(1).permutation(rehearsal.attributes.num_rows)
    again = link(rehearsal.attributes.take(pa.array(order)))
    assert again.records.equals(linked.records)
    assert again.pairs.equals(linked.pairs)


def test_blocks_beyond_the_cap_are_split_or_reported() -> None:
    crowd = [
        record(f"r{at}", "王芳", phone="13812345678", birth=date(1960 + at % 20, 1, 2)) for at in range(60)
    ]
    small = link(table(*crowd), settings=IdentitySettings(block_cap=5))
    assert small.compared < 60 * 5 * len(KEYS)
    assert {each.key for each in small.skipped} >= {"name_phone"}
    assert link(table(*crowd)).skipped == []


def test_training_gives_the_same_model_twice_with_every_level() -> None:
    trained = training.train(size=3_000, random_pairs=50_000)
    assert {name: set(levels) for name, levels in trained["comparisons"].items()} == {
        name: set(levels) for name, levels in model()["comparisons"].items()
    }
    assert trained == training.train(size=3_000, random_pairs=50_000)
    for comparison in COMPARISONS:
        first = model()["comparisons"][comparison.name][comparison.levels[0].name]
        assert math.log2(first["m"] / first["u"]) > 0
