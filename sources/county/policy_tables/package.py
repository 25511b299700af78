"""Policy of the insurance package: who signed, how it is settled, what of a surplus is kept and who bears an overspending.

Not here: what the county does with what it kept (the pool).
"""

from __future__ import annotations

from sources.county.policy_tables.shape import PolicyColumn, PolicyTable, community, optional, text

_SCHEMES = ("310", "390")  # employees, residents

TABLES = (
    # Who signed for a community's package of an insurance (* = of each): whether it is one legal person decides the mode.
    PolicyTable(
        "package_contract",
        (
            community(),
            text("insurance", *_SCHEMES, "*"),
            text("signed_by", "unified_legal_person", "members_jointly"),
            text("document"),
        ),
        ("community_id", "insurance"),
        optional=True,
        continuous=False,
    ),
    # How the packages of an insurance are settled. Rates are shares of 1, the percentile one of 100.
    PolicyTable(
        "package_rule",
        (
            text("insurance", *_SCHEMES),
            text("method", "retention", "capitation"),
            # What counts as the budget: what the bureau told each community, or the county's whole split anew.
            text("budget_basis", "told", "heads", "risk"),
            # 1 = the lead's score alone, 0 = the mean of the other members.
            PolicyColumn("lead_score_share", "number"),
            # Months after which nothing of a month outside the county is to come.
            PolicyColumn("mature_after_months", "integer"),
            # Complete months there must be before shares known are learned from them.
            PolicyColumn("learn_from_months", "integer"),
            optional("truncation_percentile"),
            optional("minimum_savings_rate"),
            # Below this surplus rate the marts warn.
            optional("warning_surplus_rate"),
            # Of the mixed way to share out the county's net, so much goes by what was spent the year before, the rest by risk.
            PolicyColumn("history_share", "number", required=False, in_header=False),
        ),
        ("insurance",),
        optional=True,
    ),
    # Between which multiples of the mean a person's risk counts.
    PolicyTable(
        "risk_rule",
        (
            text("insurance", *_SCHEMES),
            PolicyColumn("risk_floor", "number"),
            PolicyColumn("risk_cap", "number"),
        ),
        ("insurance",),
        optional=True,
    ),
    # From lower_score on, below upper_score (empty: no upper end), so much of a surplus is kept.
    PolicyTable(
        "retention_band",
        (
            PolicyColumn("lower_score", "number"),
            optional("upper_score"),
            PolicyColumn("retention_rate", "number"),
        ),
        ("lower_score",),
        optional=True,
    ),
    # Of what lies between these shares of the budget beyond it, the insurance bears so much.
    PolicyTable(
        "overspend_band",
        (
            PolicyColumn("lower_rate", "number"),
            optional("upper_rate"),
            PolicyColumn("insurance_share", "number"),
        ),
        ("lower_rate",),
        optional=True,
    ),
    # What a head is paid a year: basic by age, or of a disease by where the person is in care.
    PolicyTable(
        "capitation_rate",
        (
            text("insurance", *_SCHEMES),
            text("capitation_group"),
            text("place", "any", "primary", "hospital"),
            PolicyColumn("age_from", "integer"),
            optional("age_to", "integer"),
            PolicyColumn("coefficient", "number"),
            PolicyColumn("annual_fen", "integer"),
        ),
        ("insurance", "capitation_group", "place", "age_from"),
        optional=True,
    ),
    # How much of a month outside the county is known so many months later; learned from deliveries where nothing is said.
    PolicyTable(
        "completion_factor",
        (
            PolicyColumn("age_months", "integer"),
            PolicyColumn("known_share", "number"),
            text("precedence", "always", "until_learned"),
        ),
        ("age_months",),
        optional=True,
    ),
)
