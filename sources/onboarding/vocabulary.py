"""What vendors call things: words of `vocabulary/*.csv`, of the contracts, and the pinyin of both.

Here: from a delivered header, table name or value to what it may mean. Not here: choosing between meanings (suggest).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pypinyin import Style, lazy_pinyin

from sources.base.likeness import folded
from sources.contracts.load import load_contracts
from sources.contracts.words import Column

FOLDER = Path(__file__).parent / "vocabulary"
FLAGS = "(0/1)"
# How surely a header means a column, by where the word is known from.
_OWN_NAME, _SAID, _BUSINESS_NAME, _INITIALS, _ELSEWHERE = 1.0, 0.97, 0.93, 0.88, 0.1

Meanings = dict[tuple[str, str], float]


def spellings(word: str) -> Iterator[tuple[str, float]]:
    """The word itself and, when it is Chinese, its pinyin initials and its full pinyin; each with a share of certainty."""
    yield folded(word), 1.0
    if re.search(r"[\u4e00-\u9fff]{2}", word):
        yield folded("".join(lazy_pinyin(word, style=Style.FIRST_LETTER))), 0.94
        yield folded("".join(lazy_pinyin(word))), 0.97


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def header_meanings() -> dict[str, Meanings]:
    """{folded header: {(feed, column): certainty}}; a feed of '' stands for every feed that has the column."""
    known: dict[str, Meanings] = defaultdict(dict)

    def learn(word: str, feed: str, column: str, certainty: float) -> None:
        for spelling, share in spellings(word):
            if len(spelling) > 1:
                place, sure = (feed, column), certainty * share
                known[spelling][place] = max(known[spelling].get(place, 0), sure)

    for feed, contract in load_contracts().items():
        for column in contract.columns:
            learn(column.name, feed, column.name, _OWN_NAME)
            for word in _business_words(column):
                learn(word, feed, column.name, _BUSINESS_NAME)
    for row in _rows("columns.csv"):
        for word in row["words"].split("|"):
            learn(word, row["feed"], row["column"], _SAID if row["feed"] else _SAID - 0.01)
    for row in _rows("hqms.csv"):
        if not has_counter(row["code"]):
            known[folded(row["code"])][row["feed"], row["column"]] = _SAID
    return dict(known)


def _business_words(column: Column) -> Iterator[str]:
    """出院日期(CYSJ) is both 出院日期 and CYSJ."""
    yield re.sub(r"[((].*", "", column.business_name)
    yield from re.findall(r"[A-Z][A-Z0-9]+", column.business_name)


def meanings(header: str, feed: str) -> dict[str, float]:
    """{contract column of the feed: certainty} of a header by name alone."""
    columns = load_contracts()[feed].columns_by_name
    found: dict[str, float] = {}
    for (known_feed, column), certainty in header_meanings().get(folded(header), {}).items():
        if column in columns and known_feed in ("", feed):
            found[column] = max(found.get(column, 0), certainty)
    return found


@cache
def feed_words() -> dict[str, frozenset[str]]:
    """{feed: folded words for its table}."""
    words: dict[str, set[str]] = defaultdict(set)
    for feed, contract in load_contracts().items():
        words[feed] |= {folded(feed), *(spelling for spelling, _ in spellings(contract.name))}
    for row in _rows("feeds.csv"):
        for word in row["words"].split("|"):
            words[row["feed"]] |= {spelling for spelling, _ in spellings(word)}
    return {feed: frozenset(each) for feed, each in words.items()}


@cache
def repeated_codes() -> tuple[tuple[str, str, str], ...]:
    """(code with `{n}` or `{n:02}`, feed, column) of codes that repeat with a counter."""
    return tuple((r["code"], r["feed"], r["column"]) for r in _rows("hqms.csv") if has_counter(r["code"]))


@cache
def header_words() -> frozenset[str]:
    """Every folded word that a header may be: those that mean something, and numbered codes written out."""
    numbered = (numbered_header(code, n) for code, _, _ in repeated_codes() for n in range(1, 100))
    return frozenset({*header_meanings(), *map(folded, numbered)})


def has_counter(header: str) -> bool:
    return "{n" in header


def numbered_header(template: str, number: int) -> str:
    """A header with its counter written out, as a block of a mapping does it."""
    return template.replace("{n}", str(number)).replace("{n:02}", f"{number:02}")


@cache
def _labels() -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows("labels.csv"):
        for word in row["words"].split("|"):
            known[row["column"]][word] = row["code"]
    return dict(known)


def code_for(column: Column, value: str) -> str | None:
    """The contract's code for a vendor's word, None when nobody said so. Never for a bare number or letter of a vendor."""
    if not column.valid_values or re.fullmatch(r"[0-9.]+|[A-Z]{0,1}", value):
        return None
    own = contract_labels(column)
    named = _labels().get(column.name, {})
    flags = _labels()[FLAGS] if set(column.valid_values) == {"0", "1"} else {}
    for known in (own, named, flags):
        code = known.get(value)
        if code in column.valid_values:
            return code
    return None


def contract_labels(column: Column) -> dict[str, str]:
    """{label: code} out of the contract's text, e.g. `1轻2中3重`."""
    found: dict[str, str] = {}
    pairs = re.findall(
        r"(?<![0-9.])([0-9]{1,3}|[A-Z]{1,9})\s*([\u4e00-\u9fff/、]+(?:[((][^))]*[))])?)",
        column.code_system or "",
    )
    for code, label in pairs:
        if code in column.valid_values:
            for word in {label, re.sub(r"[((].*", "", label), *re.split("[/、]", label)}:
                found.setdefault(word, code)
    return found
