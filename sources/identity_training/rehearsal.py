"""Registers of people who do not exist, written worse than any real ones: to train the model and to prove it.

The people are the simulator's (families, twins, shared telephones); here their records are made, with missing cards and
numbers, newborns on a parent's card, slips in names, dates and sexes, and former telephones and addresses. Rows come as
`attributes` would give them, with the true person of each. Not here: the county that is delivered (simulator).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pyarrow as pa

from sources.identity import names
from sources.identity.attributes import ATTRIBUTES_SCHEMA
from sources.simulator.ground.layout import load_layout
from sources.simulator.people import slips
from sources.simulator.people.population import Residents, make_residents

_START = np.datetime64("2025-01-01")
_RECORDS_PER_PERSON = 3.3
# Shares of records with each defect.
_NO_CARD, _INVALID_CARD, _GUARDIANS_CARD, _NO_INSURANCE, _NO_HEALTH_RECORD_NUMBER = 0.14, 0.01, 0.5, 0.35, 0.6
_MISHEARD, _MISWRITTEN, _UNNAMED = 0.03, 0.005, 0.6
_SWAPPED, _WRONG_DIGIT, _NO_BIRTH = 0.01, 0.008, 0.015
_WRONG_SEX, _NO_SEX, _NO_PHONE, _NO_ADDRESS, _FORMER = 0.003, 0.01, 0.15, 0.25, 0.3
_PARENTS_INSURANCE, _OTHER_DIVISION, _WRONG_PHONE = 0.005, 0.04, 0.004


@dataclass(frozen=True)
class Rehearsal:
    """Rows in the shape of `attributes`, the person of each row, and who the persons are."""

    attributes: pa.Table
    person: np.ndarray
    people: Residents


def rehearse(records: int, seed: int) -> Rehearsal:
    """About `records` register entries of people drawn with `seed`, in random order."""
    rng = np.random.default_rng([seed, records])
    size = max(20, int(records / _RECORDS_PER_PERSON))
    people = make_residents(seed, size, _START, load_layout(), 0)
    person = np.concatenate([np.arange(size), rng.integers(0, size, max(0, records - size))])
    rng.shuffle(person)
    is_ehr = rng.random(len(person)) < 0.3
    return Rehearsal(_written(rng, people, person, is_ehr), person, people)


def _written(rng: np.random.Generator, people: Residents, person: np.ndarray, is_ehr: np.ndarray) -> pa.Table:
    size, take = len(person), pa.array(person)

    def some(share: float) -> np.ndarray:
        return rng.random(size) < share

    infant = people.age[person] < 2
    guardians = infant & some(_GUARDIANS_CARD)
    name, _ = slips.misheard(people.name.take(take), some(_MISHEARD))
    name = _miswritten(rng, name, some(_MISWRITTEN))
    parent = _parents(people)[person]
    unnamed = guardians & some(_UNNAMED)
    name = pa.compute.if_else(
        pa.array(unnamed), slips.unnamed(people.name.take(pa.array(parent)), people.sex[person]), name
    )
    birth, _ = slips.exchanged(people.birth[person], some(_SWAPPED))
    birth = np.where(some(_WRONG_DIGIT), birth + rng.integers(1, 9, size), birth)
    no_birth = some(_NO_BIRTH)
    holder = np.where(guardians, parent, person)
    no_card, invalid = some(_NO_CARD), some(_INVALID_CARD)
    card = _mistyped(people.id_text.take(pa.array(holder)), invalid & ~guardians, 12)
    own = ~no_card & ~invalid & ((people.birth[holder] == birth) | no_birth) & ~guardians
    status = np.select([no_card, invalid & ~guardians, own], ["missing", "invalid", "valid"], "not_own")
    sex = np.where(some(_WRONG_SEX), 3 - people.sex[person], people.sex[person])
    former = some(_FORMER), some(_FORMER)
    phone = pa.compute.if_else(pa.array(former[0]), people.former_phone.take(take), people.phone.take(take))
    address = pa.compute.if_else(
        pa.array(former[1]), people.former_address.take(take), people.address.take(take)
    )
    no_address = some(_NO_ADDRESS) | is_ehr
    insured = np.where(some(_PARENTS_INSURANCE), parent, person)
    insurance = _hidden(people.insurance_no.take(pa.array(insured)), some(_NO_INSURANCE) | is_ehr)
    lives = np.where(some(_OTHER_DIVISION), rng.integers(0, people.count, size), person)
    phone = _mistyped(phone, some(_WRONG_PHONE), 7)
    local = pa.array([f"{number:09d}" for number in range(size)])
    columns = {
        "key_type": pa.array(np.where(is_ehr, "ehr", "patient")),
        "local_key": _key("record", local),
        **names.columns(pa.chunked_array([name])),
        "card": _hidden(card, no_card),
        "card_status": pa.array(status),
        "id_card_key": _key("card", _hidden(card, ~own)),
        "insurance_key": _key("insurance", insurance),
        "ehr_key": _key("record", _hidden(_health_record(person, is_ehr, local), some(_NO_HEALTH_RECORD_NUMBER))),
        "sex": _hidden(pa.array(sex.astype(str)), some(_NO_SEX)),
        "birth": _hidden(pa.array(birth.astype("datetime64[D]")), no_birth),
        "phone": _hidden(phone, some(_NO_PHONE)),
        "address_words": _hidden(pa.compute.replace_substring_regex(address, "[0-9]+|号", ""), no_address),
        "address_numbers": _hidden(pa.compute.replace_substring_regex(address, "[^0-9]+", ""), no_address),
        "division": people.division.take(pa.array(lives)),
        "is_test": pa.array(np.zeros(size, dtype=bool)),
        "source_line": pa.array(np.arange(size)),
    }  # fmt: skip
    columns |= {
        name: pa.nulls(size, ATTRIBUTES_SCHEMA.field(name).type)
        for name in ATTRIBUTES_SCHEMA.names
        if name not in columns
    }
    return pa.table({name: columns[name] for name in ATTRIBUTES_SCHEMA.names}).cast(ATTRIBUTES_SCHEMA)


def _hidden(values: pa.Array, missing: np.ndarray) -> pa.Array:
    return pa.compute.if_else(pa.array(missing), pa.scalar(None, values.type), values)


def _key(namespace: str, values: pa.Array) -> pa.Array:
    """Something as long and as scattered as a pseudonym."""
    return pa.array(
        [
            None if value is None else blake2b(f"{namespace}|{value}".encode(), digest_size=16).hexdigest()
            for value in values.to_pylist()
        ],
        pa.string(),
    )


def _parents(people: Residents) -> np.ndarray:
    household = people.household[: people.count]
    return np.searchsorted(household, household)


def _health_record(person: np.ndarray, is_ehr: np.ndarray, local: pa.Array) -> pa.Array:
    """The number of a person's first health record on his other records; null when he has none."""
    first = np.full(person.max(initial=0) + 1, -1)
    rows = np.flatnonzero(is_ehr)[::-1]
    first[person[rows]] = rows
    where = first[person]
    return _hidden(local.take(pa.array(np.maximum(where, 0))), where < 0)


def _miswritten(rng: np.random.Generator, name: pa.Array, chosen: np.ndarray) -> pa.Array:
    """Another last character, one that does not sound alike."""
    others = "国文明华丽军平英志红"
    rows = np.flatnonzero(chosen)
    wrong = [text[:-1] + others[i] for text, i in zip(
        name.take(pa.array(rows)).to_pylist(), rng.integers(0, len(others), len(rows)), strict=True)]  # fmt: skip
    return pa.compute.replace_with_mask(name, pa.array(chosen), pa.array(wrong, pa.string()))


def _mistyped(number: pa.Array, chosen: np.ndarray, place: int) -> pa.Array:
    """The digits at `place` and after it exchanged (in a card the check digit notices)."""
    rows = np.flatnonzero(chosen)
    texts = number.take(pa.array(rows)).to_pylist()
    wrong = [text[:place] + text[place + 1] + text[place] + text[place + 2 :] for text in texts]
    return pa.compute.replace_with_mask(number, pa.array(chosen), pa.array(wrong, pa.string()))
