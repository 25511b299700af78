"""Data contracts: the single truth of every feed's columns, loaded from `contracts/<system>/<feed>.yml`.

Here: the shape of a contract file, its validation, and what is derived from it (conformed columns, Arrow schema).
Not here: how a vendor's file is read (mapping) or how values are judged (conforming).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal, get_args

import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sources.contracts.rules import column_problems, contract_problems

CONTRACTS_DIR = Path(__file__).parent
Domain = Literal["his", "ph", "si", "cfg"]
DOMAINS: tuple[Domain, ...] = get_args(Domain)

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Bilingual(_Strict):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Pseudonym(_Strict):
    """The value leaves as `as_`: HMAC over "namespace|scope|value"; `scope` names the column the value is unique within."""

    namespace: Name
    scope: Name | None = None
    as_: Name = Field(alias="as")


class IdCard(_Strict):
    """An identity card number leaves as a pseudonym of the valid 18-character card, with a word on how it was judged."""

    as_: Name = Field(alias="as")
    status_as: Name
    birth_date_column: Name
    type_column: Name | None = None


class TestName(_Strict):
    """The name is dropped; only whether it marks a test patient passes."""

    __test__ = False
    as_: Name = Field(alias="as")


class Privacy(_Strict):
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


class EventWindow(_Strict):
    """Months before and after the delivery month in which an event may lie (an assumption, 假设)."""

    before: int = Field(ge=0)
    after: int = Field(ge=0)


class Column(_Strict):
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
    linkage: Linkage | None = None
    references: Literal["institution", "any_institution"] | None = None
    open_ended: bool = Field(default=False, alias="openEnded")
    when_invalid: Literal["quarantine", "nullify"] = Field(default="quarantine", alias="whenInvalid")
    privacy: Privacy | None = None
    examples: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Column:
        problems = list(column_problems(self))
        if problems:
            raise ValueError("; ".join(f"{self.name}: {problem}" for problem in problems))
        return self

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


@dataclass(frozen=True)
class ConformedColumn:
    """One column as it leaves `sources/`: name, DuckDB type, descriptions, and the contract column it comes from."""

    name: str
    duckdb_type: str
    zh: str
    en: str
    source: str | None


TECHNICAL_COLUMNS = (
    ConformedColumn("source_batch_id", "VARCHAR", "批次号", "batch the row came in", None),
    ConformedColumn(
        "source_file", "VARCHAR", "来源文件(收件目录内路径)", "file the row came in, relative to inbox", None
    ),
    ConformedColumn("source_line", "BIGINT", "来源行号(自1起)", "line in that file, counted from 1", None),
    ConformedColumn("op_flag", "VARCHAR", "操作标志(I/U/D)", "operation told by the source: I, U or D", None),
    ConformedColumn(
        "src_update_ts", "TIMESTAMP", "源系统更新时间", "time of the last change in the source", None
    ),
    ConformedColumn("row_hash", "VARCHAR", "行内容哈希", "hash of the row's conformed content", None),
)
TECHNICAL_INPUTS = ("op_flag", "src_update_ts")


class Contract(_Strict):
    api_version: Literal["v3.1.0"] = Field(alias="apiVersion")
    kind: Literal["DataContract"]
    id: Name
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    status: Literal["draft", "active", "deprecated"]
    domain: Domain
    # Who makes the feed: members and platforms deliver it, or this product writes it itself.
    provider: Literal["member", "product"] = "member"
    name: str = Field(min_length=1)
    description: Bilingual
    grain: Bilingual
    source_system: str
    refresh: str
    delivery: Literal["events", "snapshot", "changes"]
    # The list of every month is kept beside the others; else a later month's row replaces the earlier one.
    keep_every_month: bool = False
    event_time: Name | None
    event_window_months: EventWindow | None = None
    control_money: Name | None
    known_differences: str
    columns: tuple[Column, ...] = Field(alias="schema", min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Contract:
        problems = list(contract_problems(self))
        if problems:
            raise ValueError("; ".join(f"{self.id}: {problem}" for problem in problems))
        return self

    @property
    def feed(self) -> str:
        return self.id

    @property
    def key(self) -> tuple[str, ...]:
        """Contract columns of the key, in order. Unique only together with the deliverer (institution_id)."""
        keys = [column for column in self.columns if column.primary_key]
        return tuple(column.name for column in sorted(keys, key=lambda c: c.primary_key_position or 0))

    @property
    def conformed_key(self) -> tuple[str, ...]:
        """The key as conformed columns: a pseudonymised key column stands under its new name."""
        return tuple(conformed_name(self.column(name)) for name in self.key)

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError when the contract has none."""
        return self.columns_by_name[name]

    @cached_property
    def columns_by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def conformed(self) -> tuple[ConformedColumn, ...]:
        """Every column that leaves `sources/`, in order: contract columns after privacy, then the technical ones."""
        own = [out for column in self.columns for out in _conformed_columns(column)]
        return (*own, *TECHNICAL_COLUMNS)

    def conformed_columns(self) -> list[tuple[str, str, str, str]]:
        """[(name, DuckDB type, Chinese description, English description)] of the conformed feed, in order."""
        return [(c.name, c.duckdb_type, c.zh, c.en) for c in self.conformed]

    def arrow_schema(self) -> pa.Schema:
        """Arrow schema of the conformed feed, descriptions as field metadata."""
        return pa.schema(
            [
                pa.field(c.name, arrow_type(c.duckdb_type), metadata={"comment_zh": c.zh, "comment_en": c.en})
                for c in self.conformed
            ],
            metadata={"feed": self.feed, "contract_version": self.version},
        )


def conformed_name(column: Column) -> str:
    """The name under which a contract column (or what stands for it) leaves `sources/`."""
    rule = column.privacy
    if rule is None:
        return column.conformed_name or column.name
    for way in (rule.pseudonym, rule.id_card, rule.test_name):
        if way is not None:
            return way.as_
    return rule.as_ or column.name


def _conformed_columns(column: Column) -> list[ConformedColumn]:
    rule, name = column.privacy, conformed_name(column)
    zh, en = _described(column)
    if rule is None:
        return [ConformedColumn(name, column.duckdb_type, zh, en, column.name)]
    if rule.drop:
        return []
    if rule.pseudonym:
        return [ConformedColumn(name, "VARCHAR", f"{zh}(假名)", f"pseudonym of: {en}", column.name)]
    if rule.id_card:
        judged = ConformedColumn(
            rule.id_card.status_as,
            "VARCHAR",
            "证件判定:valid有效 missing未提供 invalid无效 not_own非本人证件",
            "how the identity card was judged: valid, missing, invalid, not_own",
            column.name,
        )
        return [
            ConformedColumn(
                name, "VARCHAR", f"{zh}(假名,仅有效证件)", f"pseudonym of a valid {en}", column.name
            ),
            judged,
        ]
    if rule.test_name:
        return [ConformedColumn(name, "BOOLEAN", "是否测试患者", "true for a test patient", column.name)]
    if rule.generalise == "month":
        return [ConformedColumn(name, "VARCHAR", f"{zh}(仅年月)", f"month of: {en}, YYYY-MM", column.name)]
    return [ConformedColumn(name, "INTEGER", f"{zh}(仅年份)", f"year of: {en}", column.name)]


def _described(column: Column) -> tuple[str, str]:
    zh, en = column.business_name, column.description
    if column.is_money:
        return f"{zh}(分)", f"{en}, in fen"
    return zh, en


_ARROW_TYPES = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}


def arrow_type(duckdb_type: str) -> pa.DataType:
    """Arrow type of a DuckDB type used in contracts. Raises KeyError for any other."""
    decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", duckdb_type)
    if decimal:
        return pa.decimal128(int(decimal[1]), int(decimal[2]))
    return _ARROW_TYPES[duckdb_type]


def load_contract(path: Path) -> Contract:
    """One contract file. Raises ValueError naming the file and every problem in it."""
    try:
        contract = Contract.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader))  # noqa: S506 (a safe loader, in C where there is one)
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    if (contract.id, contract.domain) != (path.stem, path.parent.name):
        raise ValueError(f"{path.name}: id and domain must match the file and its folder")
    return contract


@cache
def load_contracts() -> dict[str, Contract]:
    """Every contract, by feed, in the order of domain and name. Cached for the process."""
    paths = [path for domain in DOMAINS for path in sorted((CONTRACTS_DIR / domain).glob("*.yml"))]
    return {path.stem: load_contract(path) for path in paths}


@cache
def contract_sha256(feed: str) -> str:
    """SHA-256 of the feed's contract file."""
    path = CONTRACTS_DIR / load_contracts()[feed].domain / f"{feed}.yml"
    return hashlib.sha256(path.read_bytes()).hexdigest()
