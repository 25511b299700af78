"""Residents: plausible families, ages and diseases; cards that belong to nobody but are well formed."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from pypinyin import Style, lazy_pinyin

from sources.simulator.ground.layout import load_layout
from sources.simulator.people.id_card import DIVISION, cards, first_generation
from sources.simulator.people.name_lists import SOUNDS_ALIKE
from sources.simulator.people.population import make_residents
from sources.simulator.people.slips import exchanged, misheard

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


def test_families_share_an_address_and_children_a_telephone(people):
    phones, addresses = people.phone.to_pylist(), people.address.to_pylist()
    inside = np.arange(people.count)
    head = np.searchsorted(people.household[: people.count], people.household[: people.count])
    assert all(addresses[i] == addresses[h] for i, h in zip(inside, head, strict=True))
    child = inside[people.age[: people.count] < 16]
    siblings = child[1:][people.household[child[1:]] == people.household[child[:-1]]]
    assert len(siblings) > 500
    assert all(phones[i] == phones[i - 1] for i in siblings if people.age[i - 1] < 16)
    assert 0.6 < len(set(phones)) / people.count < 0.95
    assert all(len(phone) == 11 for phone in phones)


def test_twins_share_birthday_and_family_but_no_card(people):
    twin = np.flatnonzero(people.twin >= 0)
    elder = people.twin[twin]
    assert len(twin) > 20
    assert (people.birth[twin] == people.birth[elder]).all()
    assert (people.household[twin] == people.household[elder]).all()
    assert all(people.id_text[int(a)] != people.id_text[int(b)] for a, b in zip(twin, elder, strict=True))


def test_names_are_distributed_as_in_the_country_and_collide(people):
    names = people.name.to_pylist()[: people.count]
    top = Counter(name[0] for name in names).most_common(3)
    assert {surname for surname, _ in top} == {"王", "李", "张"}
    assert all(0.055 < count / people.count < 0.085 for _, count in top)
    same = [count for count in Counter(names).values() if count > 1]
    assert 0.1 < sum(same) / people.count < 0.4
    assert max(same) < 0.001 * people.count


def test_homophones_sound_alike_and_differ():
    for group in SOUNDS_ALIKE:
        readings = {lazy_pinyin(character, style=Style.NORMAL)[0].rstrip("g") for character in group}
        assert len(group) == len(set(group)) >= 2
        assert len(readings) == 1, group
    wrong, changed = misheard(pa.array(["王芳", "欧阳龘", "张伟"]), np.array([True, True, False]))
    assert changed.tolist() == [0]
    assert wrong.to_pylist() == ["王方", "欧阳龘", "张伟"]


def test_a_birth_date_is_exchanged_only_where_that_gives_another_date():
    birth = np.array(["1950-03-08", "1950-03-13", "1950-05-05", "1951-12-01"], "datetime64[D]")
    wrong, rows = exchanged(birth, np.array([True] * 4))
    assert wrong.astype(str).tolist() == ["1950-08-03", "1950-03-13", "1950-05-05", "1951-01-12"]
    assert rows.tolist() == [0, 3]


def test_the_truth_tells_every_record_of_every_person(spoilt):
    """Whoever stands in a register, a health-record list or the insured belongs to exactly one resident."""
    records = spoilt.truth("person.csv")
    keys = [(r["feed"], r["institution_id"], r["local_id"]) for r in records]
    assert len(keys) == len(set(keys))
    own = Counter((r["feed"], r["institution_id"], r["person_id"]) for r in records)
    several = Counter(feed for (feed, _, _), count in own.items() if count > 1)
    assert several["his_patient"] > 10, "people with two numbers in one hospital"
    assert several["ph_ehr"] >= 3, "people with more than one health record"
    assert {r["person_id"] for r in records} <= {r["person_id"] for r in spoilt.truth("resident.csv")}
    delivered = spoilt.rows("PH340621/2025-02/GW_EHR_202502.csv") + spoilt.rows(
        "PH340621/2025-03/GW_EHR_202503.csv"
    )
    known = {local for feed, _, local in keys if feed == "ph_ehr"}
    assert {row["健康档案编号"] for row in delivered} == known


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
