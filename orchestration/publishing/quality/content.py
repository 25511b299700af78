"""What stands on a data quality page: scores, trend, arrivals, worst rules with example lines, unmapped codes.

Reads the marts of the release and a few tables of the build; everything is counted or masked already. Same build, same
content. Not here: how it looks (page).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.publishing.marts import schema_of
from sources.base.engine import matching
from sources.base.home import Home

RULES_SHOWN = 12
EXAMPLES_SHOWN = 5
CODES_SHOWN = 15
TREND_MONTHS = 12
_BUILT = ("stg_batch_outcome", "quality_delivery", "quality_example", "code_use")

Row = dict[str, Any]


@dataclass(frozen=True)
class QualityContent:
    """One page: `scores` by dimension, `trend` rows (month → dimension → score), the rest rows as they are shown."""

    month: str
    institution_id: str
    institution_name: str
    scores: dict[str, Row]
    trend: list[tuple[str, dict[str, float | None]]]
    batches: list[Row]
    missing: list[str]
    rules: list[Row]
    rules_hidden: int
    codes: list[Row]
    codes_hidden: int
    coverage: list[Row]
    totals: Row = field(default_factory=dict)


class Collector:
    """Collects pages of one release; `close` when done. Raises LookupError when the build lacks a table."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, home: Home, tables: Mapping[str, pa.Table]
    ) -> None:
        self._home = home
        self._connection = connection.cursor()
        for name in _BUILT:
            schema = schema_of(connection, name)
            self._connection.execute(
                f'create or replace temp view "{name}" as select * from build."{schema}"."{name}"'
            )
        for name in ("mart_quality_score", "mart_quality_rule", "mart_code_unmapped"):
            self._connection.register(name, tables[name])

    def deliverers(self, month: str) -> list[str]:
        """Who has a score in that month, sorted."""
        rows = self._rows("select distinct institution_id from mart_quality_score where month = ?", month)
        return sorted(row["institution_id"] for row in rows)

    def collect(self, month: str, institution: str, name: str) -> QualityContent:
        """The content of one page."""
        batches = self._rows(_BATCHES, institution, month)
        codes = self._rows(_CODES, institution, month)
        scores = {row["dimension"]: row for row in self._rows(_SCORES, institution, month)}
        rules = _by_rule(self._rows(_RULES, institution, month), scores)
        shown = rules[:RULES_SHOWN]
        examples = self._examples(institution, month)
        for rule in shown:
            found = (
                line
                for place in rule["places"]
                for line in examples.get(_place(place)) or self._quarantined(place, institution, month)
            )
            rule["examples"] = list(itertools.islice(found, EXAMPLES_SHOWN))
        return QualityContent(
            month=month,
            institution_id=institution,
            institution_name=name,
            scores=scores,
            trend=self._trend(institution, month),
            batches=batches,
            missing=[row["feed"] for row in self._rows(_MISSING, institution, month)],
            rules=shown,
            rules_hidden=len(rules) - len(shown),
            codes=codes[:CODES_SHOWN],
            codes_hidden=max(0, len(codes) - CODES_SHOWN),
            coverage=self._rows(_COVERAGE, institution, month),
            totals=_totals(batches),
        )

    def close(self) -> None:
        self._connection.close()

    def _rows(self, sql: str, *values: str) -> list[Row]:
        found = self._connection.execute(sql, list(values))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def _trend(self, institution: str, month: str) -> list[tuple[str, dict[str, float | None]]]:
        months: dict[str, dict[str, float | None]] = {}
        for row in self._rows(_TREND, institution, month):
            score = None if row["score"] is None else float(row["score"])
            months.setdefault(row["month"], {})[row["dimension"]] = score
        return list(months.items())[-TREND_MONTHS:]

    def _examples(self, institution: str, month: str) -> dict[tuple[str, ...], list[Row]]:
        """Lines that broke the warehouse's rules, by the place of the rule: file and line."""
        found: dict[tuple[str, ...], list[Row]] = {}
        for row in self._rows(_EXAMPLES, institution, month):
            found.setdefault(_place(row), []).append(row)
        return found

    def _quarantined(self, rule: Row, institution: str, month: str) -> list[Row]:
        """Lines that broke a rule of the intake: file, line and the masked value."""
        folder = self._home.quarantine / rule["feed"] / f"institution_id={institution}" / f"month={month}"
        if not any(folder.glob("*.parquet")):
            return []
        sql = (
            "select source_file, source_line, masked_value from read_parquet(?, hive_partitioning = false) "
            "where rule_id = ? and coalesce(column_name, '') = ? "
            f"order by source_file, source_line limit {EXAMPLES_SHOWN}"
        )
        return self._rows(sql, matching(folder, "*.parquet"), rule["rule_id"], rule["column_name"] or "")


def _place(rule: Row) -> tuple[str, ...]:
    return rule["rule_id"], rule["feed"], rule["column_name"]


def _by_rule(rows: list[Row], scores: Mapping[str, Row]) -> list[Row]:
    """One entry per rule with the places where it was broken; the rules that cost most points first."""
    groups: dict[str, Row] = {}
    for row in rows:
        group = groups.setdefault(row["rule_id"], {**row, "violated": 0, "places": []})
        group["violated"] += row["violated"]
        group["places"].append(row)
    for group in groups.values():
        group["lost"] = _lost(group, scores)
    return sorted(groups.values(), key=lambda group: (-group["lost"], -group["violated"], group["rule_id"]))


def _lost(group: Row, scores: Mapping[str, Row]) -> float:
    """Points of the total score that a rule costs: its share of what its dimension lacks."""
    dimension, total = scores.get(group["dimension"]), scores.get("total")
    if not dimension or not total or dimension["score"] is None or not dimension["violated"]:
        return 0.0
    lacking = (100 - float(dimension["score"])) * float(dimension["weight"]) / float(total["weight"])
    return round(lacking * group["violated"] / dimension["violated"], 4)


def _totals(batches: list[Row]) -> Row:
    """Rows and fen over all batches of the month; fen of feeds without money count as none."""
    parts = ("delivered", "accepted", "quarantined", "duplicate")
    names = [f"{part}_{unit}" for part in parts for unit in ("rows", "fen")]
    return {name: sum(batch[name] or 0 for batch in batches) for name in names}


_SCORES = """select dimension, violated, total, violated_pct, zero_at_pct, weight, score from mart_quality_score
    where institution_id = ? and month = ? order by dimension"""
_TREND = """select month, dimension, score from mart_quality_score
    where institution_id = ? and month <= ? order by month, dimension"""
_BATCHES = """select feed, source_file, status, first_landed_at, delivered_rows, accepted_rows, quarantined_rows,
        duplicate_rows, delivered_fen, accepted_fen, quarantined_fen, duplicate_fen
    from stg_batch_outcome where deliverer_id = ? and delivery_month = ? and standing = 'in_force'
    order by feed, source_file, batch_id"""
_MISSING = (
    """select feed from quality_delivery where deliverer_id = ? and month = ? and is_missing order by feed"""
)
_RULES = """select dimension, rule_id, feed, column_name, violated, total, message_zh, message_en
    from mart_quality_rule where institution_id = ? and month = ?
    order by violated desc, rule_id, feed, column_name"""
_EXAMPLES = """select rule_id, feed, column_name, source_file, source_line from quality_example
    where deliverer_id = ? and month = ? order by rule_id, feed, column_name, example_number"""
_CODES = """select terminology, source_code, min(source_name) as source_name, sum(row_count)::bigint as rows,
        sum(amount_fen)::bigint as amount_fen
    from mart_code_unmapped where deliverer_id = ? and month = ?
    group by all order by amount_fen desc, rows desc, terminology, source_code"""
_COVERAGE = """select terminology, sum(rows)::bigint as rows,
        sum(case when code_map_status <> '3' then rows else 0 end)::bigint as mapped_rows,
        sum(amount_fen)::bigint as amount_fen,
        sum(case when code_map_status <> '3' then amount_fen else 0 end)::bigint as mapped_fen
    from code_use where deliverer_id = ? and month = ? group by terminology order by terminology"""
