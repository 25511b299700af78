"""Suggestions for a code that no table knows: what it most resembles, by name and by the digits it begins with.

Diagnoses and procedures are held against the national table; drugs, services and consumables against what other deliverers
of the county send beside the same name. A suggestion is never applied: a person chooses. Not here: the workbook.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from sources.base.engine import connect, literal, matching
from sources.base.home import Home
from sources.contracts.load import load_contracts
from sources.contracts.words import conformed_name
from sources.reference import TERMINOLOGIES as NATIONAL

SHOWN = 5
# Names are compared by the characters they share (Jaccard); below the least they have nothing to do with each other.
_LEAST_LIKENESS = 0.34
_BEGINS_ALIKE = 0.2


@dataclass(frozen=True)
class Unknown:
    """A code to be mapped, and what it is called (None when no name may be shown)."""

    terminology: str
    source_code: str
    source_name: str | None


def suggest(home: Home, unknown: Sequence[Unknown]) -> list[list[str]]:
    """For each code up to five 'code name' texts, the likeliest first. Deterministic."""
    asked = pa.table(
        {
            "number": pa.array(range(len(unknown)), pa.int64()),
            "list_name": pa.array([_list_of(each.terminology) for each in unknown], pa.string()),
            "code": pa.array([each.source_code.upper() for each in unknown], pa.string()),
            "name": pa.array([each.source_name or "" for each in unknown], pa.string()),
        }
    )
    with connect() as connection:
        connection.register("asked", asked)
        connection.execute(f"create table known as {_known(home)}")
        found = connection.execute(_NEAREST).fetchall()
    texts: list[list[str]] = [[] for _ in unknown]
    for number, code, name in found:
        texts[number].append(f"{code} {name}")
    return texts


def _list_of(terminology: str) -> str:
    """Services and consumables come in one feed, so they share a list."""
    return terminology if terminology in (*NATIONAL, "drug") else "item"


def _sent_beside() -> Iterator[tuple[str, str, str, str]]:
    """List, feed, column of the name and column of the code, wherever a contract says which column names a code."""
    for contract in load_contracts().values():
        for code in contract.columns:
            if code.named_by and code.terminology:
                name = conformed_name(contract.column(code.named_by))
                yield _list_of(code.terminology), contract.feed, name, conformed_name(code)


def _known(home: Home) -> str:
    reference = (
        "select terminology as list_name, code, name_zh as name "
        f"from read_parquet({literal(home.reference / 'nhsa_code.parquet')})"
    )
    sent = [
        f"select distinct '{list_name}', {code}, {name} from read_parquet("
        f"{literal(matching(home.conformed / feed, '*/*/*.parquet'))}, hive_partitioning = false) where {code} is not null"
        for list_name, feed, name, code in _sent_beside()
    ]
    return " union all ".join([reference, *sent])


_NEAREST = f"""
with known_letter as (select distinct list_name, code, name, unnest(string_split(name, '')) as letter from known),
known_size as (select list_name, code, name, count(*) as letters from known_letter group by all),
asked_letter as (select distinct number, list_name, unnest(string_split(name, '')) as letter from asked where name <> ''),
asked_size as (select number, count(*) as letters from asked_letter group by all),
shared as (
    select number, list_name, code, name, count(*) as letters
    from asked_letter join known_letter using (list_name, letter) group by all
),
alike as (
    select s.number, s.code, s.name, s.letters / (a.letters + k.letters - s.letters) as likeness
    from shared s join asked_size a using (number) join known_size k using (list_name, code, name)
),
begun as (
    select a.number, k.code, k.name, {_BEGINS_ALIKE} as likeness
    from asked a join known k
        on a.list_name = k.list_name and length(a.code) >= 3 and starts_with(upper(k.code), substr(a.code, 1, 3))
),
held as (
    select number, code, min(name) as name, sum(likeness) as likeness
    from (select * from alike where likeness >= {_LEAST_LIKENESS} union all select * from begun) group by all
)
select number, code, name from held
qualify row_number() over (partition by number order by likeness desc, code) <= {SHOWN}
order by number, likeness desc, code
"""
