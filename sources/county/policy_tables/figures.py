"""Parameters, lists of codes, the calendar, figures from before the first month, and waivers."""

from __future__ import annotations

from sources.base.terms import QUALITY_DIMENSIONS
from sources.county.policy_tables.shape import PolicyColumn, PolicyTable, institution, optional, text

TABLES = (
    PolicyTable("kpi_parameter", (text("parameter"), PolicyColumn("value", "number")), ("parameter",)),
    # What a year's notice of holidays changes of its weeks: days off, and weekends that are worked.
    PolicyTable(
        "calendar_exception",
        (text("kind", "holiday", "workday"), text("name_zh")),
        ("kind",),
        continuous=False,
        of_days=True,
    ),
    PolicyTable("kpi_code_set", (text("code_set"), text("code")), ("code_set", "code"), continuous=False),
    PolicyTable(
        "quality_dimension",
        (
            text("dimension", *QUALITY_DIMENSIONS),
            PolicyColumn("weight", "number"),
            PolicyColumn("zero_at_pct", "number"),
        ),
        ("dimension",),
    ),
    PolicyTable("quality_parameter", (text("parameter"), PolicyColumn("value", "number")), ("parameter",)),
    PolicyTable(
        "opening_average_cost",
        (
            institution(),
            PolicyColumn("month", "month"),
            text("care_kind", "outpatient", "inpatient"),
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
            text("check_id"),
            institution(required=False),
            optional("month_from", "month"),
            text("reason"),
            text("owner"),
            PolicyColumn("expires_on", "date"),
            PolicyColumn("batches", "text", required=False, in_header=False),
        ),
        ("check_id", "institution_id", "month_from", "batches"),
        optional=True,
        continuous=False,
    ),
)
