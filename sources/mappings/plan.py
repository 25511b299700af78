"""The plan of one feed under one mapping: which contract column is read from which delivered headers, and how.

Here: a mapping resolved against the contract of a feed. Not here: the shape of a mapping (mapping, language), reading files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sources.base.likeness import normalise_header
from sources.contracts.contract import Contract
from sources.contracts.load import load_contracts
from sources.mappings.language import KEEP, NOTHING, Choice, ColumnSource
from sources.mappings.mapping import FeedMapping, Mapping

INSTITUTION_DICTIONARY = "institution"


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

    def dictionary(self, name: str | None) -> Dictionary | None:
        """The mapping's dictionary of that name, None when there is none."""
        if name is None or name not in self.mapping.dictionaries:
            return None
        other = self.mapping.dictionary_others.get(name, KEEP if name == INSTITUTION_DICTIONARY else None)
        return Dictionary(name, self.mapping.dictionaries[name], other)

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
            if (other.file, other.sheet, other.sheets, other.table, other.query)
            == (mine.file, mine.sheet, mine.sheets, mine.table, mine.query)
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
        """Hash of everything in the mapping that can change how this feed is conformed; which files count is decided after."""
        shared = self.mapping.model_dump(mode="json", exclude={"feeds", "name_zh"})
        sharing = {
            feed: {header: choice.model_dump(mode="json") for header, choice in select.items()}
            for feed, select in self.sharing.items()
        }
        own = self.feed_mapping.model_dump(mode="json", exclude={"replaces"})
        parts = [shared, own, sharing if len(sharing) > 1 else {}]
        text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def plan_of(mapping: Mapping, feed: str) -> FeedPlan:
    """How a vendor fills a feed. Raises KeyError when it does not deliver it."""
    return FeedPlan(mapping, load_contracts()[feed], mapping.feeds[feed])
