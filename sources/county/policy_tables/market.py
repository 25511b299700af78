"""Policy of the internal market: what a service costs between members, how its money is shared, when silence confirms."""

from __future__ import annotations

from sources.county.policy_tables.shape import PolicyColumn, PolicyTable, optional, text

SIDES = ("hospital", "primary")
# Whose a share is. The first two are institutions, the others people or roles at them.
PARTY_OF_SIDE = {"hospital": "county_hospital", "primary": "township"}
PARTIES = (
    *PARTY_OF_SIDE.values(),
    "expert",
    "family_doctor",
    "nurse",
    "public_health",
    "village_doctor",
)  # fmt: skip
TABLES = (
    # A price holds from its first day on and only when it is signed: `document` names what was signed. A flat price is fen a unit;
    # a share is of the fee of the service, and market_split says whose how much of it is.
    PolicyTable(
        "market_price",
        (
            text("service_code"),
            text("name_zh"),
            text("unit"),
            text("provider_side", *SIDES),
            text("consumer_side", *SIDES),
            text("pricing", "flat", "share"),
            optional("price_fen", "integer"),
            text("version"),
            text("document", required=False),
            # What has to be true before it is paid; empty = not asked.
            optional("report_within_minutes", "integer"),
            optional("hours_per_unit"),
            optional("needs_check_in", "flag"),
            optional("volume_at_least", "integer"),
            text("quality_gate", "recognised", "closed", "followed_up", required=False),
            optional("gate_days", "integer"),
        ),
        ("service_code",),
        optional=True,
        continuous=False,
        of_days=True,
    ),
    PolicyTable(
        "market_split",
        (text("service_code"), text("party", *PARTIES), PolicyColumn("share", "number")),
        ("service_code", "party"),
        optional=True,
        continuous=False,
        of_days=True,
    ),
    # silence_days: after so many days without a word a service counts as confirmed. Ageing: the bounds of the bands of days.
    PolicyTable(
        "market_rule",
        (
            text("scope", "county"),
            PolicyColumn("silence_days", "integer"),
            PolicyColumn("ageing_first_days", "integer"),
            PolicyColumn("ageing_second_days", "integer"),
            PolicyColumn("ageing_third_days", "integer"),
            PolicyColumn("late_deduction_pct", "number"),
        ),
        ("scope",),
        optional=True,
        of_days=True,
    ),
)
