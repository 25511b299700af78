"""The policy tables: what stands in every `policy/<table>.csv`, column by column.

Not here: how a file is read and judged (policy), what its figures mean together (policy_checks, policy_in_force).
"""

from __future__ import annotations

from dataclasses import dataclass

from sources.base.terms import (
    APPEAL_STATES,
    DEDUCTION_KINDS,
    QUALITY_DIMENSIONS,
    TIERS,
    UNIT_TIERS,
    VETO_KINDS,
)


@dataclass(frozen=True)
class PolicyColumn:
    """One column of a policy file: `kind` is text, institution, number, integer, flag (0/1), date, month or kpi.

    in_header: whether the header must name it, filled or not.
    """

    name: str
    kind: str
    required: bool = True
    choices: tuple[str, ...] = ()
    in_header: bool = True


def _text(name: str, *choices: str, required: bool = True) -> PolicyColumn:
    return PolicyColumn(name, "text", required, choices)


def _institution(name: str = "institution_id", required: bool = True) -> PolicyColumn:
    return PolicyColumn(name, "institution", required)


def _optional(name: str, kind: str = "number") -> PolicyColumn:
    return PolicyColumn(name, kind, required=False)


COMMON = (
    PolicyColumn("effective_from", "date"),
    _optional("effective_to", "date"),
    PolicyColumn("assumption", "flag"),
    _optional("origin", "text"),
)


@dataclass(frozen=True)
class PolicyTable:
    """A policy file: its own columns, the key that only one row may hold at a time, and whether it may be absent.

    continuous: rows of one key follow each other without a day between them. of_days: a row says something of its days; those
    of other tables say what counts in a month on whose last day they are in force.
    """

    name: str
    own_columns: tuple[PolicyColumn, ...]
    key: tuple[str, ...]
    optional: bool = False
    continuous: bool = True
    of_days: bool = False

    @property
    def columns(self) -> tuple[PolicyColumn, ...]:
        return (*self.own_columns, *COMMON)


KPI = PolicyColumn("kpi_id", "kpi")
TABLES = (
    PolicyTable(
        "kpi_target",
        (
            KPI,
            _text("institution_tier", *UNIT_TIERS, required=False),
            _institution(required=False),
            _text("target_mode", "abs", "delta", "ratio", "range"),
            *(
                _optional(n)
                for n in ("baseline", "target", "challenge", "floor", "range_low", "range_high", "tolerance")
            ),
            # 1: a target of the whole year, against which a year-to-date value counts by the share that is over.
            PolicyColumn("elapsed_share", "flag", required=False, in_header=False),
        ),
        ("kpi_id", "institution_tier", "institution_id"),
    ),
    PolicyTable(
        "institution_baseline",
        (_institution(), KPI, PolicyColumn("baseline_value", "number")),
        ("institution_id", "kpi_id"),
        optional=True,
    ),
    PolicyTable(
        "kpi_weight",
        (
            _text("institution_tier", *TIERS),
            KPI,
            _text("dimension"),
            PolicyColumn("weight", "number"),
            # What is one says the registry of indicators; a claim of the lead's card is held against it.
            PolicyColumn("primary_outcome", "flag", required=False, in_header=False),
            # A value that does not reach it scores 0.
            PolicyColumn("must_reach", "number", required=False, in_header=False),
        ),
        ("institution_tier", "kpi_id"),
    ),
    PolicyTable(
        "score_anchor",
        (_text("anchor", "floor", "baseline", "target", "challenge"), PolicyColumn("points", "number")),
        ("anchor",),
    ),
    PolicyTable(
        "pay_curve",
        (
            PolicyColumn("score_from", "number"),
            _optional("score_to"),
            PolicyColumn("coefficient_from", "number"),
            PolicyColumn("coefficient_to", "number"),
        ),
        ("score_from",),
    ),
    PolicyTable(
        "score_veto",
        (
            _institution(),
            _text("kind", *VETO_KINDS),
            PolicyColumn("month_from", "month"),
            PolicyColumn("month_to", "month"),
            PolicyColumn("pay_cap", "number"),
            # Who decided it when, by which document: policy_decisions demands them and says why.
            _text("decided_by", required=False),
            _optional("decided_on", "date"),
            _text("document", required=False),
            _text("appeal_state", *APPEAL_STATES),
            _optional("appeal_decided_on", "date"),
        ),
        ("institution_id", "kind", "month_from"),
        optional=True,
        continuous=False,
    ),
    PolicyTable(
        "score_deduction",
        (
            _institution(),
            PolicyColumn("year", "integer"),
            _text("kind", *DEDUCTION_KINDS),
            PolicyColumn("points", "number"),
            _text("document"),
        ),
        ("institution_id", "year", "kind", "document"),
        optional=True,
        continuous=False,
    ),
    PolicyTable(
        "deduction_rule",
        (
            _text("institution_tier", *TIERS),
            KPI,
            # Of every unit (percentage point, day, …) that the value falls short, so many points, but no more than.
            PolicyColumn("short_of", "number"),
            PolicyColumn("points_per_unit", "number"),
            PolicyColumn("points_at_most", "number"),
        ),
        ("institution_tier", "kpi_id"),
        optional=True,
        continuous=False,
    ),
    PolicyTable(
        "mutual_assessment",
        (
            _institution("rater_id"),
            _institution(),
            PolicyColumn("year", "integer"),
            PolicyColumn("points", "number"),
            PolicyColumn("ballots", "integer"),
        ),
        ("rater_id", "institution_id", "year"),
        optional=True,
        continuous=False,
    ),
    # Which casemix scheme groups the cases of a day, and where the county reads it otherwise than published (sources/casemix).
    PolicyTable(
        "casemix_scheme",
        (
            _text("method", "drg"),
            _text("scheme"),
            _text("procedure_matching", "principal", "any", required=False),
            _text("ambiguous_groups", "off", "on", required=False),
            _text("ambiguous_never", required=False),
            _text("mdc_lists", "published", "completed", required=False),
            _text("condition_variants", required=False),
            _text("newborn_without_weight", "grouped", "rejected", required=False),
        ),
        ("method",),
        optional=True,
        of_days=True,
    ),
    # How a DIP case is settled; * = any. Regions differ in bounds, in who reaches them, in a cap and in where factors multiply.
    PolicyTable(
        "dip_rule",
        (
            _text("region"),
            _text("dip_type", "1", "2", "3", "*"),
            _text("insurance", "310", "390", "*"),
            PolicyColumn("lower_bound", "number"),
            PolicyColumn("lower_inclusive", "flag"),
            PolicyColumn("upper_bound", "number"),
            PolicyColumn("upper_inclusive", "flag"),
            # No more than so much; what lies beyond it counts as the cap does (if nothing is said), or as if it were normal.
            PolicyColumn("ratio_cap", "number", required=False, in_header=False),
            PolicyColumn(
                "beyond_cap", "text", required=False, choices=("at_cap", "as_normal"), in_header=False
            ),
            _text("institution_factor_on", "all", "base", "none"),
            _text("auxiliary_factor_on", "before_test", "after_test"),
        ),
        ("region", "dip_type", "insurance"),
        optional=True,
        of_days=True,
    ),
    PolicyTable(
        "dip_catalogue",
        (
            _text("dip_code"),
            _text("dip_type", "1", "2", "3"),
            PolicyColumn("score", "number"),
            PolicyColumn("mean_cost_fen", "integer"),
        ),
        ("dip_code", "dip_type"),
        optional=True,
        of_days=True,
    ),
    PolicyTable("kpi_parameter", (_text("parameter"), PolicyColumn("value", "number")), ("parameter",)),
    # What a year's notice of holidays changes of its weeks: days off, and weekends that are worked.
    PolicyTable(
        "calendar_exception",
        (_text("kind", "holiday", "workday"), _text("name_zh")),
        ("kind",),
        continuous=False,
        of_days=True,
    ),
    PolicyTable("kpi_code_set", (_text("code_set"), _text("code")), ("code_set", "code"), continuous=False),
    PolicyTable(
        "quality_dimension",
        (
            _text("dimension", *QUALITY_DIMENSIONS),
            PolicyColumn("weight", "number"),
            PolicyColumn("zero_at_pct", "number"),
        ),
        ("dimension",),
    ),
    PolicyTable("quality_parameter", (_text("parameter"), PolicyColumn("value", "number")), ("parameter",)),
    PolicyTable(
        "opening_average_cost",
        (
            _institution(),
            PolicyColumn("month", "month"),
            _text("care_kind", "outpatient", "inpatient"),
            PolicyColumn("cases", "integer"),
            PolicyColumn("cost_fen", "integer"),
        ),
        ("institution_id", "month", "care_kind"),
        optional=True,
        continuous=False,
    ),
    PolicyTable(
        "waiver",
        (
            _text("check_id"),
            _institution(required=False),
            _optional("month_from", "month"),
            _text("reason"),
            _text("owner"),
            PolicyColumn("expires_on", "date"),
            PolicyColumn("batches", "text", required=False, in_header=False),
        ),
        ("check_id", "institution_id", "month_from", "batches"),
        optional=True,
        continuous=False,
    ),
)
