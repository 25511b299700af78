"""From linked pairs to people: connected components in which no two own cards and no two people told apart meet.

Components without such a conflict are taken as they are. In the others the links are added from the strongest to the
weakest, each only if it brings no conflict; a record that fits two people about equally well is linked to neither and
asked about. The order is total, so the same pairs give the same people. Not here: which pairs link (scoring), which
key a person gets (persons).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

NO_CARD = -1


@dataclass(frozen=True)
class Links:
    """Linked pairs as record numbers 0…n-1, with their weight in bits; `forced` ones were decided by people."""

    left: np.ndarray
    right: np.ndarray
    weight: np.ndarray
    forced: np.ndarray


@dataclass(frozen=True)
class Clustered:
    """`person`: cluster number per record. `refused`: positions of links that a conflict kept out."""

    person: np.ndarray
    refused: np.ndarray


def cluster(
    records: int, links: Links, card: np.ndarray, apart: set[tuple[int, int]], margin_bits: float
) -> Clustered:
    """Group records 0…records-1. `card`: number of the own card per record, NO_CARD without one; `apart`: pairs of
    records (smaller first) that a person told apart.
    """
    component = _components(records, links.left, links.right)
    contested = _contested(component, card, apart)
    inside = contested[component[links.left]]
    if not inside.any():
        return Clustered(_numbered(component), np.zeros(0, dtype=np.int64))
    position = np.flatnonzero(inside)
    ambiguous = _ambiguous(links, position, card, margin_bits)
    joined, refused = _joined(links, position[~ambiguous], card, apart)
    kept = np.concatenate([np.flatnonzero(~inside), joined])
    person = _components(records, links.left[kept], links.right[kept])
    return Clustered(_numbered(person), np.sort(np.concatenate([refused, position[ambiguous]])))


def _components(records: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(records, records))
    return connected_components(graph, directed=False)[1]


def _numbered(component: np.ndarray) -> np.ndarray:
    """Clusters numbered by their first record."""
    _, first, inverse = np.unique(component, return_index=True, return_inverse=True)
    order = np.empty(len(first), dtype=np.int64)
    order[np.argsort(first)] = np.arange(len(first))
    return order[inverse]


def _contested(component: np.ndarray, card: np.ndarray, apart: set[tuple[int, int]]) -> np.ndarray:
    """Per component: does it hold two different cards, or a pair told apart?"""
    found = np.zeros(component.max(initial=-1) + 1, dtype=bool)
    has_card = card != NO_CARD
    pairs = np.unique(np.column_stack([component[has_card], card[has_card]]), axis=0)
    where, count = np.unique(pairs[:, 0], return_counts=True)
    found[where[count > 1]] = True
    for left, right in apart:
        if component[left] == component[right]:
            found[component[left]] = True
    return found


def _ambiguous(links: Links, position: np.ndarray, card: np.ndarray, margin_bits: float) -> np.ndarray:
    """Links between a record without a card and one with, where another card fits the record about as well."""
    left, right = links.left[position], links.right[position]
    bridges = ((card[left] == NO_CARD) != (card[right] == NO_CARD)) & ~links.forced[position]
    plain = np.where(card[left] == NO_CARD, left, right)
    best: dict[int, dict[int, float]] = defaultdict(dict)
    rows = np.flatnonzero(bridges)
    other = np.where(card[left] == NO_CARD, right, left)
    for row in rows.tolist():
        fits = best[int(plain[row])]
        holder = int(card[other[row]])
        fits[holder] = max(fits.get(holder, -np.inf), float(links.weight[position[row]]))
    unsure = {
        record
        for record, fits in best.items()
        if len(fits) > 1 and np.diff(sorted(fits.values())[-2:])[0] < margin_bits
    }
    found = np.zeros(len(position), dtype=bool)
    found[rows] = [int(plain[row]) in unsure for row in rows.tolist()]
    return found


@dataclass
class _Growing:
    """A growing person: members and cards."""

    members: list[int]
    cards: set[int] = field(default_factory=set)


def _joined(
    links: Links, position: np.ndarray, card: np.ndarray, apart: set[tuple[int, int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the links that were added, and of those that a conflict kept out."""
    order = np.lexsort(
        (links.right[position], links.left[position], -links.weight[position], ~links.forced[position])
    )
    rivals: dict[int, set[int]] = defaultdict(set)
    for left, right in apart:
        rivals[left].add(right)
        rivals[right].add(left)
    group: dict[int, _Growing] = {}
    added, refused = [], []
    for place in position[order].tolist():
        a, b = (
            group.setdefault(record, _Growing([record], {card[record]} - {NO_CARD}))
            for record in (int(links.left[place]), int(links.right[place]))
        )
        if a is b:
            added.append(place)
            continue
        conflict = any(rivals[member] & set(b.members) for member in a.members if member in rivals)
        two_cards = len(a.cards | b.cards) > 1 and not links.forced[place]
        if conflict or (two_cards and not a.cards <= b.cards and not b.cards <= a.cards):
            refused.append(place)
            continue
        small, large = sorted((a, b), key=lambda each: len(each.members))
        large.members += small.members
        large.cards |= small.cards
        for member in small.members:
            group[member] = large
        added.append(place)
    return np.array(added, dtype=np.int64), np.array(refused, dtype=np.int64)
