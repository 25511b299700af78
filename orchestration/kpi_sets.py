"""National lists of indicators: what dbt_project/kpis/sets/<list>.yml says, checked and typed.

Here: which KPI stands for which item of a list, how sure its definition is, what is missing. Not here: what a KPI is
(kpi_registry), what is written from the lists (kpi_generated).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from orchestration.kpi_registry import DEFINITIONS, KpiId, Text
from sources.base.strict import Strict
from sources.base.yamlfile import load_own_yaml
from sources.contracts.words import Bilingual

SETS = DEFINITIONS / "sets"
NO_KPI = "-"


class Item(Strict):
    """An item of a list and the KPIs that stand for it; none = not covered.

    confidence in the definition: A follows from the files themselves, B national text as transcribed in public, C general
    knowledge, an assumption. missing: what the KPI lacks of the item, or why there is none.
    """

    number: int = Field(ge=1)
    name: Text
    kpis: tuple[KpiId, ...]
    confidence: Literal["A", "B", "C"]
    missing: Text | None = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if not self.kpis and not self.missing:
            raise ValueError("an item without a KPI says why (missing)")
        return self


class KpiSet(Strict):
    """A list. source: where it was read. item_count: how many items it has, all of which are listed."""

    name: Bilingual
    source: Text
    item_count: int = Field(ge=1)
    items: tuple[Item, ...]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        numbers = [item.number for item in self.items]
        if numbers != list(range(1, self.item_count + 1)):
            raise ValueError(f"items are numbered from 1 to {self.item_count}, each once and in that order")
        return self


class Listed(NamedTuple):
    """A list with its id: the name of its file."""

    set_id: str
    kpi_set: KpiSet

    def rows(self) -> Iterator[dict[str, Any]]:
        """One per item and KPI, one for an item without."""
        for item in self.kpi_set.items:
            for kpi_id in item.kpis or (NO_KPI,):
                yield {
                    "set_id": self.set_id,
                    "set_name_zh": self.kpi_set.name.zh,
                    "set_name_en": self.kpi_set.name.en,
                    "set_source": self.kpi_set.source,
                    "item_number": item.number,
                    "item_name": item.name,
                    "kpi_id": kpi_id,
                    "confidence": item.confidence,
                    "missing_zh": item.missing or "",
                }


def load_sets(registered: Collection[str], folder: Path = SETS) -> list[Listed]:
    """Every list by id. Raises ValueError if one names a KPI that is not registered."""
    found = []
    for path in sorted(folder.glob("*.yml")):
        kpi_set = KpiSet.model_validate(load_own_yaml(path.read_text("utf-8")))
        named = {kpi_id for item in kpi_set.items for kpi_id in item.kpis}
        if unknown := sorted(named - set(registered)):
            raise ValueError(f"{path.name}: 未登记的指标 / not registered: {', '.join(unknown)}")
        found.append(Listed(path.stem, kpi_set))
    return found
