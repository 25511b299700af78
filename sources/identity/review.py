"""The review list: pairs that people should decide, without clear values at rest, masked where people see them.

`<home>/identity/review.parquet` holds pseudonyms and levels of agreement. What people are shown of a record is where it was
delivered (institution, file, line) and masked values, and of the pair which properties agree, judged on the clear values.
Not here: the workbook (review_workbook), what comes back (county.decisions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from sources.base.files import read_parquet, write_parquet
from sources.base.home import Home
from sources.county.county import County
from sources.identity.attributes import Attributes
from sources.identity.clear import read_clear
from sources.identity.comparison import COMPARISONS, GAMMAS
from sources.identity.engines import private_connection
from sources.identity.newest import ORDERED_BY
from sources.identity.rows import hex_of

REVIEW_SCHEMA = pa.schema(
    [
        ("pair_id", pa.string()),
        ("reason", pa.string()),
        ("match_probability", pa.float64()),
        ("key_type_l", pa.string()),
        ("local_key_l", pa.string()),
        ("key_type_r", pa.string()),
        ("local_key_r", pa.string()),
        *((name, pa.int8()) for name in GAMMAS),
    ]
)
_KINDS = {"patient": "患者登记", "ehr": "健康档案", "insurance": "医保结算"}
_REASONS = {
    "band": "可能是同一人",
    "conflict": "吻合,但会把两张有效身份证并成一人,或与另一人同样吻合",
}


@dataclass(frozen=True)
class ReviewPair:
    """One pair as people see it: nothing but masked values. `agreement` says which properties agree."""

    pair_id: str
    probability: float
    reason: str
    agreement: str
    left: dict[str, str]
    right: dict[str, str]


def write_review(home: Home, connection: duckdb.DuckDBPyConnection, review: pa.Table) -> None:
    """Keep the pairs to review (see linking.Linked) under their pseudonyms."""
    connection.register("to_review", review)
    table = connection.execute(f"""
        select v.pair_id, v.reason, v.match_probability, l.key_type as key_type_l, {hex_of("l.local_key")} as local_key_l,
            r.key_type as key_type_r, {hex_of("r.local_key")} as local_key_r, {", ".join(f"v.{name}" for name in GAMMAS)}
        from to_review as v join record as l on v.id_l = l.record_id join record as r on v.id_r = r.record_id
        order by v.match_probability desc, v.pair_id
    """).to_arrow_table()
    connection.unregister("to_review")
    write_parquet(home.identity_review, table.cast(REVIEW_SCHEMA))


def review_pairs(county: County, home: Home) -> list[ReviewPair]:
    """Pairs waiting for a decision, likeliest first, with masked values. Empty before the first run."""
    if not home.identity_review.is_file():
        return []
    with private_connection() as connection:
        connection.register("review", read_parquet(home.identity_review))
        read_clear(connection, Attributes(county, home), connection.execute(_NAMED).to_arrow_table(), _READ)
        rows = connection.execute(_SEEN).to_arrow_table().to_pylist()
    return [
        ReviewPair(
            pair_id=row["pair_id"],
            probability=row["match_probability"],
            reason=_REASONS[row["reason"]],
            agreement=_agreement(row),
            left=_masked(row, "a", row["key_type_l"], county),
            right=_masked(row, "b", row["key_type_r"], county),
        )
        for row in rows
    ]


_SHOWN = ("name", "sex", "birth", "card", "phone", "institution_id", "source_file", "source_line")
_READ = ("key_type", "local_key", *dict.fromkeys((*_SHOWN, *ORDERED_BY)))
_ORDER = "struct_pack(u := src_update_ts, f := first_landed_at, b := source_batch_id, l := source_line)"
_NAMED = "select key_type_l as key_type, local_key_l as local_key from review union select key_type_r, local_key_r from review"
_SEEN = f"""
    with newest as (
        select key_type, local_key,
            {", ".join(f"max_by({name}, {_ORDER}) filter ({name} is not null) as {name}" for name in _SHOWN)}
        from clear_row group by key_type, local_key
    )
    select r.*, {", ".join(f"{side}.{name} as {name}_{side}" for side in "ab" for name in _SHOWN)}
    from review as r
    left join newest as a on r.key_type_l = a.key_type and r.local_key_l = a.local_key
    left join newest as b on r.key_type_r = b.key_type and r.local_key_r = b.local_key
    order by r.match_probability desc, r.pair_id
"""


def _agreement(row: dict[str, Any]) -> str:
    """Which properties agree, in words; what one side does not have is left out."""
    said = []
    for comparison in COMPARISONS:
        gamma = row[f"gamma_{comparison.name}"]
        if gamma >= 0:
            said.append(comparison.zh + comparison.levels[len(comparison.levels) - 1 - gamma].zh)
    return ";".join(said)


def _masked(row: dict[str, Any], side: str, key_type: str, county: County) -> dict[str, str]:
    """Surname, year of birth, last two characters of numbers; and where the record was delivered."""
    name, birth, sex = row[f"name_{side}"], row[f"birth_{side}"], row[f"sex_{side}"]
    return {
        "kind": _KINDS[key_type],
        "institution": county.name_of(row[f"institution_id_{side}"]),
        "place": f"{row[f'source_file_{side}']}:{row[f'source_line_{side}']}",
        "name": f"{name[0]}{'*' * (len(name) - 1)}" if name else "",
        "sex": {"1": "男", "2": "女"}.get(sex, ""),
        "birth": f"{birth.year}-**-**" if birth else "",
        "card": _tail(row[f"card_{side}"]),
        "phone": _tail(row[f"phone_{side}"]),
    }


def _tail(number: str | None) -> str:
    return f"**{number[-2:]}" if number else ""
