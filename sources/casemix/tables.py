"""The tables of a casemix scheme: their columns, keys and words; `docs/casemix.md` says them for people.

Not here: reading them (scheme), what they mean together (checks).
"""

from __future__ import annotations

from dataclasses import dataclass

LIST_ROLES = {
    "principal_diagnosis": "diagnosis",
    "any_diagnosis": "diagnosis",
    "principal_procedure": "procedure",
    "any_procedure": "procedure",
    "trauma_site": "diagnosis",
}
NUMBER_ROLES = ("sex", "age_years", "age_days", "birth_weight_g")
SEVERITY_RULES = ("mcc", "mcc_or_cc", "otherwise", "unsplit")
KINDS = ("surgical", "operation", "medical")
TRAUMA_SITE = "trauma_site"
OR_PROCEDURE = "or_procedure"


@dataclass(frozen=True)
class Column:
    """kind: text, integer or number; an empty cell is missing. choices: what else it must be one of."""

    name: str
    kind: str = "text"
    required: bool = True
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One CSV file: further columns are left alone. optional: neither the scheme nor its base need have it."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    optional: bool = False


def _optional(name: str, kind: str = "text", *choices: str) -> Column:
    return Column(name, kind, required=False, choices=choices)


_PLACE = (Column("alternative", "integer"), Column("clause", "integer"))
_CLAUSE = (
    *_PLACE,
    Column("role", choices=(*LIST_ROLES, *NUMBER_ROLES)),
    _optional("quantifier", "text", "any", "none"),
    _optional("min_count", "integer"),
    _optional("list_id"),
    _optional("lower_inclusive", "number"),
    _optional("upper_exclusive", "number"),
)

TABLES = {
    table.name: table
    for table in (
        Table("mdc", (Column("mdc"), Column("try_order", "integer"), Column("name_zh")), ("mdc",)),
        Table("mdc_condition", (Column("mdc"), *_CLAUSE), ("mdc", "alternative", "clause")),
        Table(
            "mdc_principal_diagnosis", (Column("mdc"), Column("diagnosis_code")), ("mdc", "diagnosis_code")
        ),
        Table(TRAUMA_SITE, (Column("site"), Column("diagnosis_code")), ("diagnosis_code",), optional=True),
        Table(
            "adrg",
            (
                Column("adrg"),
                Column("mdc"),
                Column("try_order", "integer"),
                Column("kind", choices=KINDS),
                Column("name_zh"),
            ),
            ("adrg",),
        ),
        Table("adrg_condition", (Column("adrg"), *_CLAUSE), ("adrg", "alternative", "clause")),
        # Another reading of an ADRG: chosen by name, its rows stand for all conditions of that ADRG.
        Table(
            "adrg_condition_variant",
            (Column("variant"), Column("adrg"), *_CLAUSE),
            ("variant", "adrg", "alternative", "clause"),
            optional=True,
        ),
        Table(
            "code_list",
            (Column("list_id"), Column("code"), Column("code_system", choices=("diagnosis", "procedure"))),
            ("list_id", "code"),
        ),
        Table(
            "drg",
            (
                Column("drg"),
                Column("adrg"),
                Column("severity"),
                Column("severity_rule", choices=SEVERITY_RULES),
                Column("name_zh"),
            ),
            ("drg",),
        ),
        Table(
            "complication",
            (Column("diagnosis_code"), Column("level", choices=("MCC", "CC")), _optional("exclusion_group")),
            ("diagnosis_code",),
        ),
        Table(
            "exclusion",
            (Column("exclusion_group"), Column("principal_diagnosis_code")),
            ("principal_diagnosis_code",),
        ),
        Table("weight", (Column("drg"), Column("weight", "number")), ("drg",), optional=True),
        Table(
            "rate",
            (Column("insurance_type"), _optional("hospital_grade"), Column("rate", "number")),
            ("insurance_type", "hospital_grade"),
            optional=True,
        ),
        # Places where published lists do not fit each other; one switch adds what they lack.
        Table(
            "known_gap",
            (Column("kind"), _optional("mdc"), _optional("adrg"), Column("code")),
            ("kind", "mdc", "adrg", "code"),
            optional=True,
        ),
    )
}
