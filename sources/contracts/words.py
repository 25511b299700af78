"""The words of a contract file: what it may say of a column, and what becomes of personal values.

Here: their shape. Not here: the contract as a whole (contract), what makes it consistent (rules).
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from sources.base.strict import Strict

Domain = Literal["his", "ph", "si", "cfg"]
DOMAINS: tuple[Domain, ...] = get_args(Domain)
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Bilingual(Strict):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Pseudonym(Strict):
    """The value leaves as `as_`: HMAC over "namespace|scope|value"; `scope` names the column the value is unique within.

    beside: the value leaves as well, under its own name, so that what only has its pseudonym can be joined to it.
    """

    namespace: Name
    scope: Name | None = None
    as_: Name = Field(alias="as")
    beside: bool = False


class IdCard(Strict):
    """An identity card number leaves as a pseudonym of the valid 18-character card, with a word on how it was judged."""

    as_: Name = Field(alias="as")
    status_as: Name
    birth_date_column: Name
    type_column: Name | None = None


class TestName(Strict):
    """The name is dropped; only whether it marks a test patient passes."""

    __test__ = False
    as_: Name = Field(alias="as")


class Privacy(Strict):
    """What leaves `sources/` in place of a personal column. Exactly one of the five ways."""

    drop: Literal[True] | None = None
    pseudonym: Pseudonym | None = None
    id_card: IdCard | None = None
    test_name: TestName | None = None
    generalise: Literal["year", "month"] | None = None
    as_: Name | None = Field(default=None, alias="as")

    @model_validator(mode="after")
    def _one_way(self) -> Privacy:
        ways = [self.drop, self.pseudonym, self.id_card, self.test_name, self.generalise]
        if sum(way is not None for way in ways) != 1:
            raise ValueError("privacy names exactly one of drop, pseudonym, id_card, test_name, generalise")
        if (self.generalise is None) != (self.as_ is None):
            raise ValueError("generalise needs `as`, and only generalise has it")
        return self


# What a coded column is a code of; `charge_item` is a drug, a service item or a consumable, as its row says.
Terminology = Literal["diagnosis", "procedure", "drug", "service_item", "consumable", "charge_item"]
# What a column tells about a person, for the person index; `contact_…` is somebody else than the person of the row.
Linkage = Literal[
    "name",
    "id_card",
    "id_card_type",
    "sex",
    "birth_date",
    "phone",
    "address",
    "division",
    "insurance_no",
    "health_record_no",
    "guardian",
    "contact_name",
    "contact_phone",
]


# Of whom a register keeps a record; its key leaves as `<kind>_key`.
RegisterKind = Literal["patient", "ehr", "insurance"]


class SideBySide(Strict):
    """Rows that vendors keep side by side on one sheet: what numbers them, and what makes one worth keeping."""

    number: Name
    filled: Name


class EventWindow(Strict):
    """Months before and after the delivery month in which an event may lie (an assumption, 假设)."""

    before: int = Field(ge=0)
    after: int = Field(ge=0)


class Column(Strict):
    name: Name
    business_name: str = Field(alias="businessName", min_length=1)
    description: str = Field(min_length=1)
    logical_type: Literal["string", "integer", "number", "date", "timestamp"] = Field(alias="logicalType")
    physical_type: str = Field(alias="physicalType")
    format: Literal["text", "json", "icd", "month"] | None = None
    conformed_name: Name | None = Field(default=None, alias="conformedName")
    required: bool
    primary_key: bool = Field(default=False, alias="primaryKey")
    primary_key_position: int | None = Field(default=None, alias="primaryKeyPosition")
    classification: Literal["P0", "P1", "P2", "P3", "P4"]
    unit: Literal["fen"] | None = None
    code_system: str | None = Field(default=None, alias="codeSystem")
    valid_values: tuple[str, ...] = Field(default=(), alias="validValues")
    terminology: Terminology | None = None
    terminology_version_column: Name | None = Field(default=None, alias="terminologyVersionColumn")
    # The column beside a code that says its name, so that other codes can be suggested by likeness.
    named_by: Name | None = Field(default=None, alias="namedBy")
    linkage: Linkage | None = None
    references: Literal["institution", "any_institution"] | None = None
    # The time that cannot lie after this one (V37): clocks of devices and systems disagree, such rows are marked.
    not_before: Name | None = Field(default=None, alias="notBefore")
    open_ended: bool = Field(default=False, alias="openEnded")
    when_invalid: Literal["quarantine", "nullify"] = Field(default="quarantine", alias="whenInvalid")
    privacy: Privacy | None = None
    examples: tuple[str, ...] = ()

    @property
    def is_money(self) -> bool:
        return self.unit == "fen"

    @property
    def max_length(self) -> int | None:
        found = re.fullmatch(r"(?:var)?char\((\d+)\)", self.physical_type)
        return int(found[1]) if found else None

    @property
    def duckdb_type(self) -> str:
        """The type of the value itself, before any privacy rule."""
        if self.logical_type == "string":
            return "VARCHAR"
        if self.physical_type.startswith("decimal"):
            return self.physical_type.upper()
        return {"bigint": "BIGINT", "int": "INTEGER", "smallint": "INTEGER"}.get(
            self.physical_type, self.logical_type.upper()
        )


def conformed_name(column: Column) -> str:
    """The name under which a contract column (or what stands for it) leaves `sources/`."""
    rule = column.privacy
    if rule is None or (rule.pseudonym and rule.pseudonym.beside):
        return column.conformed_name or column.name
    for way in (rule.pseudonym, rule.id_card, rule.test_name):
        if way is not None:
            return way.as_
    return rule.as_ or column.name
