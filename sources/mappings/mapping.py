"""Mappings: how one vendor's files become contract columns. Data (`mappings/<vendor>.yml`), not code.

Here: the shape of a mapping file, its validation against the contracts, the file patterns it claims, and the plan of
one feed (contract column ← delivered headers). Not here: reading files or judging values.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from sources.base.likeness import normalise_header
from sources.base.yamlfile import Problem, read_yaml
from sources.contracts.contract import Contract, Domain, load_contracts
from sources.mappings.checks import check_mapping
from sources.mappings.databases import DatabaseKeys
from sources.mappings.language import (
    KEEP,
    NOTHING,
    Choice,
    ColumnSource,
    MoneyUnit,
    Repeat,
    Strict,
    Texts,
    as_choice,
    without_others,
)

DEFAULT_NULL_VALUES = ("NULL", "null", "\\N")
INSTITUTION_DICTIONARY = "institution"
MONTH_PLACEHOLDERS = {"{month}": r"(?P<month>\d{4}-\d{2})", "{yyyymm}": r"(?P<yyyymm>\d{6})"}


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

    def plan(self, feed: str) -> FeedPlan:
        """How this vendor fills that feed. Raises KeyError when it does not deliver it."""
        return FeedPlan(self, load_contracts()[feed], self.feeds[feed])

    def dictionary(self, name: str | None) -> Dictionary | None:
        """The dictionary of that name, None when there is none."""
        if name is None or name not in self.dictionaries:
            return None
        other = self.dictionary_others.get(name, KEEP if name == INSTITUTION_DICTIONARY else None)
        return Dictionary(name, self.dictionaries[name], other)


@dataclass(frozen=True)
class Dictionary:
    """A vendor's codes in the contract's words. A code it does not know is never guessed (V22).

    `other` says what such a code becomes: `keep` leaves it as it is, nothing empties it, any text stands for it. Without
    `other` it passes only when it is one of the contract's codes already and the vendor's codes are none of them, so that
    `{男: 1, 女: 2}` lets a 1 pass and `{0: 1, 1: 2}` lets no 2 pass.
    """

    name: str
    codes: dict[str, str]
    other: str | None

    def translated(self, value: str) -> tuple[str | None, bool]:
        """The contract's value, and whether the dictionary vouches for it."""
        if value in self.codes:
            return _maybe(self.codes[value]), True
        if self.other == KEEP:
            return value, True
        if self.other is not None:
            return _maybe(self.other), _maybe(self.other) is not None
        return value, self._is_contract_code(value)

    def _is_contract_code(self, value: str) -> bool:
        meant = set(self.codes.values())
        return value in meant and not meant & set(self.codes)


def _maybe(value: str) -> str | None:
    return None if value in NOTHING else value


@dataclass(frozen=True)
class FeedPlan:
    """One feed of one mapping, resolved against its contract."""

    mapping: Mapping
    contract: Contract
    feed_mapping: FeedMapping

    @cached_property
    def columns(self) -> dict[str, ColumnSource]:
        """What the mapping says of each column, and the declared code system in the column that tells it."""
        columns = dict(self.feed_mapping.columns)
        for column in self.contract.columns:
            version, declared = column.terminology_version_column, self.code_system(column.name)
            if version and declared and version not in columns:
                columns[version] = ColumnSource(const=declared)
        return columns

    def money_unit(self, column: str) -> str:
        source = self.columns.get(column)
        return (source and source.money_unit) or self.feed_mapping.money_unit or self.mapping.money_unit

    def code_system(self, column: str) -> str | None:
        """The code system that the mapping declares for a coded column: column before feed before mapping."""
        source = self.feed_mapping.columns.get(column)
        if source and source.code_system:
            return source.code_system
        kind = self._terminology(column)
        declared = {**self.mapping.code_systems, **self.feed_mapping.code_systems}
        return declared.get(kind) if kind else None

    def _terminology(self, column: str) -> str | None:
        known = self.contract.columns_by_name.get(column)
        return known.terminology if known else None

    def declared_version(self, column: str) -> str | None:
        """The code system that a version column is expected to name, None when nothing is declared."""
        for coded in self.contract.columns:
            if coded.terminology_version_column == column:
                return self.code_system(coded.name)
        return None

    @cached_property
    def mapped_columns(self) -> frozenset[str]:
        """Contract columns this mapping fills, by whatever way."""
        repeat = self.feed_mapping.repeat
        return frozenset(self.columns) | (repeat.columns if repeat else frozenset())

    def headers_of(self, column: str) -> tuple[str, ...]:
        """Headers a contract column may be read from (of the first block when it comes from a wide sheet)."""
        repeat = self.feed_mapping.repeat
        if repeat and column in repeat.expanded[0]:
            return (repeat.expanded[0][column],)
        source = self.columns.get(column)
        return source.headers if source else ()

    def missing_headers(self, column: str, delivered: dict[str, str]) -> tuple[str, ...]:
        """Headers without which a column cannot be read; `delivered` as `delivered_headers` gives it."""
        headers = self.headers_of(column)
        absent = tuple(header for header in headers if normalise_header(header) not in delivered)
        source = self.columns.get(column)
        if source and source.first_of and len(absent) < len(headers):
            return ()
        return absent

    def delivered_headers(self, header: Iterable[str]) -> dict[str, str]:
        """{header as the mapping writes it, normalised: header as delivered}; an alias stands for what it replaces."""
        there: dict[str, str] = {}
        for name in header:
            there.setdefault(normalise_header(name), name)
        for meant, others in self._aliases.items():
            found = [other for other in others if other in there]
            if meant not in there and found:
                there[meant] = there.pop(found[0])
        return there

    @cached_property
    def _aliases(self) -> dict[str, tuple[str, ...]]:
        said = {**self.mapping.aliases, **self.feed_mapping.aliases}
        return {
            normalise_header(meant): tuple(map(normalise_header, others)) for meant, others in said.items()
        }

    @cached_property
    def used_headers(self) -> frozenset[str]:
        """Every header this mapping reads, normalised, without aliases."""
        names = [header for source in self.columns.values() for header in source.headers]
        if self.feed_mapping.repeat:
            names += [header for block in self.feed_mapping.repeat.expanded for header in block.values()]
        return frozenset(normalise_header(name) for name in (*names, *self.feed_mapping.select))

    @cached_property
    def sharing(self) -> dict[str, dict[str, Choice]]:
        """{feed: choice of rows} of every feed read from the same file as this one, this one included; sorted."""
        mine = self.feed_mapping
        return {
            feed: other.select
            for feed, other in sorted(self.mapping.feeds.items())
            if (other.file, other.sheet, other.table, other.query)
            == (mine.file, mine.sheet, mine.table, mine.query)
        }

    @property
    def takes_orphans(self) -> bool:
        """Whether rows that no feed of a shared file selects fall to this one (the first by name)."""
        return bool(self.feed_mapping.select) and self.contract.feed == next(iter(self.sharing))

    @cached_property
    def ignored_headers(self) -> frozenset[str]:
        return frozenset(normalise_header(name) for name in self.feed_mapping.ignore)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of everything in the mapping that can change how this feed is conformed."""
        shared = self.mapping.model_dump(mode="json", exclude={"feeds", "name_zh"})
        sharing = {
            feed: {header: choice.model_dump(mode="json") for header, choice in select.items()}
            for feed, select in self.sharing.items()
        }
        parts = [shared, self.feed_mapping.model_dump(mode="json"), sharing if len(sharing) > 1 else {}]
        text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
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
        yaml_file.add_validation_errors(error, Mapping)
        return None, yaml_file.problems
    check_mapping(yaml_file, mapping)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return MappingFile(path.stem, sha256, mapping), yaml_file.problems
