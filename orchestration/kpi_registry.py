"""The registry of KPIs: what dbt_project/kpis/<dimension>.yml says, checked and typed.

Here: the words of a definition and reading them. Not here: what is written from them (kpi_generated), how a KPI is computed
(dbt_project/models/kpi), its targets and weights (policy of a county).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, StringConstraints, model_validator

from sources.base.likeness import nearest
from sources.base.strict import Strict
from sources.base.terms import Tier, UnitLevel
from sources.base.yamlfile import load_own_yaml
from sources.contracts.words import Bilingual

DBT_PROJECT = Path(__file__).parents[1] / "dbt_project"
DEFINITIONS = DBT_PROJECT / "kpis"
EVIDENCE = DBT_PROJECT / "models" / "kpi" / "evidence"

KpiId = Annotated[str, StringConstraints(pattern=r"^KPI-\d{3}$")]
# `subject.measure`: a column of the evidence model of that subject, marked as a measure; `@12` takes it twelve months earlier.
MeasureName = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z][a-z0-9_]*(@[1-9][0-9]?)?$")]
OverMonths = Literal["sum", "last", "mean"]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
BELOW: tuple[UnitLevel, ...] = ("department", "physician")


class Counts(Strict):
    """What the two parts count, in Chinese."""

    numerator: Text
    denominator: Text


class PartsOverMonths(Strict):
    """How each part is taken over the months of a window."""

    numerator: OverMonths
    denominator: OverMonths


class Scored(Strict):
    """Which window is scored, days after month end until it is mature, smallest sample of a valid value."""

    window: Literal["month", "quarter", "half_year", "ytd", "rolling12"]
    matures_after_days: int = Field(ge=0)
    at_least: int = Field(ge=1)


class InCards(Strict):
    """What a score card may do with a KPI: a property of the KPI, which no policy row can claim.

    primary_outcome: it shows the quality of primary care or what has been brought down to it (REQ-097).
    static_resource: it counts what stands there (beds, worth of equipment), and may weigh nothing.
    together_with: KPIs without which it rewards volume; a card with it has those of them that its tier has.
    """

    primary_outcome: bool = False
    static_resource: bool = False
    together_with: tuple[KpiId, ...] = ()


class Part(NamedTuple):
    """One line of a part: a measure of a subject, times its coefficient, as it was so many months earlier.

    item: the column of which different values are counted, where the statistic is `distinct`.
    """

    kpi_id: str
    part: str
    subject: str
    measure: str
    coefficient: int
    offset_months: int
    item: str = ""


class Kpi(Strict):
    """A definition. value = numerator / denominator × scale / divisor, or the statistic of the numerator's measure.

    statistic: `ratio` of sums; `median` or `p90` of single values; `cv` their standard deviation over their mean; `distinct`
    a ratio in which parts of measures marked so count different things instead of adding up; `life_table` the probability to die,
    of deaths over person-months by five-year group (the mark `distinct` names the column of the group), states of a month.
    numerator, denominator: measures and how often each is added (-1 takes it away).
    over_months: `sum` adds the months of a window, `last` takes the state of its last month, `mean` the mean of its months.
    weekly: watched week by week too (REQ-106: never scored): a ratio of sums of events that name their day.
    pooled_months: the parameter that says how many months a state is made of, where it pools more than its own.
    possible: the lowest and highest value there can be (null: no bound); targets keep within it. plausible: warns outside.
    tiers: of institutions that have a value of their own; villages elsewhere count with the institution that keeps them.
    levels: units that have a value; not given = all at which its measures are known.
    feeds: what must have been delivered for the value to count. policy: parameters and code sets that it reads.
    in_cards: what a score card may do with it.
    not_computed: why there is no value anywhere (the data do not exist); such a definition has no measures.
    why, misleads: why it matters and where it misleads. checked_by: who has confirmed the definition, none = nobody yet.
    """

    code: Text | None = None
    name: Bilingual
    unit: Text
    better: Literal["higher", "lower", "range", "monitor"]
    statistic: Literal["ratio", "median", "p90", "cv", "distinct", "life_table"] = "ratio"
    over_months: OverMonths | PartsOverMonths = "sum"
    weekly: bool = False
    pooled_months: Text | None = None
    scale: int = Field(default=1, ge=1)
    divisor: int = Field(default=1, ge=1)
    numerator: dict[MeasureName, int] = Field(default_factory=dict)
    denominator: dict[MeasureName, int] = Field(default_factory=dict)
    is_share: bool = False
    possible: tuple[float | None, float | None] | None = None
    plausible: tuple[float, float] | None = None
    tiers: tuple[Tier, ...] = ()
    levels: tuple[UnitLevel, ...] = ()
    scored: Scored
    feeds: list[Text] = Field(min_length=1)
    policy: tuple[Text, ...] = ()
    in_cards: InCards = InCards()
    origin: Text
    is_assumption: bool = False
    not_computed: Text | None = None
    why: Text
    misleads: Text | None = None
    owner: Text | None = None
    checked_by: Text | None = None
    version: int = Field(default=1, ge=1)
    effective_from: date = date(2015, 1, 1)
    definition: Bilingual
    counts: Counts

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        measured = bool(self.numerator), bool(self.denominator)
        if self.not_computed and any(measured):
            raise ValueError("a KPI is computed or says why it is not (not_computed), not both")
        if not self.not_computed and not all(measured):
            raise ValueError("numerator and denominator name at least one measure each")
        if self.statistic in ("median", "p90", "cv") and len(self.numerator) > 1:
            raise ValueError(f"{self.statistic} is taken of one measure")
        if self.statistic == "life_table" and self.over_months != "last":
            raise ValueError("a life table is a state of its month: over_months: last")
        looks_back = any("@" in name for name in (*self.numerator, *self.denominator))
        adds_up = all(measured) and self.statistic == "ratio" and self.over_months == "sum"
        if self.weekly and (looks_back or not adds_up):
            raise ValueError("watched weekly is a ratio of sums of the week's own events")
        if self.pooled_months and (self.over_months != "last" or self.pooled_months not in self.policy):
            raise ValueError("pooled_months is a parameter of the policy, of a state (over_months: last)")
        if self.is_share and any(name.endswith("_fen") for name in (*self.numerator, *self.denominator)):
            raise ValueError("money is no share of events (is_share): refunds may stand in another month")
        if self.plausible is not None and self.plausible[0] >= self.plausible[1]:
            raise ValueError("plausible is [lowest, highest]")
        if bool(self.tiers) != ("institution" in self.levels) and self.levels:
            raise ValueError("tiers and the level institution belong together")
        return self

    @property
    def over(self) -> PartsOverMonths:
        """How each part is taken over months."""
        if isinstance(self.over_months, PartsOverMonths):
            return self.over_months
        return PartsOverMonths(numerator=self.over_months, denominator=self.over_months)


class Registered(NamedTuple):
    """A KPI with its number and the dimension it belongs to."""

    kpi_id: str
    dimension: str
    owner: str
    next_review: date
    kpi: Kpi

    def parts(self) -> Iterator[Part]:
        """Its numerator and denominator, measure by measure, in the order written."""
        for part in ("numerator", "denominator"):
            for name, coefficient in getattr(self.kpi, part).items():
                subject, measure = name.split(".")
                measure, _, months = measure.partition("@")
                yield Part(self.kpi_id, part, subject, measure, coefficient, int(months or 0))

    def unit_levels(self, known_subjects: Mapping[str, Subject]) -> list[UnitLevel]:
        """Units at which it has a value.

        Raises ValueError if the definition claims a level that the events of one of its subjects do not name.
        """
        of_institutions: list[UnitLevel] = ["institution"] if self.kpi.tiers else []
        above: list[UnitLevel] = ["county", "community", *of_institutions]
        subjects = {part.subject for part in self.parts()}
        below = [level for level in BELOW if all(level in known_subjects[s].levels for s in subjects)]
        known = [*above, *(below if subjects and self.kpi.tiers else [])]
        if unknown := [level for level in self.kpi.levels if level not in known]:
            raise ValueError(
                f"{self.kpi_id}: no figures at {', '.join(unknown)}: its events do not say whose they are"
            )
        return [level for level in known if level in self.kpi.levels or not self.kpi.levels]


class _Dimension(Strict):
    """A file: who answers for its definitions, and until when they are looked at again."""

    dimension: Text
    owner: Text
    next_review: date
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
            owner = kpi.owner or content.owner
            found[kpi_id] = Registered(kpi_id, content.dimension, owner, content.next_review, kpi)
    return [found[kpi_id] for kpi_id in sorted(found)]


class Subject(NamedTuple):
    """What the description of an evidence model says: levels below the institution that its events name, {measure: column of
    which different values are counted}, and {measure: what it counts, `中文 | English`}.
    """

    levels: tuple[UnitLevel, ...]
    items: dict[str, str]
    measures: Mapping[str, str] = MappingProxyType({})


def load_subjects(folder: Path = EVIDENCE) -> dict[str, Subject]:
    """{name: subject} of every evidence model."""
    found = {}
    for path in sorted(folder.glob("kpi_evidence__*.yml")):
        (model,) = load_own_yaml(path.read_text("utf-8"))["models"]
        marks = {column["name"]: _meta(column) for column in model["columns"]}
        items = {name: meta["distinct"] for name, meta in marks.items() if "distinct" in meta}
        measures = {
            column["name"]: column["description"]
            for column in model["columns"]
            if _meta(column).get("measure")
        }
        levels = tuple(_meta(model).get("levels", ()))
        found[path.stem.removeprefix("kpi_evidence__")] = Subject(levels, items, measures)
    return found


def require_measures(registry: Iterable[Registered], subjects: Mapping[str, Subject]) -> None:
    """Raise ValueError if a definition names a measure that no evidence model marks, naming the nearest."""
    known = {f"{name}.{measure}" for name, subject in subjects.items() for measure in subject.measures}
    for one in registry:
        for part in one.parts():
            if (name := f"{part.subject}.{part.measure}") not in known:
                raise ValueError(
                    f"{one.kpi_id} {part.part}: 没有计量 {name},相近的有 {nearest(name, known)} / no evidence model "
                    f"marks such a measure (models/kpi/evidence)"
                )


def _meta(described: dict) -> dict:
    return described.get("config", {}).get("meta", {})
