"""Data contracts: the single truth of every feed's columns.

Here: a contract as a whole, and what is derived from it (conformed columns, Arrow schema, key, register). Not here: reading
its file (load), how a vendor's file is read (mappings) or how values are judged (conforming).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import pyarrow as pa
from pydantic import Field

from sources.base.strict import Strict
from sources.contracts.words import (
    Bilingual,
    Column,
    Domain,
    EventWindow,
    Name,
    RegisterKind,
    SideBySide,
    conformed_name,
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
# What a mapping may deliver beside the contract's columns; judged like any other column.
TECHNICAL_SOURCES = (
    Column(
        name="op_flag",
        businessName="操作标志",
        description="operation told by the source: I, U or D",
        logicalType="string",
        physicalType="varchar(20)",
        codeSystem="I 新增 U 修改 D 删除",
        required=False,
        classification="P1",
    ),
    Column(
        name="src_update_ts",
        businessName="更新时间",
        description="time of the last change in the source",
        logicalType="timestamp",
        physicalType="timestamp",
        required=False,
        classification="P1",
        whenInvalid="nullify",
    ),
)
TECHNICAL_INPUTS = tuple(column.name for column in TECHNICAL_SOURCES)
# Pseudonyms of the registers of persons, and the number of a visit or stay, as feeds carry them.
_REGISTER_KEYS = tuple(f"{kind}_key" for kind in get_args(RegisterKind))
_VISIT = "visit_id"
# Columns that say whose row it is, where a contract has one of them.
_OWNERS = ("org_code", "fixmedins_code")


class Contract(Strict):
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
    # One list for the whole county, delivered by one party; else every institution delivers its own.
    one_list: bool = False
    # The register of persons that this feed is; the person index reads it.
    register_of: RegisterKind | None = None
    # Of a list: columns that say whose entry a row is. Rows of one key that agree in them are versions of one entry.
    same_entry: tuple[Name, ...] = ()
    side_by_side: SideBySide | None = None
    event_time: Name | None
    event_window_months: EventWindow | None = None
    control_money: Name | None
    known_differences: str
    # Why no model of the warehouse reads it; what is read has none.
    unread_because: Bilingual | None = None
    columns: tuple[Column, ...] = Field(alias="schema", min_length=1)

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
        """The key as conformed columns: a pseudonymised key column stands under its new name. A feed of each institution that
        may say whose row it is has that before the key: a township's delivery carries its villages, which may number alike.
        """
        told = [name for name in self.owner_columns if not self.column(name).required]
        return tuple(conformed_name(self.column(name)) for name in (*told, *self.key))

    @property
    def conformed_money(self) -> str | None:
        """The conformed column with the control money, in fen."""
        return conformed_name(self.column(self.control_money)) if self.control_money else None

    @property
    def counts_once_per(self) -> tuple[str, ...]:
        """What one row counts once for, besides its deliverer: conformed key columns, and `month` where every month's list
        is kept.
        """
        return (*self.conformed_key, "month") if self.keep_every_month else self.conformed_key

    @property
    def is_of_each_institution(self) -> bool:
        """Whether every hospital delivers its own; platforms deliver one for all."""
        return self.domain == "his" and not self.one_list

    @property
    def register_key(self) -> str | None:
        """The conformed column that names a record of this register, None when the feed is none."""
        return f"{self.register_of}_key" if self.register_of else None

    @cached_property
    def institution_columns(self) -> tuple[str, ...]:
        """Conformed columns that name an institution of the county."""
        return tuple(conformed_name(c) for c in self.columns if c.references == "institution")

    @cached_property
    def owner_columns(self) -> tuple[str, ...]:
        """Columns of which one must name the deliverer or whom it delivers for: the one that says whose row it is, else the
        two or more parties to what happened; none where a row may be anybody's.
        """
        if self.one_list or self.domain == "cfg":
            return ()
        parties = {column.name: column.references for column in self.columns if column.references}
        for name in _OWNERS:
            if parties.get(name) == "institution":
                return (name,)
        return tuple(parties) if self.domain == "his" and len(parties) > 1 else ()

    @cached_property
    def tells_events_apart(self) -> tuple[str, ...]:
        """Conformed columns outside the key that stay the same however often an event is corrected: whose it is, the visit it
        belongs to, and of what each institution numbers for itself the institution; of a list what leaves of the columns that
        say whose entry it is.
        """
        names = {column.name for column in self.conformed} - set(self.conformed_key)
        whose = [conformed_name(self.column(name)) for name in self.same_entry]
        return tuple(name for name in (whose or (*_REGISTER_KEYS, _VISIT, self.numbered_by)) if name in names)

    @property
    def numbered_by(self) -> str | None:
        """The column that says whose row it is, where the key lacks it: villages of one township may number alike."""
        owner = self.owner_columns[0] if len(self.owner_columns) == 1 else None
        return owner if self.is_of_each_institution and owner not in self.conformed_key else None

    @cached_property
    def proves_entry(self) -> str | None:
        """The column of `same_entry` that alone proves two rows to be one entry: the identity card."""
        return next((name for name in self.same_entry if self.column(name).linkage == "id_card"), None)

    @cached_property
    def institution_of_key(self) -> str | None:
        """The key column that says whose event of a person it is: a deliverer's numbers may begin anew with every institution.
        None of other feeds.
        """
        names = {column.name for column in self.conformed}
        if self.delivery != "events" or not names & {*_REGISTER_KEYS, _VISIT}:
            return None
        return next((name for name in self.conformed_key if name in self.institution_columns), None)

    def coded_columns(self, terminologies: Collection[str]) -> dict[str, str]:
        """{terminology: the first column with its codes}: vendors write their own code there, beside it the national one."""
        found: dict[str, str] = {}
        for column in self.columns:
            if column.terminology is not None and column.terminology in terminologies:
                found.setdefault(column.terminology, column.name)
        return found

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError when the contract has none."""
        return self.columns_by_name[name]

    @cached_property
    def columns_by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def judged_columns(self) -> dict[str, Column]:
        """Every column that may be found wrong: the contract's, and the technical ones a mapping may deliver."""
        return {column.name: column for column in (*self.columns, *TECHNICAL_SOURCES)}

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


def _conformed_columns(column: Column) -> list[ConformedColumn]:
    rule, name = column.privacy, conformed_name(column)
    zh, en = _described(column)
    if rule is None:
        return [ConformedColumn(name, column.duckdb_type, zh, en, column.name)]
    if rule.drop:
        return []
    if rule.pseudonym:
        key = ConformedColumn(
            rule.pseudonym.as_, "VARCHAR", f"{zh}(假名)", f"pseudonym of: {en}", column.name
        )
        plain = ConformedColumn(name, column.duckdb_type, zh, en, column.name)
        return [plain, key] if rule.pseudonym.beside else [key]
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
