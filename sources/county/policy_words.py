"""What the program knows of policy: its indicators, the parameters it reads, the lists of codes and where they are compared.

Read from where each is declared (the registry of indicators, the model of parameters, policy_words.yml), so that a new
indicator or parameter needs no line here. Not here: whether a county's rows fit (policy_checks).
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sources.base.terms import Words
from sources.base.yamlfile import load_own_yaml
from sources.contracts.load import load_contracts
from sources.reference import nhsa_codes

_DBT = Path(__file__).parents[2] / "dbt_project"
_REGISTRY = _DBT / "seeds" / "kpi_registry.csv"
_PARAMETERS = _DBT / "models" / "policy" / "policy_parameter.yml"
_WORDS = Path(__file__).with_name("policy_words.yml")


@dataclass(frozen=True)
class Indicator:
    """An indicator as policy needs to know it: which way is better, what it can be (None = no bound), the tiers it is measured
    at, the levels it has values at, what cards may do with it (orchestration/kpi_registry.py).
    """

    kpi_id: str
    name: str
    direction: str
    lowest: Decimal | None
    highest: Decimal | None
    tiers: tuple[str, ...]
    levels: tuple[str, ...]
    not_computed: str
    is_primary_outcome: bool
    is_static_resource: bool
    together_with: tuple[str, ...]


@dataclass(frozen=True)
class CodeSet:
    """A list of codes: `codes` are those that can occur in deliveries, None = any text."""

    name: str
    codes: Collection[str] | None
    compared_with: str
    may_be_empty: bool


@functools.cache
def indicators() -> dict[str, Indicator]:
    """{id: indicator} of the registry."""
    with _REGISTRY.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        row["kpi_id"]: Indicator(
            row["kpi_id"],
            row["name_zh"],
            row["direction"],
            _bound(row["possible_low"]),
            _bound(row["possible_high"]),
            _listed(row["institution_tiers"]),
            _listed(row["unit_levels"]),
            row["not_computed_zh"],
            row["is_primary_outcome"] == "true",
            row["is_static_resource"] == "true",
            _listed(row["together_with"]),
        )
        for row in rows
    }


def _bound(cell: str) -> Decimal | None:
    return Decimal(cell) if cell else None


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split(",")))


@functools.cache
def described_parameters() -> dict[str, str]:
    """{name: `中文 | English`} that kpi_parameter.csv must give a value: the described columns of their model."""
    (model,) = load_own_yaml(_PARAMETERS.read_text("utf-8"))["models"]
    return {column["name"]: column["description"] for column in model["columns"] if column["name"] != "month"}


def parameters() -> tuple[str, ...]:
    """Names that kpi_parameter.csv must give a value."""
    return tuple(described_parameters())


@functools.cache
def switches() -> frozenset[str]:
    """Parameters whose value is 0 or 1."""
    return frozenset(load_own_yaml(_WORDS.read_text("utf-8"))["switches"])


@functools.cache
def never_below() -> dict[str, int]:
    """{parameter: lowest value that a county may give it}."""
    return dict(load_own_yaml(_WORDS.read_text("utf-8"))["never_below"])


@functools.cache
def quality_parameters() -> tuple[str, ...]:
    """Names that quality_parameter.csv must give a value."""
    return tuple(load_own_yaml(_WORDS.read_text("utf-8"))["quality_parameters"])


@functools.cache
def code_sets() -> dict[str, CodeSet]:
    """{name: list of codes} that kpi_code_set.csv fills."""
    return {name: _code_set(name, words) for name, words in _declared_sets().items()}


def policy_item(name: str) -> Words:
    """What a parameter or a list of codes is. Raises KeyError for a name that policy does not know."""
    if name in described_parameters():
        zh, _, en = described_parameters()[name].partition(" | ")
        return Words(zh, en)
    compared = _compared_with(_declared_sets()[name])
    of = Words(f",与 {compared} 比较", f" compared with {compared}") if compared else Words("", "")
    return Words(f"代码集{of.zh}", f"list of codes{of.en}")


def _declared_sets() -> dict[str, dict]:
    return load_own_yaml(_WORDS.read_text("utf-8"))["code_sets"]


def _code_set(name: str, words: dict) -> CodeSet:
    return CodeSet(name, _codes(words), _compared_with(words), words.get("may_be_empty", False))


def _codes(words: dict) -> Collection[str] | None:
    if words.get("category"):
        return _categories()
    if words.get("kpi"):
        return frozenset(indicators())
    return None if words.get("text") else load_contracts()[words["feed"]].column(words["column"]).valid_values


def _compared_with(words: dict) -> str:
    """In words; nothing where members write what they like."""
    if words.get("category"):
        return "ICD-10"
    if words.get("kpi"):
        return "kpi_registry"
    return "" if words.get("text") else f"{words['feed']}.{words['column']}"


@functools.cache
def _categories() -> frozenset[str]:
    return frozenset(code[:3] for code in nhsa_codes("diagnosis"))
