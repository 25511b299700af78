"""The registry of KPIs: what dbt_project/kpis/<dimension>.yml says, checked and typed.

Here: the words of a definition and reading them. Not here: what is written from them (kpi_generated), how a KPI is computed
(dbt_project/models/kpi), its targets and weights (policy of a county).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, StringConstraints, model_validator

from sources.base.strict import Strict
from sources.base.terms import Tier
from sources.base.yamlfile import load_own_yaml
from sources.contracts.words import Bilingual

DEFINITIONS = Path(__file__).parents[1] / "dbt_project" / "kpis"

KpiId = Annotated[str, StringConstraints(pattern=r"^KPI-\d{3}$")]
# `subject.measure`: a column of the evidence view of that subject, marked as a measure.
MeasureName = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Counts(Strict):
    """What the two parts count, in Chinese."""

    numerator: Text
    denominator: Text


class Scored(Strict):
    """Which window is scored, days after month end until it is mature, smallest sample of a valid value."""

    window: Literal["month", "quarter", "ytd", "rolling12"]
    matures_after_days: int = Field(ge=0)
    at_least: int = Field(ge=1)


class Part(NamedTuple):
    """One line of a part: a measure of a subject, times its coefficient."""

    kpi_id: str
    part: str
    subject: str
    measure: str
    coefficient: int


class Kpi(Strict):
    """A definition. value = numerator / denominator × scale / divisor, or the median of the numerator's measure.

    numerator, denominator: measures and how often each is added (-1 takes it away).
    over_months: `sum` adds the months of a window, `last` takes the state of its last month.
    feeds: what must have been delivered for the value to count. policy: parameters and code sets that it reads.
    """

    code: Text | None = None
    name: Bilingual
    unit: Text
    better: Literal["higher", "lower"]
    statistic: Literal["ratio", "median"] = "ratio"
    over_months: Literal["sum", "last"] = "sum"
    scale: int = Field(default=1, ge=1)
    divisor: int = Field(default=1, ge=1)
    numerator: dict[MeasureName, int]
    denominator: dict[MeasureName, int]
    is_share: bool = False
    plausible: tuple[float, float] | None = None
    tiers: list[Tier] = Field(min_length=1)
    scored: Scored
    feeds: list[Text] = Field(min_length=1)
    policy: tuple[Text, ...] = ()
    origin: Text
    is_assumption: bool = False
    definition: Bilingual
    counts: Counts

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if not self.numerator or not self.denominator:
            raise ValueError("numerator and denominator name at least one measure each")
        if self.statistic == "median" and len(self.numerator) != 1:
            raise ValueError("a median is taken of one measure")
        if self.plausible is not None and self.plausible[0] >= self.plausible[1]:
            raise ValueError("plausible is [lowest, highest]")
        return self


class Registered(NamedTuple):
    """A KPI with its number and the dimension it belongs to."""

    kpi_id: str
    dimension: str
    kpi: Kpi

    def parts(self) -> Iterator[Part]:
        """Its numerator and denominator, measure by measure, in the order written."""
        for part in ("numerator", "denominator"):
            for name, coefficient in getattr(self.kpi, part).items():
                subject, measure = name.split(".")
                yield Part(self.kpi_id, part, subject, measure, coefficient)


class _Dimension(Strict):
    dimension: Text
    kpis: dict[KpiId, Kpi] = Field(min_length=1)


def load_registry(folder: Path = DEFINITIONS) -> list[Registered]:
    """Every registered KPI by number.

    Raises ValueError for a number registered twice; pydantic's error names the file's entry that is wrong.
    """
    found: dict[str, Registered] = {}
    for path in sorted(folder.glob("*.yml")):
        content = _Dimension.model_validate(load_own_yaml(path.read_text("utf-8")))
        for kpi_id, kpi in content.kpis.items():
            if kpi_id in found:
                raise ValueError(f"{path.name}: {kpi_id} is registered twice")
            found[kpi_id] = Registered(kpi_id, content.dimension, kpi)
    return [found[kpi_id] for kpi_id in sorted(found)]
