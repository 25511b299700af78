"""What the warehouse groups by: the decided schemes as a few Parquet tables under `<home>/conformed/casemix`.

Here: their columns and how a scheme's tables become their rows. Not here: the SQL that reads them (dbt_project/models/casemix).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from sources.base.files import CONTENT, content_of, write_parquet
from sources.casemix.scheme import Row, load_scheme, scheme_content
from sources.casemix.switches import Decided, Switches, decide
from sources.casemix.tables import LIST_ROLES, SEVERITY_RULES, TRAUMA_SITE

_LEVELS = ("mdc", "adrg")
_TEXT, _NUMBER = pa.string(), pa.float64()
SCHEMAS = {
    "scheme": pa.schema([("scheme", _TEXT), ("newborn_without_weight", _TEXT)]),
    # place: order in which alternatives are tried, over all MDCs. listed_clauses: how many of its clauses want a list to be hit.
    "alternative": pa.schema(
        [
            ("scheme", _TEXT),
            ("alternative_id", pa.int32()),
            ("level", _TEXT),
            ("owner", _TEXT),
            ("mdc", _TEXT),
            ("place", pa.int32()),
            ("alternative", pa.int32()),
            ("listed_clauses", pa.int32()),
            ("lists", _TEXT),
        ]
    ),
    "clause": pa.schema(
        [
            ("scheme", _TEXT),
            ("alternative_id", pa.int32()),
            ("level", _TEXT),
            ("mdc", _TEXT),
            ("clause", pa.int32()),
            ("role", _TEXT),
            ("quantifier", _TEXT),
            ("min_count", pa.int32()),
            ("list_id", _TEXT),
            ("lower_inclusive", _NUMBER),
            ("upper_exclusive", _NUMBER),
        ]
    ),
    # counted: what is counted against min_count: the code, or its site where a list is one of sites.
    "list": pa.schema(
        [("scheme", _TEXT), ("terminology", _TEXT), ("code", _TEXT), ("list_id", _TEXT), ("counted", _TEXT)]
    ),
    # Which group an ADRG's cases go to: with a major complication, with any, all others.
    "adrg": pa.schema(
        [
            ("scheme", _TEXT),
            ("adrg", _TEXT),
            ("mdc", _TEXT),
            ("kind", _TEXT),
            *((f"{rule}_drg", _TEXT) for rule in SEVERITY_RULES),
        ]
    ),
    "drg": pa.schema(
        [("scheme", _TEXT), ("drg", _TEXT), ("name_zh", _TEXT), ("weight", pa.decimal128(10, 4))]
    ),
    "complication": pa.schema(
        [("scheme", _TEXT), ("code", _TEXT), ("level", _TEXT), ("exclusion_group", _TEXT)]
    ),
    "exclusion": pa.schema([("scheme", _TEXT), ("code", _TEXT), ("exclusion_group", _TEXT)]),
}


def write_grouping(folder: Path, folders: Mapping[str, Path], wanted: Iterable[tuple[str, Switches]]) -> None:
    """Write `<folder>/<table>.parquet` of the wanted (scheme, switches), unless they lie there already.

    Raises SchemeError if a scheme is not there or has no such variant.
    """
    chosen = sorted({switches.name(scheme): (scheme, switches) for scheme, switches in wanted}.items())
    made = hashlib.sha256()
    for code in sorted(Path(__file__).parent.glob("*.py")):
        made.update(code.read_bytes())
    for name, (scheme, _) in chosen:
        made.update(f"{name} {scheme_content(folders, scheme)}\n".encode())
    content = made.hexdigest()
    if all(content_of(folder / f"{table}.parquet") == content for table in SCHEMAS):
        return
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in SCHEMAS}
    for _, (scheme, switches) in chosen:
        decided = decide(load_scheme(folders, scheme), switches)
        for table, found in _tables(decided, len(rows["alternative"])).items():
            rows[table] += [{"scheme": decided.scheme, **row} for row in found]
    for table, schema in SCHEMAS.items():
        told = pa.Table.from_pylist(rows[table], schema=schema).replace_schema_metadata({CONTENT: content})
        write_parquet(folder / f"{table}.parquet", told)


def _tables(decided: Decided, alternatives: int) -> dict[str, Iterable[dict[str, Any]]]:
    """Rows by table; `alternatives` of other schemes have numbers already."""
    found = list(_alternatives(decided, alternatives))
    return {
        "scheme": _scheme(decided),
        "alternative": [alternative for alternative, _ in found],
        "clause": [clause for _, clauses in found for clause in clauses],
        "list": _lists(decided),
        "adrg": _adrgs(decided),
        "drg": _drgs(decided),
        "complication": _complications(decided),
        "exclusion": _exclusions(decided),
    }


def _scheme(decided: Decided) -> Iterator[dict[str, Any]]:
    yield {"newborn_without_weight": decided.switches.newborn_without_weight}


def _alternatives(decided: Decided, number: int) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Every alternative of an MDC or ADRG, and its clauses."""
    groups = {row["adrg"]: row for row in decided.tables["adrg"]}
    for level in _LEVELS:
        found = _clauses(decided.tables[f"{level}_condition"], level)
        for place, (owner, clauses) in enumerate(sorted(found, key=_order(decided)), start=1):
            number += 1
            listed = [row for row in clauses if row["role"] in LIST_ROLES and row["quantifier"] == "any"]
            mdc = owner if level == "mdc" else groups[owner]["mdc"]
            shared = {"alternative_id": number, "level": level, "mdc": mdc}
            alternative = {
                "owner": owner,
                "place": place,
                "alternative": int(clauses[0]["alternative"]),
                "listed_clauses": len(listed),
                "lists": "+".join(row["list_id"] for row in listed),
            }
            yield {**shared, **alternative}, [{**shared, **_clause(row)} for row in clauses]


def _order(decided: Decided) -> Callable[[tuple[str, list[Row]]], tuple[float, ...]]:
    """The order in which alternatives are tried: by MDC, in it by ADRG."""
    mdcs = {row["mdc"]: float(row["try_order"]) for row in decided.tables["mdc"]}
    adrgs = {row["adrg"]: (mdcs[row["mdc"]], float(row["try_order"])) for row in decided.tables["adrg"]}

    def place(found: tuple[str, list[Row]]) -> tuple[float, ...]:
        owner, clauses = found
        return (*(adrgs.get(owner) or (mdcs[owner],)), float(clauses[0]["alternative"]))

    return place


def _clauses(rows: Iterable[Row], level: str) -> Iterator[tuple[str, list[Row]]]:
    """The clauses of each alternative in their order, with its owner."""
    found = defaultdict(list)
    for row in sorted(rows, key=lambda row: int(row["clause"])):
        found[row[level], row["alternative"]].append(row)
    for (owner, _), clauses in found.items():
        yield owner, clauses


def _clause(row: Row) -> dict[str, Any]:
    bounds = {name: _number(row.get(name)) for name in ("lower_inclusive", "upper_exclusive")}
    least = int(row["min_count"]) if row.get("min_count") else None
    words = {name: row.get(name) or None for name in ("role", "quantifier", "list_id")}
    return {"clause": int(row["clause"]), **words, **bounds, "min_count": least}


def _number(text: str | None) -> float | None:
    return float(text) if text else None


def _lists(decided: Decided) -> Iterator[dict[str, Any]]:
    for row in decided.tables["code_list"]:
        yield _listed(row["list_id"], row["code"], row["code"], row["code_system"])
    for row in decided.tables["mdc_principal_diagnosis"]:
        yield _listed(f"MDC{row['mdc']}", row["diagnosis_code"], row["diagnosis_code"])
    for row in decided.tables.get(TRAUMA_SITE, []):
        yield _listed(TRAUMA_SITE, row["diagnosis_code"], row["site"])


def _listed(list_id: str, code: str, counted: str, terminology: str = "diagnosis") -> dict[str, Any]:
    return {"terminology": terminology, "code": code, "list_id": list_id, "counted": counted}


def _adrgs(decided: Decided) -> Iterator[dict[str, Any]]:
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for row in decided.tables["drg"]:
        groups[row["adrg"]][f"{row['severity_rule']}_drg"] = row["drg"]
    for row in decided.tables["adrg"]:
        yield {**{name: row[name] for name in ("adrg", "mdc", "kind")}, **groups[row["adrg"]]}


def _drgs(decided: Decided) -> Iterator[dict[str, Any]]:
    weights = {row["drg"]: Decimal(row["weight"]) for row in decided.tables.get("weight", [])}
    for row in decided.tables["drg"]:
        yield {"drg": row["drg"], "name_zh": row["name_zh"], "weight": weights.get(row["drg"])}


def _complications(decided: Decided) -> Iterator[dict[str, Any]]:
    for row in decided.tables["complication"]:
        yield {
            "code": row["diagnosis_code"],
            "level": row["level"],
            "exclusion_group": row["exclusion_group"] or None,
        }


def _exclusions(decided: Decided) -> Iterator[dict[str, Any]]:
    for row in decided.tables["exclusion"]:
        yield {"code": row["principal_diagnosis_code"], "exclusion_group": row["exclusion_group"]}
