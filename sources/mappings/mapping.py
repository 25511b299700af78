"""Mappings: how one vendor's files become contract columns. Data (`mappings/<vendor>.yml`), not code.

Here: the shape of a mapping file. Not here: reading it (load), what can be wrong with it (checks), what it means for one
feed (plan).
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from sources.base.strict import Strict
from sources.contracts.words import Domain
from sources.mappings.databases import DatabaseKeys
from sources.mappings.language import (
    Choice,
    ColumnSource,
    MoneyUnit,
    Repeat,
    Replaces,
    Texts,
    as_choice,
    without_others,
)

DEFAULT_NULL_VALUES = ("NULL", "null", "\\N")


def _source(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


def _last_row(value: Any) -> Any:
    """`1-2`, as reports write a header over two rows, means its last row."""
    if isinstance(value, str):
        rows = re.fullmatch(r"\s*(?:\d+\s*-\s*)?(\d+)\s*", value)
        if rows is None:
            raise ValueError(
                "写表头最后一行的行号,双行表头 1-2 写 2 / the number of the header's last row: 2 for a header in rows 1-2"
            )
        return int(rows[1])
    return value


class FeedMapping(DatabaseKeys):
    file: str | None = Field(default=None, min_length=1)
    sheet: str | None = None
    # Several sheets (tables of a page) of one header are one table: `all`, or those of a name like this (`*`, `?`).
    sheets: str | None = Field(default=None, min_length=1)
    header_row: Annotated[int, BeforeValidator(_last_row)] = Field(default=1, ge=1)
    delimiter: str | None = Field(default=None, min_length=1)
    encoding: str | None = None
    fixed_width: dict[str, Annotated[int, Field(gt=0)]] = Field(default={})
    money_unit: MoneyUnit | None = None
    code_systems: dict[str, str] = Field(default={})
    aliases: dict[str, Texts] = Field(default={})
    select: dict[str, Annotated[Choice, BeforeValidator(as_choice)]] = Field(default={})
    columns: dict[str, Annotated[ColumnSource, BeforeValidator(_source)]] = Field(min_length=1)
    repeat: Repeat | None = None
    ignore: tuple[str, ...] = ()
    replaces: Replaces = "file"

    @model_validator(mode="after")
    def _one_choice_of_sheets(self) -> FeedMapping:
        if self.sheet is not None and self.sheets is not None:
            raise ValueError(
                "sheet(一张)与 sheets(合并多张)只写一个 / give either `sheet` (one) or `sheets` (several that are joined)"
            )
        return self


class TestPatientRule(Strict):
    """Names that mark test patients with this vendor, besides the usual ones; `except` are real people's names."""

    __test__ = False
    name_matches: tuple[str, ...] = ()
    except_: tuple[str, ...] = Field(default=(), alias="except")


class Mapping(Strict):
    vendor: str
    name_zh: str
    system: Domain | Literal["mixed"]
    money_unit: MoneyUnit
    date_order: Literal["dmy", "mdy"] = "dmy"
    timezone: Literal["Asia/Shanghai", "UTC"] = "Asia/Shanghai"
    null_values: tuple[str, ...] = DEFAULT_NULL_VALUES
    placeholder_dates: tuple[Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")], ...] = ()
    code_systems: dict[str, str] = Field(default={})
    aliases: dict[str, Texts] = Field(default={})
    dictionaries: dict[str, dict[str, str]] = Field(default={})
    dictionary_others: dict[str, str] = Field(default={})
    junk: dict[str, Texts] = Field(default={})
    test_patient: TestPatientRule = TestPatientRule()
    feeds: dict[str, FeedMapping] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _others_apart(cls, content: Any) -> Any:
        return without_others(content)
