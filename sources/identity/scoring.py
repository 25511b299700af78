"""What a compared pair leads to: its match probability, and whether it is linked, asked about or left apart.

The weight is Fellegi and Sunter's: the prior, log2(m/u) of the level of every comparison, and for names and telephones
how rare the shared value is. It is taken anew for every kept pair in every run, because frequencies and the prior move
with the county. Hard rules stand above the weight. Not here: what follows for whole groups (clustering).
"""

from __future__ import annotations

import math
from typing import Any

import duckdb

from sources.county.identity_settings import IdentitySettings
from sources.identity.comparison import BY_NAME, COMPARISONS, Comparison, Level

LINK, REVIEW, APART = "link", "review", "apart"


def prior(records: int, matches_per_record: float) -> float:
    """Probability that two records taken at random are one person's: it falls as a county grows."""
    return min(0.5, matches_per_record / max(records, 2))


def _level_weight(comparison: Comparison, each: Level, known: dict[str, float]) -> str:
    weight = f"({math.log2(known['m'] / known['u'])!r})"
    if each.rarity:
        tf = f"greatest(l.tf_{each.rarity}, r.tf_{each.rarity})"
        weight += f" + ({math.log2(known['u'])!r}) - log2({tf})"
    return f"when {comparison.gamma(each.name)} then {weight}"


def weight_sql(model: dict[str, Any], match_probability: float) -> str:
    """The match weight in bits of a pair `p` of records `l` and `r`, as DuckDB expression."""
    terms = [repr(math.log2(match_probability / (1 - match_probability)))]
    for comparison in COMPARISONS:
        known = model["comparisons"][comparison.name]
        levels = " ".join(_level_weight(comparison, each, known[each.name]) for each in comparison.levels)
        terms.append(f"(case p.gamma_{comparison.name} {levels} else 0 end)")
    return " + ".join(terms)


def _at(comparison: str, *levels: str) -> str:
    numbers = ", ".join(str(BY_NAME[comparison].gamma(level)) for level in levels)
    return f"gamma_{comparison} in ({numbers})"


# A card, or an insurance or health-record number that both carry: the only things that identify by themselves.
_SAME_NUMBER = f"({_at('insurance', 'same')} or {_at('health_record', 'same')})"
_SAME_CARD = _at("card", "same")
_NAMES_AGREE = _at("name", "same", "same_sound")
_NAMES_DIFFER = _at("name", "alike", "different")
_BIRTHS_DIFFER = _at("birth", "same_year", "different")
_BORN_APART = _at("birth", "different")
# Twins and siblings: everything of a family agrees, the given names do not.
_SIBLINGS = f"({_NAMES_DIFFER} and not {_SAME_CARD} and not {_SAME_NUMBER})"
# A newborn on a parent's card, a patient on a relative's.
_ON_ANOTHERS_CARD = f"({_at('card', 'one_not_own')} and ({_BORN_APART} or {_NAMES_DIFFER}))"


def _decision(settings: IdentitySettings) -> str:
    sure = f"match_probability >= {settings.automatic_probability!r}"
    likely = f"match_probability >= {settings.review_probability!r}"
    one_persons_card = f"({_SAME_CARD} and not ({_at('name', 'different')} and {_at('sex', 'different')}))"
    identified = f"({_NAMES_AGREE} or {_SAME_NUMBER})"
    return f"""case
        when {one_persons_card} then '{LINK}'
        when {_SAME_CARD} then '{REVIEW}'
        when two_cards then '{APART}'
        when {_ON_ANOTHERS_CARD} and not {_SAME_NUMBER} then '{APART}'
        when {_BORN_APART} and {_NAMES_DIFFER} then '{APART}'
        when {sure} and {identified} and not {_BIRTHS_DIFFER} then '{LINK}'
        when {_at("insurance", "different")} and {_NAMES_DIFFER} then '{APART}'
        when {likely} and {_SIBLINGS} and {_at("name", "different")} then '{APART}'
        when {likely} then '{REVIEW}'
        else '{APART}'
    end"""


def score(
    connection: duckdb.DuckDBPyConnection,
    settings: IdentitySettings,
    model: dict[str, Any],
    match_probability: float,
) -> None:
    """Table `scored`: id_l, id_r, gammas, match_weight, match_probability and decision (link, review, apart).

    Table `compared` holds id_l, id_r and gammas of every pair; table `record` gives frequencies and cards.
    """
    connection.execute(f"""
        create temp table scored as
        with weighed as (
            select p.*, {weight_sql(model, match_probability)} as match_weight,
                coalesce(l.card <> r.card, false) as two_cards
            from compared as p
            join record as l on p.id_l = l.record_id
            join record as r on p.id_r = r.record_id
        ),
        likely as (
            select *, 1 / (1 + pow(2, -greatest(-60, least(60, match_weight)))) as match_probability from weighed
        )
        select *, {_decision(settings)} as decision from likely
    """)
