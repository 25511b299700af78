"""Policy of casemix: which scheme groups, what a group weighs and how dangerous it is, how a DIP case is settled."""

from __future__ import annotations

from sources.county.policy_tables.shape import PolicyColumn, PolicyTable, optional, text

TABLES = (
    # Which casemix scheme groups the cases of a day, and where the county reads it otherwise than published (sources/casemix).
    PolicyTable(
        "casemix_scheme",
        (
            text("method", "drg"),
            text("scheme"),
            text("procedure_matching", "principal", "any", required=False),
            text("ambiguous_groups", "off", "on", required=False),
            text("ambiguous_never", required=False),
            text("mdc_lists", "published", "completed", required=False),
            text("condition_variants", required=False),
            text("newborn_without_weight", "grouped", "rejected", required=False),
        ),
        ("method",),
        optional=True,
        of_days=True,
    ),
    # How a DIP case is settled; * = any. Regions differ in bounds, in who reaches them, in a cap and in where factors multiply.
    PolicyTable(
        "dip_rule",
        (
            text("region"),
            text("dip_type", "1", "2", "3", "*"),
            text("insurance", "310", "390", "*"),
            PolicyColumn("lower_bound", "number"),
            PolicyColumn("lower_inclusive", "flag"),
            PolicyColumn("upper_bound", "number"),
            PolicyColumn("upper_inclusive", "flag"),
            # No more than so much; what lies beyond it counts as the cap does (if nothing is said), or as if it were normal.
            PolicyColumn("ratio_cap", "number", required=False, in_header=False),
            PolicyColumn(
                "beyond_cap", "text", required=False, choices=("at_cap", "as_normal"), in_header=False
            ),
            text("institution_factor_on", "all", "base", "none"),
            text("auxiliary_factor_on", "before_test", "after_test"),
        ),
        ("region", "dip_type", "insurance"),
        optional=True,
        of_days=True,
    ),
    PolicyTable(
        "dip_catalogue",
        (
            text("dip_code"),
            text("dip_type", "1", "2", "3"),
            PolicyColumn("score", "number"),
            PolicyColumn("mean_cost_fen", "integer"),
        ),
        ("dip_code", "dip_type"),
        optional=True,
        of_days=True,
    ),
    # What a case of a group weighs, and what others of it cost and stay: the yardstick of the county, of the payer or of the province.
    PolicyTable(
        "drg_weight",
        (
            text("scheme"),
            text("drg"),
            PolicyColumn("weight", "number"),
            optional("mean_cost_fen", "integer"),
            optional("mean_los_days"),
        ),
        ("scheme", "drg"),
        optional=True,
        of_days=True,
    ),
    # How likely patients of a group die, by a table of the nation or the province: 0 hardly ever, 1 low … 4 high. A county's own
    # deaths cannot say it.
    PolicyTable(
        "mortality_risk",
        (text("scheme"), text("drg"), text("risk_level", "0", "1", "2", "3", "4")),
        ("scheme", "drg"),
        optional=True,
        of_days=True,
    ),
)
