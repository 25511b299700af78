"""Residents: plausible families, ages and diseases; cards that belong to nobody but are well formed."""

import numpy as np
import pytest

from sources.simulator.id_card import DIVISION, cards, first_generation
from sources.simulator.layout import load_layout
from sources.simulator.population import make_residents

START = np.datetime64("2025-01-01")


@pytest.fixture(scope="module")
def people():
    return make_residents(3, 20_000, START, load_layout(), 4)


def check_digit(number: str) -> str:
    """GB 11643, written out once more."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(number, weights, strict=True)) % 11]


def test_the_known_card_of_the_standard_has_its_check_digit():
    assert check_digit("11010519491231002") == "X"


def test_cards_are_well_formed_and_belong_to_nobody(people):
    texts = people.id_text.to_pylist()[: people.count]
    for text, birth, sex in zip(texts[:500], people.birth[:500], people.sex[:500], strict=True):
        assert text[:6] == str(DIVISION)
        assert text[6:14] == str(birth).replace("-", "")
        assert int(text[16]) % 2 == sex % 2
        assert text[17] == check_digit(text[:17])
    assert len(set(texts)) == people.count


def test_old_cards_drop_the_century_and_the_check_digit():
    matrix = cards(np.array(["1949-12-31"], "datetime64[D]"), np.array([2]), np.array([1]))
    assert bytes(first_generation(matrix)[0]).decode() == bytes(matrix[0]).decode()[:6] + "491231" + "002"


def test_families_share_an_address_and_mostly_a_telephone(people):
    for household in (5, 50, 500):
        members = np.flatnonzero(people.household == household)
        addresses = {people.address[int(m)].as_py() for m in members}
        assert len(addresses) == 1
        assert len({people.phone[int(m)].as_py() for m in members}) <= 2


@pytest.mark.parametrize(("disease", "low", "high"), [("htn", 0.21, 0.29), ("dm", 0.07, 0.13)])
def test_chronic_diseases_are_as_common_as_specified(people, disease, low, high):
    adults = people.age[: people.count] >= 18
    assert low < people.chronic[disease][: people.count][adults].mean() < high


def test_coverage_sexes_and_test_entries(people):
    inside = slice(0, people.count)
    assert 0.94 < people.insured[inside].mean() < 0.96
    assert 0.08 < people.employee[inside].mean() < 0.16
    assert 0.47 < (people.sex[inside] == 1).mean() < 0.55
    assert people.is_test.sum() == 4
    assert not people.insured[people.count :].any()
    assert not any(char.isdigit() for name in people.name.to_pylist()[inside] for char in name)
