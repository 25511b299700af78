"""People made of pairs: never two cards, never two that were told apart, always the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.identity.clustering import NO_CARD, Links, cluster


def links(*pairs: tuple[int, int, float], forced: frozenset[int] = frozenset()) -> Links:
    left, right, weight = (np.array(column) for column in zip(*pairs, strict=True))
    return Links(
        left, right, weight.astype(float), np.array([number in forced for number in range(len(pairs))])
    )


def test_two_cards_keep_a_bridge_from_merging_them() -> None:
    card = np.array([1, NO_CARD, 2])
    found = cluster(3, links((0, 1, 30.0), (1, 2, 20.0)), card, set(), margin_bits=3)
    assert found.person.tolist() == [0, 0, 1]
    assert found.refused.tolist() == [1]


def test_a_record_that_fits_two_people_goes_to_neither() -> None:
    card = np.array([1, NO_CARD, 2])
    found = cluster(3, links((0, 1, 20.0), (1, 2, 19.0)), card, set(), margin_bits=3)
    assert found.person.tolist() == [0, 1, 2]
    assert found.refused.tolist() == [0, 1]


def test_people_decide_against_two_cards() -> None:
    card = np.array([1, 2])
    found = cluster(2, links((0, 1, -5.0), forced=frozenset({0})), card, set(), margin_bits=3)
    assert found.person.tolist() == [0, 0]


def test_a_pair_told_apart_is_not_joined_through_others() -> None:
    card = np.full(3, NO_CARD)
    found = cluster(3, links((0, 1, 30.0), (1, 2, 20.0)), card, {(0, 2)}, margin_bits=3)
    assert found.person.tolist() == [0, 0, 1]


@settings(max_examples=60)
@given(st.data())
def test_no_person_has_two_cards_whatever_is_linked(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 12))
    card = np.array(data.draw(st.lists(st.integers(NO_CARD, 3), min_size=size, max_size=size)))
    ends = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1), st.integers(1, 9))
    pairs = [
        (min(a, b), max(a, b), float(w))
        for a, b, w in data.draw(st.lists(ends, min_size=1, max_size=20))
        if a != b
    ]
    if not pairs:
        return
    found = cluster(size, links(*pairs), card, set(), margin_bits=1)
    for person in set(found.person.tolist()):
        assert len(set(card[found.person == person].tolist()) - {NO_CARD}) <= 1
    shuffled = data.draw(st.permutations(pairs))
    assert (
        cluster(size, links(*shuffled), card, set(), margin_bits=1).person.tolist() == found.person.tolist()
    )
