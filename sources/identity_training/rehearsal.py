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
from sources.identity.rows import ATTRIBUTES_SCHEMA
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
    """The records as they are delivered. What is drawn, is drawn in this order."""
    size, entry = len(person), _Entry(rng, people, person, _parents(people)[person])
    guardians = (people.age[person] < 2) & entry.some(_GUARDIANS_CARD)
    local = pa.array([f"{number:09d}" for number in range(size)])
    columns = {
        "key_type": pa.array(np.where(is_ehr, "ehr", "patient")),
        "local_key": _key("record", local),
        **names.columns(pa.chunked_array([entry.name(guardians)])),
        **entry.birth_and_card(guardians),
    }
    sex = np.where(entry.some(_WRONG_SEX), 3 - people.sex[person], people.sex[person])
    phone, address = entry.phone_and_address(is_ehr)
    columns |= address | {
        "insurance_key": entry.insurance(is_ehr),
        "division": entry.division(),
        "is_test": pa.array(np.zeros(size, dtype=bool)),
        "source_line": pa.array(np.arange(size)),
    }
    phone = _mistyped(phone, entry.some(_WRONG_PHONE), 7)
    record = _health_record(person, is_ehr, local)
    columns["ehr_key"] = _key("record", _hidden(record, entry.some(_NO_HEALTH_RECORD_NUMBER)))
    columns["sex"] = _hidden(pa.array(sex.astype(str)), entry.some(_NO_SEX))
    columns["phone"] = _hidden(phone, entry.some(_NO_PHONE))
    return _in_the_shape_of_attributes(columns, size)


@dataclass(frozen=True)
class _Entry:
    """What is written of each person, and what goes wrong with it; `parent` is the head of the household."""

    rng: np.random.Generator
    people: Residents
    person: np.ndarray
    parent: np.ndarray

    def some(self, share: float) -> np.ndarray:
        return self.rng.random(len(self.person)) < share

    def name(self, guardians: np.ndarray) -> pa.Array:
        people, take = self.people, pa.array(self.person)
        name, _ = slips.misheard(people.name.take(take), self.some(_MISHEARD))
        name = _miswritten(self.rng, name, self.some(_MISWRITTEN))
        of_parents = people.name.take(pa.array(self.parent))
        unnamed = guardians & self.some(_UNNAMED)
        return pa.compute.if_else(pa.array(unnamed), slips.unnamed(of_parents, people.sex[self.person]), name)

    def birth_and_card(self, guardians: np.ndarray) -> dict[str, pa.Array]:
        people = self.people
        birth, _ = slips.exchanged(people.birth[self.person], self.some(_SWAPPED))
        birth = np.where(self.some(_WRONG_DIGIT), birth + self.rng.integers(1, 9, len(birth)), birth)
        no_birth, no_card, invalid = self.some(_NO_BIRTH), self.some(_NO_CARD), self.some(_INVALID_CARD)
        holder = np.where(guardians, self.parent, self.person)
        card = _mistyped(people.id_text.take(pa.array(holder)), invalid & ~guardians, 12)
        own = ~no_card & ~invalid & ((people.birth[holder] == birth) | no_birth) & ~guardians
        status = np.select([no_card, invalid & ~guardians, own], ["missing", "invalid", "valid"], "not_own")
        return {
            "birth": _hidden(pa.array(birth.astype("datetime64[D]")), no_birth),
            "card": _hidden(card, no_card),
            "card_status": pa.array(status),
            "id_card_key": _key("card", _hidden(card, ~own)),
        }

    def phone_and_address(self, is_ehr: np.ndarray) -> tuple[pa.Array, dict[str, pa.Array]]:
        people, take = self.people, pa.array(self.person)
        former = pa.array(self.some(_FORMER)), pa.array(self.some(_FORMER))
        phone = pa.compute.if_else(former[0], people.former_phone.take(take), people.phone.take(take))
        address = pa.compute.if_else(former[1], people.former_address.take(take), people.address.take(take))
        unknown = self.some(_NO_ADDRESS) | is_ehr
        return phone, {
            "address_words": _hidden(pa.compute.replace_substring_regex(address, "[0-9]+|号", ""), unknown),
            "address_numbers": _hidden(pa.compute.replace_substring_regex(address, "[^0-9]+", ""), unknown),
        }

    def insurance(self, is_ehr: np.ndarray) -> pa.Array:
        insured = np.where(self.some(_PARENTS_INSURANCE), self.parent, self.person)
        number = self.people.insurance_no.take(pa.array(insured))
        return _key("insurance", _hidden(number, self.some(_NO_INSURANCE) | is_ehr))

    def division(self) -> pa.Array:
        elsewhere = self.some(_OTHER_DIVISION)
        anybody = self.rng.integers(0, self.people.count, len(self.person))
        return self.people.division.take(pa.array(np.where(elsewhere, anybody, self.person)))


def _in_the_shape_of_attributes(columns: dict[str, pa.Array], size: int) -> pa.Table:
    missing = {field.name: pa.nulls(size, field.type) for field in ATTRIBUTES_SCHEMA}
    return pa.table({name: (missing | columns)[name] for name in ATTRIBUTES_SCHEMA.names}).cast(
        ATTRIBUTES_SCHEMA
    )


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
