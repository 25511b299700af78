"""One list of codes for the whole house: what the warehouse and the gates accept are the codes people have words for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from sources.base import terms
from sources.base.terms import Words, explained, in_chinese

ROOT = Path(__file__).parents[3]
VOCABULARIES: dict[str, dict[str, Words]] = {
    name: value for name, value in vars(terms).items() if name.isupper() and isinstance(value, dict)
}


def _parts(content: Any) -> Iterator[dict[str, Any]]:
    """Every mapping inside a YAML file."""
    if isinstance(content, dict):
        yield content
    for part in (
        content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    ):
        yield from _parts(part)


def _accepted() -> dict[str, list[str]]:
    """Lists of accepted codes in dbt's models and in the suites, by where they stand."""
    found = {}
    for path in [
        *(ROOT / "dbt_project/models").rglob("*.yml"),
        *(ROOT / "expectations/suites").glob("*.yml"),
    ]:
        for part in _parts(yaml.safe_load(path.read_text("utf-8"))):
            if "accepted_values" in part:
                said = part["accepted_values"]
                found[said["name"]] = said["arguments"]["values"]
            elif part.get("expect") == "ExpectColumnValuesToBeInSet" and "arguments" in part:
                found[f"{path.stem}.{part['id']}"] = part["arguments"]["value_set"]
    return found


def test_accepted_codes_are_those_with_words() -> None:
    accepted = _accepted()
    lists = [list(vocabulary) for vocabulary in VOCABULARIES.values()]
    held = {
        name: values for name, values in accepted.items() if any(set(values) & set(codes) for codes in lists)
    }
    assert {
        "dim_institution_tier_is_known",
        "dim_kpi_scoring_window_is_known",
        "kpi_value_status_is_known",
        "score_indicator_status_is_known",
        "score_institution_status_is_known",
        "kpi.status_known",
    } <= set(held)
    assert {name: values for name, values in held.items() if values not in lists} == {}


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_code_has_words_in_both_languages(name: str) -> None:
    vocabulary = VOCABULARIES[name]
    assert all(words.zh and words.en.isascii() for words in vocabulary.values())
    assert len({words.zh for words in vocabulary.values()}) == len(vocabulary)


def test_the_types_hold_the_codes_of_the_words() -> None:
    for codes, vocabulary in (
        (terms.Tier, terms.TIERS),
        (terms.Gate, terms.GATES),
        (terms.KahnCategory, terms.KAHN_CATEGORIES),
        (terms.Severity, terms.SEVERITIES),
    ):
        assert get_args(codes) == tuple(vocabulary)


def test_suites_have_the_names_of_the_gates() -> None:
    assert {path.stem for path in (ROOT / "expectations/suites").glob("*.yml")} == set(terms.GATES)


def test_words_are_told_in_the_order_of_the_codes() -> None:
    two = {"a": Words("甲", "one"), "b": Words("乙", "two")}
    assert (str(two["a"]), in_chinese(two), explained(two)) == (
        "甲 one",
        {"a": "甲", "b": "乙"},
        "a 甲、b 乙",
    )
