"""Mappings: how one vendor's files become contract columns. Data (`mappings/<vendor>.yml`), not code.

Here: the shape of a mapping file, its validation against the contracts, the file patterns it claims, and the plan of
one feed (contract column ← delivered headers). Not here: reading files or judging values.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from sources.contract import TECHNICAL_INPUTS, Contract, Domain, load_contracts
from sources.yamlfile import Problem, YamlFile, read_yaml

DEFAULT_NULL_VALUES = ("NULL", "null", "\\N")
INSTITUTION_DICTIONARY = "institution"
MONTH_PLACEHOLDERS = {"{month}": r"(?P<month>\d{4}-\d{2})", "{yyyymm}": r"(?P<yyyymm>\d{6})"}


@lru_cache(maxsize=4096)
def normalise_header(header: str) -> str:
    """A header as it is compared: compatibility forms folded, zero-width characters and outer blanks removed."""
    folded = unicodedata.normalize("NFKC", header)
    return re.sub(r"[\u200b-\u200f\u2060\ufeff\u00ad]", "", folded).strip()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _source(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class ColumnSource(_Strict):
    """Where a contract column comes from: one header, several joined, or a constant."""

    from_: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = Field(default=(), alias="from")
    const: str | None = None
    dictionary: str | None = None
    money_unit: Literal["yuan", "fen"] | None = None
    join: Literal["date_hour", "concat"] | None = None
    separator: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> ColumnSource:
        if bool(self.from_) == (self.const is not None):
            raise ValueError("give either `from` or `const`")
        if len(self.from_) > 1 and self.join is None:
            raise ValueError("several headers in `from` need `join: date_hour` or `join: concat`")
        if self.join == "date_hour" and len(self.from_) != 2:
            raise ValueError("`join: date_hour` needs two headers: the date and the hour")
        return self


class Repeat(_Strict):
    """A wide sheet told as long rows: every block of headers becomes one row, numbered into `into` from `start`.

    The first block always makes a row (a stay without its principal diagnosis must be seen); any other block only when
    its `keep_when` column is filled. A block with `n: [1, 15]` stands for fifteen, `{n}` in its headers.
    """

    into: str
    start: int = 0
    keep_when: str
    blocks: tuple[dict[str, Any], ...] = Field(min_length=1)

    @cached_property
    def expanded(self) -> tuple[dict[str, str], ...]:
        """One {contract column: header} per block, counters written out."""
        found: list[dict[str, str]] = []
        for block in self.blocks:
            headers = {column: header for column, header in block.items() if column != "n"}
            if "n" not in block:
                found.append(headers)
                continue
            first, last = (int(bound) for bound in block["n"])
            found += [
                {c: h.replace("{n}", str(n)) for c, h in headers.items()} for n in range(first, last + 1)
            ]
        return tuple(found)

    @model_validator(mode="after")
    def _readable(self) -> Repeat:
        for block in self.blocks:
            counter = block.get("n")
            if counter is not None and (not isinstance(counter, list) or len(counter) != 2):
                raise ValueError("`n` of a block is two numbers, e.g. [1, 15]")
            if not all(isinstance(header, str) for column, header in block.items() if column != "n"):
                raise ValueError("a block is `contract column: header`")
        try:
            blocks = self.expanded
        except ValueError as error:
            raise ValueError("`n` of a block is two whole numbers, e.g. [1, 15]") from error
        if len({frozenset(block) for block in blocks}) != 1 or self.keep_when not in blocks[0]:
            raise ValueError("all blocks name the same contract columns, `keep_when` among them")
        return self


class FeedMapping(_Strict):
    file: str = Field(min_length=1)
    sheet: str | None = None
    header_row: int = Field(default=1, ge=1)
    money_unit: Literal["yuan", "fen"] | None = None
    columns: dict[str, Annotated[ColumnSource, BeforeValidator(_source)]] = Field(min_length=1)
    repeat: Repeat | None = None
    ignore: tuple[str, ...] = ()


class TestPatientRule(_Strict):
    """Names that mark test patients with this vendor, besides the usual ones; `except` are real people's names."""

    __test__ = False
    name_matches: tuple[str, ...] = ()
    except_: tuple[str, ...] = Field(default=(), alias="except")


class Mapping(_Strict):
    vendor: str
    name_zh: str
    system: Domain | Literal["mixed"]
    money_unit: Literal["yuan", "fen"]
    date_order: Literal["dmy", "mdy"] = "dmy"
    null_values: tuple[str, ...] = DEFAULT_NULL_VALUES
    placeholder_dates: tuple[Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")], ...] = ()
    dictionaries: dict[str, dict[str, str]] = {}
    junk: dict[str, tuple[str, ...]] = {}
    test_patient: TestPatientRule = TestPatientRule()
    feeds: dict[str, FeedMapping] = Field(min_length=1)

    def plan(self, feed: str) -> FeedPlan:
        """How this vendor fills that feed. Raises KeyError when it does not deliver it."""
        return FeedPlan(self, load_contracts()[feed], self.feeds[feed])


@dataclass(frozen=True)
class FeedPlan:
    """One feed of one mapping, resolved against its contract."""

    mapping: Mapping
    contract: Contract
    feed_mapping: FeedMapping

    @property
    def columns(self) -> dict[str, ColumnSource]:
        return self.feed_mapping.columns

    def money_unit(self, column: str) -> str:
        source = self.columns.get(column)
        return (source and source.money_unit) or self.feed_mapping.money_unit or self.mapping.money_unit

    @cached_property
    def mapped_columns(self) -> frozenset[str]:
        """Contract columns this mapping fills, by whatever way."""
        repeat = self.feed_mapping.repeat
        block = {repeat.into, *repeat.expanded[0]} if repeat else set()
        return frozenset(self.columns) | block

    def headers_of(self, column: str) -> tuple[str, ...]:
        """Delivered headers a contract column needs (of the first block when it comes from a wide sheet)."""
        repeat = self.feed_mapping.repeat
        if repeat and column in repeat.expanded[0]:
            return (repeat.expanded[0][column],)
        source = self.columns.get(column)
        return source.from_ if source else ()

    @cached_property
    def used_headers(self) -> frozenset[str]:
        """Every header this mapping reads, normalised."""
        names = [header for source in self.columns.values() for header in source.from_]
        if self.feed_mapping.repeat:
            names += [header for block in self.feed_mapping.repeat.expanded for header in block.values()]
        return frozenset(normalise_header(name) for name in names)

    @cached_property
    def ignored_headers(self) -> frozenset[str]:
        return frozenset(normalise_header(name) for name in self.feed_mapping.ignore)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of everything in the mapping that can change how this feed is conformed."""
        shared = self.mapping.model_dump(mode="json", exclude={"feeds", "name_zh"})
        text = json.dumps(
            [shared, self.feed_mapping.model_dump(mode="json")], sort_keys=True, ensure_ascii=False
        )
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class MappingFile:
    """A mapping with the name (file stem) and hash under which manifests cite it."""

    name: str
    sha256: str
    mapping: Mapping

    def claim_pattern(self, feed: str) -> re.Pattern[str]:
        """Regular expression of the inbox paths this mapping claims for a feed, with groups institution, month, yyyymm."""
        return _pattern(self.mapping.feeds[feed].file)


def _pattern(template: str) -> re.Pattern[str]:
    groups = {"{institution}": r"(?P<institution>[^/]+?)", **MONTH_PLACEHOLDERS}
    seen: set[str] = set()
    parts = []
    for token in re.split(r"(\{institution\}|\{month\}|\{yyyymm\}|\*|\?)", template):
        if token in groups:
            name = token.strip("{}")
            parts.append(f"(?P={name})" if token in seen else groups[token])
            seen.add(token)
        else:
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(token) or re.escape(token))
    return re.compile("".join(parts))


def load_mapping(path: Path, name: str) -> tuple[MappingFile | None, list[Problem]]:
    """One mapping file and everything wrong with it; no mapping when it cannot be used at all."""
    yaml_file = read_yaml(path, name)
    if yaml_file.problems:
        return None, yaml_file.problems
    try:
        mapping = Mapping.model_validate(yaml_file.content)
    except ValidationError as error:
        yaml_file.add_validation_errors(error)
        return None, yaml_file.problems
    for feed, feed_mapping in mapping.feeds.items():
        _check_feed(yaml_file, mapping, feed, feed_mapping)
    _check_shared(yaml_file, mapping)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return MappingFile(path.stem, sha256, mapping), yaml_file.problems


def _check_feed(file: YamlFile, mapping: Mapping, feed: str, feed_mapping: FeedMapping) -> None:
    place = ("feeds", feed)
    contract = load_contracts().get(feed)
    if contract is None:
        file.problem(place, f"没有名为 {feed} 的数据契约", f"there is no contract named {feed}")
        return
    if not any(token in feed_mapping.file for token in MONTH_PLACEHOLDERS):
        file.problem((*place, "file"), "file 里要有 {month} 或 {yyyymm}", "file needs {month} or {yyyymm}")
    allowed = {column.name for column in contract.columns} | set(TECHNICAL_INPUTS)
    plan = FeedPlan(mapping, contract, feed_mapping)
    for column in sorted(plan.mapped_columns - allowed):
        near = nearest(column, allowed)
        zh, en = (
            f"{feed} 没有列 {column},是否 {near}?",
            f"{feed} has no column {column}; did you mean {near}?",
        )
        file.problem((*place, "columns", column), zh, en)
    for column in contract.columns:
        if column.required and column.name not in plan.mapped_columns:
            zh = f"{feed} 的必填列 {column.name}({column.business_name})没有对应"
            file.problem((*place, "columns"), zh, f"required column {column.name} of {feed} is not mapped")
    for name, source in feed_mapping.columns.items():
        if source.dictionary and source.dictionary not in mapping.dictionaries:
            zh, en = f"没有字典 {source.dictionary}", f"there is no dictionary {source.dictionary}"
            file.problem((*place, "columns", name), zh, en)


def _check_shared(file: YamlFile, mapping: Mapping) -> None:
    contracts = load_contracts()
    known = {column.name for feed in mapping.feeds if feed in contracts for column in contracts[feed].columns}
    for column in mapping.junk:
        if column not in known:
            file.problem(
                ("junk", column),
                f"本映射的数据表都没有列 {column}",
                f"no feed of this mapping has a column {column}",
            )
    for index, pattern in enumerate(mapping.test_patient.name_matches):
        try:
            re.compile(pattern)
        except re.error as error:
            place = ("test_patient", "name_matches", index)
            file.problem(place, f"正则表达式有误:{error}", f"not a regular expression: {error}")


def nearest(word: str, candidates: Iterable[str], count: int = 3) -> str:
    """The candidates most like `word`, best first, as text for a message; a dash when there is none."""
    pool = sorted(set(candidates))
    found = sorted(pool, key=lambda c: (-_likeness(word.lower(), c.lower()), c))[:count]
    return "、".join(found) or "-"


def _likeness(left: str, right: str) -> float:
    return difflib.SequenceMatcher(None, left, right).ratio()
