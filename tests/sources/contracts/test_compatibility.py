"""Every kind of change of a contract is seen, weighed and said in both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.contracts.compatibility import Bump, bumped, changes, demanded, says, version_numbers
from sources.contracts.contract import Contract
from sources.contracts.load import load_contracts
from sources.contracts.shape import Shape, shape_of

COLUMN = {
    "businessName": "列", "description": "a column", "logicalType": "string", "physicalType": "varchar(20)",
    "required": False, "classification": "P1",
}  # fmt: skip
KEY = {**COLUMN, "name": "org_code", "required": True, "primaryKey": True, "primaryKeyPosition": 1}
SECOND = {**COLUMN, "name": "amount", "logicalType": "integer", "physicalType": "bigint", "unit": "fen"}
TIME = {
    **COLUMN,
    "name": "seen_at",
    "logicalType": "timestamp",
    "physicalType": "timestamp",
    "required": True,
}
FEED = {
    "apiVersion": "v3.1.0", "kind": "DataContract", "id": "his_thing", "version": "1.2.3", "status": "active",
    "domain": "his", "name": "表", "description": {"zh": "表", "en": "A feed."}, "grain": {"zh": "行", "en": "a row"},
    "source_system": "HIS", "refresh": "daily", "delivery": "snapshot", "event_time": "seen_at",
    "event_window_months": {"before": 2, "after": 1}, "control_money": "amount", "known_differences": "无",
    "same_entry": ["seen_at"],
}  # fmt: skip


def logical_type(physical: str) -> str:
    kinds = {"smallint": "integer", "int": "integer", "bigint": "integer", "date": "date"}
    return kinds.get(physical, "number" if physical.startswith("decimal") else "string")


def shape(column: dict[str, Any] | None = None, **feed: Any) -> Shape:
    """A feed of key, money, time and the column `code` under test (none when it says {"name": None})."""
    tested = {**COLUMN, "name": "code", **(column or {})}
    tested["logicalType"] = logical_type(tested["physicalType"])
    columns = [KEY, SECOND, TIME, *([tested] if tested["name"] else [])]
    return shape_of(Contract.model_validate({**FEED, "schema": columns, **feed}))


CHANGES: dict[str, tuple[Shape, Shape, Bump, str]] = {
    "column removed": (shape(), shape({"name": None}), Bump.MAJOR, "column removed"),
    "column renamed": (shape(), shape({"name": "other"}), Bump.MAJOR, "column removed"),
    "required column added": (shape({"name": None}), shape({"required": True}), Bump.MAJOR, "required column"),
    "nullable column added": (shape({"name": None}), shape(), Bump.MINOR, "nullable column added"),
    "became required": (shape(), shape({"required": True}), Bump.MAJOR, "became required"),
    "became nullable": (shape({"required": True}), shape(), Bump.MINOR, "became nullable"),
    "text shortened": (shape(), shape({"physicalType": "varchar(10)"}), Bump.MAJOR, "type: varchar(20)"),
    "text lengthened": (shape(), shape({"physicalType": "varchar(30)"}), Bump.MINOR, "→ varchar(30)"),
    "text without end": (shape(), shape({"physicalType": "text"}), Bump.MINOR, "→ text"),
    "another type": (
        shape(), shape({"physicalType": "date"}), Bump.MAJOR, "logical type: string → date",
    ),
    "format": (shape(), shape({"format": "icd"}), Bump.MAJOR, "format: - → icd"),
    "name it leaves under": (shape(), shape({"conformedName": "kode"}), Bump.MAJOR, "kode"),
    "unit": (
        shape({"physicalType": "bigint"}),
        shape({"physicalType": "bigint", "unit": "fen"}), Bump.MAJOR, "unit: - → fen",
    ),
    "values restricted": (shape(), shape({"validValues": ["1"]}), Bump.MAJOR, "restricted to 1"),
    "values set free": (shape({"validValues": ["1"]}), shape(), Bump.MINOR, "no longer restricted"),
    "value removed": (
        shape({"validValues": ["1", "2"]}), shape({"validValues": ["1", "3"]}), Bump.MAJOR, "removed: 2",
    ),
    "value added": (shape({"validValues": ["1"]}), shape({"validValues": ["1", "2"]}), Bump.MINOR, "added: 2"),
    "values reordered": (
        shape({"validValues": ["1", "2"]}), shape({"validValues": ["2", "1"]}), Bump.PATCH, "order of the valid",
    ),
    "institution checked": (shape(), shape({"references": "institution"}), Bump.MAJOR, "check of institutions"),
    "institution translated": (shape(), shape({"references": "any_institution"}), Bump.MINOR, "check of"),
    "institution unchecked": (shape({"references": "institution"}), shape(), Bump.MINOR, "check of institutions"),
    "rows instead of values": (shape({"whenInvalid": "nullify"}), shape(), Bump.MAJOR, "nullify → quarantine"),
    "values instead of rows": (shape(), shape({"whenInvalid": "nullify"}), Bump.MINOR, "quarantine → nullify"),
    "privacy loosened": (
        shape({"privacy": {"drop": True}}), shape({"privacy": {"pseudonym": {"namespace": "x", "as": "code_key"}}}),
        Bump.MAJOR, "privacy loosened, needs approval",
    ),
    "privacy given up": (shape({"privacy": {"drop": True}}), shape(), Bump.MAJOR, "privacy loosened"),
    "privacy tightened": (shape(), shape({"privacy": {"drop": True}}), Bump.MAJOR, "privacy tightened"),
    "another pseudonym": (
        shape({"privacy": {"pseudonym": {"namespace": "x", "as": "code_key"}}}),
        shape({"privacy": {"pseudonym": {"namespace": "y", "as": "code_key"}}}), Bump.MAJOR, "namespace x",
    ),
    "day instead of year": (
        shape({"physicalType": "date", "privacy": {"generalise": "year", "as": "born"}}),
        shape({"physicalType": "date", "privacy": {"generalise": "month", "as": "born"}}),
        Bump.MAJOR, "privacy loosened",
    ),
    "class lowered": (shape(), shape({"classification": "P0"}), Bump.MAJOR, "privacy class lowered"),
    "class raised": (shape(), shape({"classification": "P2"}), Bump.MINOR, "privacy class raised"),
    "end left open": (
        shape({"physicalType": "date"}), shape({"physicalType": "date", "openEnded": True}), Bump.MINOR, "now means",
    ),
    "end no longer open": (
        shape({"physicalType": "date", "openEnded": True}), shape({"physicalType": "date"}), Bump.MAJOR, "no longer",
    ),
    "terminology": (shape(), shape({"terminology": "drug"}), Bump.MINOR, "terminology: - → drug"),
    "linkage": (shape(), shape({"linkage": "name"}), Bump.MINOR, "person index"),
    "words of a column": (shape(), shape({"description": "another word"}), Bump.PATCH, "words for people"),
    "words of the feed": (shape(), shape(name="另一张表"), Bump.PATCH, "words for people"),
    "key": (
        shape({"required": True}), shape({"required": True, "primaryKey": True, "primaryKeyPosition": 2}),
        Bump.MAJOR, "key: org_code → org_code, code",
    ),
    "way of delivery": (shape(), shape(delivery="changes"), Bump.MAJOR, "way of delivery"),
    "lists kept": (shape(), shape(keep_every_month=True), Bump.MAJOR, "every month's list"),
    "control money": (shape(), shape(control_money=None), Bump.MAJOR, "control money: amount → -"),
    "event time dropped": (
        shape(), shape(event_time=None, event_window_months=None), Bump.MINOR, "event time: seen_at → -",
    ),
    "event time added": (
        shape(event_time=None, event_window_months=None), shape(), Bump.MAJOR, "event time: - → seen_at",
    ),
    "entries told otherwise": (shape(), shape(same_entry=[]), Bump.MINOR, "whose entry a row is: seen_at → -"),
    "window narrowed": (
        shape(), shape(event_window_months={"before": 1, "after": 9}), Bump.MAJOR, "event window",
    ),
    "window widened": (shape(), shape(event_window_months={"before": 3, "after": 1}), Bump.MINOR, "event window"),
    "system": (shape(), shape(domain="ph"), Bump.MAJOR, "system: his → ph"),
    "provider": (shape(), shape(provider="product"), Bump.MINOR, "provider"),
    "announced to end": (shape(), shape(status="deprecated"), Bump.MINOR, "status: active → deprecated"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHANGES)
def test_every_kind_of_change_is_weighed_and_said(kind: str) -> None:
    before, after, level, said = CHANGES[kind]
    found = changes(before, after)
    assert demanded(before, after) == level
    assert any(said in change.en for change in found), [change.en for change in found]
    assert all(re.search(r"[\u4e00-\u9fff]", change.zh) for change in found)
    assert [change.level for change in found] == sorted((change.level for change in found), reverse=True)


def test_every_aspect_of_a_column_is_compared() -> None:
    """A new word of the contract language cannot be forgotten here: a change of it would raise or be seen."""
    from sources.contracts.compatibility import _ASPECTS
    from sources.contracts.shape import _WORDS
    from sources.contracts.words import Column

    elsewhere = {"name", "primary_key", "primary_key_position", *_WORDS}
    assert set(Column.model_fields) - elsewhere == set(_ASPECTS)


def test_every_aspect_of_a_feed_is_kept_or_words() -> None:
    kept = set(shape().feed) | {"version", "columns"}
    words = {"api_version", "kind", "id", "name", "description", "grain"}
    words |= {"source_system", "refresh", "known_differences", "unread_because"}
    assert set(Contract.model_fields) == kept - {"key"} | words


@pytest.mark.parametrize("feed", load_contracts())
def test_nothing_changed_is_no_change_and_a_shape_survives_being_kept(feed: str) -> None:
    kept = shape_of(load_contracts()[feed])
    assert changes(kept, kept) == []
    assert Shape.from_json(kept.as_json()) == kept


LENGTHS = st.integers(1, 60)
TEXTS = st.builds("{}({})".format, st.sampled_from(["char", "varchar"]), LENGTHS) | st.just("text")
DECIMALS = st.tuples(st.integers(1, 9), st.integers(0, 9)).map(lambda n: f"decimal({n[0] + n[1]},{n[1]})")
WHOLES = st.sampled_from(["smallint", "int", "bigint"])


@given(st.one_of(*(st.tuples(kind, kind) for kind in (TEXTS, DECIMALS, WHOLES))))
def test_a_type_that_does_not_widen_narrows(types: tuple[str, str]) -> None:
    """Of two different types one way at most is compatible, unless both hold the same values."""
    before, after = (shape({"physicalType": kind}) for kind in types)
    there, back = demanded(before, after), demanded(after, before)
    if types[0] == types[1]:
        assert there == back == Bump.NONE
    else:
        assert {there, back} <= {Bump.MINOR, Bump.MAJOR}
        same_length = re.findall(r"\d+", types[0]) == re.findall(r"\d+", types[1]) != []
        both_ways = there == back == Bump.MINOR
        assert both_ways == (same_length and types[0][0] in "cv" and types[1][0] in "cv")


@given(st.lists(st.sampled_from("123456"), unique=True), st.lists(st.sampled_from("123456"), unique=True))
def test_values_are_compatible_only_when_none_is_lost(old: list[str], new: list[str]) -> None:
    found = demanded(shape({"validValues": old}), shape({"validValues": new}))
    lost = set(old or "123456") - set(new or "123456") or (not old and new)
    assert (found == Bump.MAJOR) == bool(lost)


VERSIONS = st.tuples(*[st.integers(0, 30)] * 3).map(lambda numbers: ".".join(map(str, numbers)))


@given(VERSIONS, VERSIONS, st.sampled_from(Bump))
def test_the_demanded_version_is_the_lowest_that_says_it(before: str, other: str, level: Bump) -> None:
    lowest = bumped(before, level)
    assert says(before, lowest, level)
    assert says(before, other, level) == (version_numbers(other) >= version_numbers(lowest))
    for graver in Bump:
        assert says(before, bumped(before, graver), level) == (graver >= level)
