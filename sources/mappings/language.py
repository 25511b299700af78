"""The mapping language for one column: where its text comes from and what is done to it before it is judged.

Here: the shape of a column's entry, of a wide sheet's blocks and of a choice of rows, each with its own consistency.
Not here: a whole mapping file (mapping), carrying out what is said (conforming.normalise, conforming.statement).
"""

from __future__ import annotations

import re
from collections.abc import Mapping as AbstractMapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BeforeValidator, Field, model_validator

from sources.base.strict import Strict
from sources.mappings.expression import headers, parse

MoneyUnit = Literal["yuan", "fen", "wanyuan"]
# What a delivered file takes the place of: what came earlier under its own name, everything of its month, or nothing.
Replaces = Literal["file", "month", "nothing"]


def as_list(value: Any) -> Any:
    """A single text where a list may stand."""
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(as_list)]


class ColumnSource(Strict):
    """Where a contract column comes from and how its text is made: in the order of the fields below.

    Text is taken `from` a header (several with `join`), `first_of` several, worked out by an `expression`, or `const`; then
    `replace`, `split` or `extract`; then `dictionary`; then read with `money_unit` or `factor`. A column of a `repeat` block
    takes no header.
    """

    from_: Texts = Field(default=(), alias="from")
    first_of: Texts = ()
    expression: str | None = None
    const: str | None = None
    join: Literal["date_hour", "concat"] | None = None
    separator: str = ""
    null_values: Texts = ()
    replace: dict[str, str] = Field(default={})
    split: str | None = Field(default=None, min_length=1)
    part: int = Field(default=1, ge=1)
    extract: str | None = None
    dictionary: str | None = None
    code_system: str | None = None
    money_unit: MoneyUnit | None = None
    factor: Decimal | None = Field(default=None, gt=0, lt=10**10)
    cut_at: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _consistent(self) -> ColumnSource:
        said = (bool(self.from_), bool(self.first_of), self.expression is not None, self.const is not None)
        if sum(said) > 1:
            raise ValueError(
                "from、first_of、expression、const 只写一个 / give only one of `from`, `first_of`, `expression` and `const`"
            )
        if self.expression is not None:
            parse(self.expression)
            if self.join is not None:
                raise ValueError("expression 不与 join 同用 / `expression` and `join` do not go together")
        if len(self.from_) > 1 and self.join is None:
            raise ValueError(
                "from 里有多列时要写 join: date_hour 或 concat;任选其一用 first_of / "
                "several headers in `from` need `join: date_hour` or `join: concat`; alternatives go in `first_of`"
            )
        if self.join == "date_hour" and len(self.from_) != 2:
            raise ValueError(
                "join: date_hour 要写两个列名:日期和小时 / `join: date_hour` needs two headers: the date and the hour"
            )
        if self.split and self.extract:
            raise ValueError("split 与 extract 只写一个 / give either `split` or `extract`")
        if self.extract is not None and _groups(self.extract) != 1:
            raise ValueError(
                "extract 要写恰有一个(括号组)的正则表达式 / `extract` is a regular expression with exactly one (group): what is to be kept"
            )
        return self

    @property
    def headers(self) -> tuple[str, ...]:
        """Every delivered header this column may read."""
        if self.expression is not None:
            return headers(parse(self.expression))
        return self.from_ or self.first_of

    @property
    def takes_part(self) -> bool:
        """Whether only a part of the delivered text is kept or it is worked out, so that reading it can fail."""
        return self.split is not None or self.extract is not None or self.expression is not None


def _groups(pattern: str) -> int:
    """How many groups the pattern has. Raises ValueError when it is none, or uses what the engine (RE2) has not."""
    try:
        groups = re.compile(pattern).groups
        if groups == 1:
            pc.extract_regex(pa.array([""]), named_group(pattern))
    except (re.error, pa.ArrowInvalid) as error:
        raise ValueError(
            f"extract 不是可用的正则表达式 / `extract` is no regular expression that can be used here: {error}"
        ) from error
    return groups


def named_group(pattern: str) -> str:
    """The pattern with its group named `kept`."""
    position, in_class = 0, False
    while position < len(pattern):
        sign = pattern[position]
        if sign == "\\":
            position += 1
        elif sign in "[]":
            in_class = sign == "["
        elif sign == "(" and not in_class and pattern[position + 1 : position + 2] != "?":
            return f"{pattern[:position]}(?P<kept>{pattern[position + 1 :]}"
        position += 1
    return pattern


class Repeat(Strict):
    """A wide sheet told as long rows: every block of headers becomes one row, numbered into `into` from `start`.

    The first block always makes a row (a stay without its principal diagnosis must be seen) unless `first_always` is
    false; any other only when its `keep_when` column is filled. A block with `n: [1, 15]` stands for fifteen, `{n}` in
    its headers (`{n:02}`: 01, 02, …). `{const: "01"}` in place of a header gives all rows of that block the same value.
    """

    into: str | None = None
    start: int = 0
    keep_when: str
    first_always: bool = True
    blocks: tuple[dict[str, Any], ...] = Field(min_length=1)

    @cached_property
    def expanded(self) -> tuple[dict[str, str], ...]:
        """One {contract column: header} per block, counters written out."""
        return tuple({c: v for c, v in block.items() if isinstance(v, str)} for block in self._written_out)

    @cached_property
    def constants(self) -> tuple[dict[str, str], ...]:
        """One {contract column: constant} per block."""
        return tuple(
            {c: v["const"] for c, v in block.items() if not isinstance(v, str)} for block in self._written_out
        )

    @cached_property
    def columns(self) -> frozenset[str]:
        """Contract columns that the blocks fill."""
        into = {self.into} if self.into else set()
        return frozenset({*into, *self.expanded[0], *self.constants[0]})

    @cached_property
    def _written_out(self) -> tuple[dict[str, Any], ...]:
        return tuple(cells for block in self.blocks for cells in _blocks(block))

    @cached_property
    def families(self) -> tuple[tuple[str, ...], ...]:
        """For every block as written (one or many by `n`) the headers that decide whether its rows exist."""
        return tuple(tuple(cells[self.keep_when] for cells in _blocks(block)) for block in self.blocks)

    @model_validator(mode="after")
    def _readable(self) -> Repeat:
        for block in self.blocks:
            counter = block.get("n")
            if counter is not None and (not isinstance(counter, list) or len(counter) != 2):
                raise ValueError("块的 n 写两个数,如 [1, 15] / `n` of a block is two numbers, e.g. [1, 15]")
            if not all(_is_cell(cell) for column, cell in block.items() if column != "n"):
                raise ValueError(
                    '块里写 契约列: 表头 或 契约列: {const: "…"} / a block is `contract column: header` or `contract column: {const: "…"}`'
                )
        try:
            headers, constants = self.expanded, self.constants
        except ValueError as error:
            raise ValueError(
                "块的 n 写两个整数,如 [1, 15] / `n` of a block is two whole numbers, e.g. [1, 15]"
            ) from error
        left = [h for block in headers for h in block.values() if re.search(r"\{n\W?.*\}", h)]
        if left:
            raise ValueError(
                f"“{left[0]}”里的 {{n}} 要同时写 n: [1, 15];补零写 {{n:02}} / {{n}} in {left[0]!r} needs `n: [1, 15]` in its block; zero-padded: {{n:02}}"
            )
        alike = len({frozenset(block) for block in headers}) == len({frozenset(c) for c in constants}) == 1
        if not alike or self.keep_when not in headers[0]:
            raise ValueError(
                "各块的契约列要相同,并含 keep_when / all blocks name the same contract columns, `keep_when` among them"
            )
        return self


def _is_cell(cell: Any) -> bool:
    if isinstance(cell, dict):
        return set(cell) == {"const"} and isinstance(cell["const"], str)
    return isinstance(cell, str)


def _blocks(block: dict[str, Any]) -> list[dict[str, Any]]:
    """A block as many times as its `n` says."""
    cells = {column: cell for column, cell in block.items() if column != "n"}
    if "n" not in block:
        return [cells]
    first, last = (int(bound) for bound in block["n"])
    return [{column: _numbered(cell, n) for column, cell in cells.items()} for n in range(first, last + 1)]


def _numbered(cell: Any, number: int) -> Any:
    """`{n}` is the number, `{n:02}` the number with zeros before it."""
    if isinstance(cell, str):
        return re.sub(r"\{n(?::0?([1-9]))?\}", lambda found: str(number).zfill(int(found[1] or 1)), cell)
    return {"const": _numbered(cell["const"], number)}


class Choice(Strict):
    """Which values of a header choose a row: any of `in_`, or anything but `not_in` (an empty cell is the value "")."""

    in_: Texts = Field(default=(), alias="in")
    not_in: Texts = Field(default=(), alias="not")

    @model_validator(mode="after")
    def _one_way(self) -> Choice:
        if bool(self.in_) == bool(self.not_in):
            raise ValueError(
                "选行写值的列表,或 {not: [值]} / a choice of rows is a list of values, or {not: [values]}"
            )
        return self


def as_choice(value: Any) -> Any:
    """A bare list (or one text) of values as a choice."""
    return {"in": value} if isinstance(value, (str, list)) else value


def without_others(content: Any) -> Any:
    """A mapping file's content with `other` of every dictionary moved to `dictionary_others`, where it is no code."""
    dictionaries = content.get("dictionaries") if isinstance(content, dict) else None
    if not isinstance(dictionaries, AbstractMapping):
        return content
    plain, others = {}, {}
    for name, codes in dictionaries.items():
        if isinstance(codes, AbstractMapping) and OTHER in codes:
            others[name] = codes[OTHER]
            codes = {code: value for code, value in codes.items() if code != OTHER}
        plain[name] = codes
    if not others:
        return content
    return {**content, "dictionaries": plain, "dictionary_others": others}


OTHER = "other"
KEEP = "keep"
NOTHING = frozenset({"", "null", "~"})
