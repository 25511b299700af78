"""Which contract column each header of a file may be, and which feed a file may be: by name, by likeness, by values.

Here: scoring and choosing, each header for one column and each column from one header. Not here: writing a mapping.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sources.base.likeness import folded, likeness
from sources.contracts.load import load_contracts
from sources.contracts.words import Column
from sources.onboarding.profile import ColumnProfile
from sources.onboarding.vocabulary import code_for, feed_words, header_meanings, meanings

SURE, POSSIBLE = 0.75, 0.5
_LIKE_ENOUGH, _DOUBTFUL = 0.7, 0.7
# An institution stands in many rows of a table.
_ROWS_OF_AN_INSTITUTION = 3
# Systems whose tables the product itself fills; a hospital's file is none of them.
_OWN_TABLES = ("cfg_", "led_", "mart_", "dq_")


@dataclass(frozen=True)
class Suggestion:
    """A header that may be a contract column; certainty 0–1, from SURE on it may be written without a question."""

    column: str
    header: str
    certainty: float

    @property
    def is_sure(self) -> bool:
        return self.certainty >= SURE


@dataclass(frozen=True)
class FeedGuess:
    """A feed that a file may be. `fit` 0–1."""

    feed: str
    fit: float
    suggestions: tuple[Suggestion, ...]


def suggest_columns(feed: str, profiles: dict[str, ColumnProfile]) -> tuple[Suggestion, ...]:
    """The best header for each column of a feed, best first taken, each header used once; in the contract's order."""
    contract = load_contracts()[feed]
    scored = [
        (certainty, column.name, header)
        for header, profile in profiles.items()
        for column in contract.columns
        if (certainty := _certainty(header, feed, column, profile)) >= POSSIBLE
    ]
    taken: dict[str, Suggestion] = {}
    used: set[str] = set()
    for certainty, column, header in sorted(scored, key=lambda s: (-s[0], s[1], s[2])):
        if column not in taken and header not in used:
            taken[column] = Suggestion(column, header, round(min(certainty, 1.0), 2))
            used.add(header)
    return tuple(taken[column.name] for column in contract.columns if column.name in taken)


def best_header(feed: str, column: Column, profiles: dict[str, ColumnProfile]) -> str | None:
    """The header that fits a column best even if another column reads it, None when none may."""
    scored = [(_certainty(header, feed, column, profile), header) for header, profile in profiles.items()]
    certainty, header = max(scored, default=(0.0, ""))
    return header if certainty >= POSSIBLE else None


def guess_feeds(file: str, profiles: dict[str, ColumnProfile]) -> list[FeedGuess]:
    """Feeds the file may be, best first; those that fit not at all are left out."""
    guesses = []
    for feed, contract in load_contracts().items():
        if feed.startswith(_OWN_TABLES):
            continue
        guess = guess_of(feed, file, profiles)
        if len(guess.suggestions) >= 2 or len(guess.suggestions) == sum(c.required for c in contract.columns):
            guesses.append(guess)
    return sorted(guesses, key=lambda guess: (-guess.fit, guess.feed))


def guess_of(feed: str, file: str, profiles: dict[str, ColumnProfile]) -> FeedGuess:
    """How well a file fits one feed: what of it is explained, what the feed requires and finds, what its name says."""
    found = suggest_columns(feed, profiles)
    named = {suggestion.column: suggestion.certainty for suggestion in found}
    required = [column.name for column in load_contracts()[feed].columns if column.required]
    explained = sum(named.values()) / max(len(profiles), 1)
    covered = sum(name in named for name in required) / len(required)
    fit = 0.45 * explained + 0.35 * covered + 0.2 * _named_alike(file, feed)
    return FeedGuess(feed, round(min(fit, 1.0), 3), found)


@cache
def _named_alike(file: str, feed: str) -> float:
    """How much a file's name speaks of a feed: the share of it that a word of the feed covers."""
    plain = folded("".join(character for character in file.rsplit(".", 1)[0] if not character.isdigit()))
    known = [word for word in feed_words()[feed] if word in plain and (len(word) > 2 or not word.isascii())]
    return max((len(word) / max(len(plain), 1) for word in known), default=0.0) ** 0.5


def _certainty(header: str, feed: str, column: Column, profile: ColumnProfile) -> float:
    by_name = _by_name(header, feed).get(column.name, 0.0)
    fits = _fits(column, profile)
    if by_name:
        return by_name * fits
    return _by_values_alone(column, profile)


@cache
def _by_name(header: str, feed: str) -> dict[str, float]:
    """Certainty by the header's words: known ones, else the most alike (or contained) known word."""
    known = meanings(header, feed)
    if known:
        return known
    plain = folded(header)
    if len(plain) < 2:
        return {}
    columns = load_contracts()[feed].columns_by_name
    found: dict[str, float] = {}
    for word, alike in _alike_words(plain):
        for (known_feed, column), certainty in header_meanings()[word].items():
            if column in columns and known_feed in ("", feed):
                alike_only = certainty * alike * 0.9
                # An abbreviation that only resembles another (skin_test_flag, test_flag) is a question, not an answer.
                sure_at_most = _DOUBTFUL if word.isascii() else 1.0
                found[column] = max(found.get(column, 0.0), min(alike_only, sure_at_most))
    return found


@cache
def _alike_words(plain: str) -> list[tuple[str, float]]:
    """Known words that are like enough to a header, and how like."""
    alike = ((word, _word_likeness(plain, word)) for word in header_meanings())
    return [(word, likeness) for word, likeness in alike if likeness >= _LIKE_ENOUGH]


def _word_likeness(plain: str, word: str) -> float:
    if abs(len(plain) - len(word)) > max(len(plain), len(word)) * 0.6:
        return 0.0
    contained = word in plain or plain in word
    if contained and min(len(plain), len(word)) >= (4 if word.isascii() else 2):
        return 0.75 + 0.25 * min(len(plain), len(word)) / max(len(plain), len(word))
    if word.isascii() and len(word) < 5:
        return 0.0
    return likeness(plain, word, at_least=_LIKE_ENOUGH)


def _fits(column: Column, profile: ColumnProfile) -> float:
    """Between 0.3 (the values speak against it) and 1.06 (they speak for it); 1 when nothing is there to judge by."""
    if not profile.filled:
        return 0.97
    in_every_row = profile.distinct * _ROWS_OF_AN_INSTITUTION > max(profile.filled, 10)
    if column.references == "institution" and in_every_row and profile.share("institution") < 0.5:
        return 0.3
    if column.linkage == "id_card":
        return 1.06 if profile.share("id_card") > 0.5 else 0.7
    if column.logical_type in ("date", "timestamp"):
        share = profile.share("date") + profile.share("serial")
        if share < 0.5:
            return 0.3
        exact = (column.logical_type == "timestamp") == (profile.share("clock") > 0.5)
        return 1.05 if exact else 1.0
    if column.logical_type in ("integer", "number") or column.is_money:
        return 1.03 if profile.share("number") > 0.5 else 0.6 if profile.share("pair") else 0.35
    if column.valid_values:
        known = sum(n for value, n in profile.top if value in column.valid_values or code_for(column, value))
        if known > 0.5 * sum(n for _, n in profile.top):
            return 1.05
        return 0.6 if profile.distinct > 60 else 0.92
    if profile.share("id_card") > 0.5 or (profile.share("date") > 0.9 and profile.share("whole") < 0.1):
        return 0.4
    if column.linkage == "name" or column.name.endswith("_name"):
        return 1.03 if profile.share("chinese") > 0.5 else 0.6
    if column.terminology == "diagnosis" or column.format == "icd":
        return 1.05 if profile.share("icd") + profile.share("procedure") > 0.5 else 0.75
    if column.primary_key and profile.share("chinese") > 0.5:
        return 0.5
    return 1.0


def _by_values_alone(column: Column, profile: ColumnProfile) -> float:
    """A column nobody named, known by what stands in it."""
    if column.linkage == "id_card" and profile.share("id_card") > 0.8:
        return 0.7
    if column.linkage == "phone" and profile.share("phone") > 0.8:
        return 0.6
    return 0.0
