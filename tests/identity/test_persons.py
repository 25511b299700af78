"""Keys that last through joins, merges and splits."""

from __future__ import annotations

from collections.abc import Sequence

from sources.identity.persons import Event, Keyed, Person, assign


def run(
    clusters: Sequence[Sequence[str]],
    before: Keyed | None = None,
    former: Sequence[Sequence[str]] = (),
    number: int = 1,
) -> Keyed:
    known = (
        {record: key for cluster, key in zip(former, before.key, strict=True) for record in cluster}
        if before
        else {}
    )
    return assign(
        clusters, known, before.persons if before else [], number, lambda record, attempt: f"key of {record} {attempt}", min
    )  # fmt: skip


def test_a_new_record_joins_the_person_it_belongs_to() -> None:
    first = run([["b"]])
    second = run([["a", "b"]], first, [["b"]], 2)
    assert second.key == first.key == ["key of b 1"]
    assert second.events == []


def test_the_older_key_survives_a_merge() -> None:
    first = run([["b"]])
    second = run([["a"], ["b"]], first, [["b"]], 2)
    third = run([["a", "b"]], second, [["a"], ["b"]], 3)
    assert third.key == ["key of b 1"]
    assert third.events == [Event("merged", "key of b 1", "key of a 1", ("a",))]
    assert Person("key of a 1", "a", 2, "key of b 1") in third.persons


def test_on_a_split_the_key_stays_with_the_anchor() -> None:
    first = run([["a", "b", "c"]])
    second = run([["a"], ["b", "c"]], first, [["a", "b", "c"]], 2)
    assert second.key == ["key of a 1", "key of b 1"]
    assert second.events == [Event("split", "key of a 1", "key of b 1", ("b", "c"))]


def test_without_the_anchor_the_key_stays_with_the_larger_part() -> None:
    first = run([["a", "b", "c", "d"]])
    second = run([["b"], ["c", "d"]], first, [["a", "b", "c", "d"]], 2)
    assert second.key == ["key of b 1", "key of a 1"]


def test_a_key_merged_away_comes_back_with_its_anchor() -> None:
    apart, merged = [["a"], ["b"]], [["a", "b"]]
    first = run(apart)
    second = run(merged, first, apart, 2)
    third = run(apart, second, merged, 3)
    assert third.key == first.key
    assert [event.event for event in third.events] == ["split"]


def test_a_key_is_never_given_twice() -> None:
    found = assign(
        [["a"], ["b"], ["c"]], {}, [Person("key 1", "gone", 1)], 2, lambda _, attempt: f"key {attempt}", min
    )
    assert found.key == ["key 2", "key 3", "key 4"]


def test_a_record_that_changes_person_is_told() -> None:
    first = run([["a", "b"], ["c"]])
    second = run([["a"], ["b", "c"]], first, [["a", "b"], ["c"]], 2)
    assert second.key == first.key
    assert second.events == [Event("moved", "key of c 1", "key of a 1", ("b",))]
