"""`yigongti release excerpt`: of a release what may be shown to the public, in a folder of its own.

Three CSV files: values by the window they are scored by with their sums, scores of indicators, scores of institutions. No evidence, no
file names, nobody's pay. Small cells are hidden, in all files alike (small_cells.py). Same release, same bytes.
Here: reading the release and writing the folder. Not here: which cells are hidden.
"""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from orchestration.publishing import manifest
from orchestration.publishing.compare import find_release
from orchestration.publishing.marts import read_release
from orchestration.publishing.small_cells import COUNTY, Card, Counts, Key, Suppression, added
from sources.base.home import Home
from sources.base.months import last_day
from sources.base.terms import PUBLIC_STATUSES
from sources.county.policy_in_force import in_force

Row = dict[str, Any]
PARAMETER = "small_cell_minimum"
# KPIs of which no count is of persons: shown whatever their size.
NOT_PERSONS = "counts_no_person"
SUPPRESSED = "suppressed"
# Figures of these statuses are shown; under all others there is none, none yet, or not the whole of it.
_WITH_FIGURE = ("valid", "below_minimum")
_FIGURES = ("numerator", "denominator", "sample_size", "value", "score")
# File → its columns, and the published table that describes them.
FILES = {
    "kpi_value": (
        "mart_kpi_value",
        ("month", "kpi_id", "kpi_code", "name_zh", "name_en", "kpi_window", "institution_id", "institution_name",
         "institution_tier", "numerator", "denominator", "sample_size", "value", "unit", "score", "status"),
    ),
    "indicator_score": (
        "mart_indicator_score",
        ("month", "institution_id", "institution_name", "kpi_id", "kpi_code", "name_zh", "weight", "value_month", "score",
         "status"),
    ),
    "institution_score": (
        "mart_institution_score",
        ("month", "institution_id", "institution_name", "institution_tier", "score", "coverage_pct", "rank_in_peer_group",
         "peers", "status"),
    ),
}  # fmt: skip


class ExcerptError(ValueError):
    """The excerpt cannot be written: its folder is in use, or the policy does not say what is small."""


@dataclass(frozen=True)
class Written:
    """What an excerpt holds: rows by file, and how many of them are hidden."""

    release_id: str
    rows: Mapping[str, int]
    hidden: Mapping[str, int]


def write_excerpt(home: Home, release_id: str | None, to: Path) -> Written:
    """Write the excerpt of a release (default: the current one) into the new folder `to`.

    Raises HistoryError if there is no such release, NotIntactError if it is not what was published, ExcerptError otherwise.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise ExcerptError(
            f"--to {to} 已有内容,请另给一个新目录 / holds something already: name a new folder"
        )
    directory = find_release(home, release_id)
    manifest.require_published(home, directory)
    excerpt = Excerpt(directory)
    tables = {name: list(rows) for name, rows in excerpt.tables().items()}
    staging = to.with_name(f".{to.name}.staging")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    for name, rows in tables.items():
        _write_csv(staging / f"{name}.csv", FILES[name][1], rows)
    (staging / "README.md").write_text("\n".join(excerpt.readme()) + "\n", "utf-8")
    hidden = {name: sum(row["status"] == SUPPRESSED for row in rows) for name, rows in sorted(tables.items())}
    counted = {name: len(rows) for name, rows in sorted(tables.items())}
    content = {"release_id": directory.name, "release_manifest": manifest.sha256(directory / manifest.FILE)}
    manifest.write(
        staging, {**content, PARAMETER: excerpt.minimum, "rows": counted, "rows_suppressed": hidden}
    )
    if to.exists():
        to.rmdir()
    staging.rename(to)
    return Written(directory.name, counted, hidden)


class Excerpt:
    """The rows of an excerpt, from the tables of one release."""

    def __init__(self, release: Path) -> None:
        self._release = release
        self._tables = read_release(release)
        self._kpis = {row["kpi_id"]: row for row in self._tables["dim_kpi"].to_pylist()}
        self._institutions = {
            row["institution_id"]: row for row in self._tables["dim_institution"].to_pylist()
        }

    def tables(self) -> dict[str, Iterator[Row]]:
        """Rows of each of FILES, sorted."""
        return {
            "kpi_value": self._values(),
            "indicator_score": self._indicators(),
            "institution_score": self._totals(),
        }

    @cached_property
    def minimum(self) -> dict[str, int]:
        """{month: smallest count that may be shown}, by the policy of the release on the last day of each month."""
        found = {}
        for month in sorted(self._tables["dim_month"]["month"].to_pylist()):
            given = [
                row["value"] for row in self._policy("kpi_parameter", month) if row["parameter"] == PARAMETER
            ]
            if not given:
                raise ExcerptError(
                    f"版本 {self._release.name} 的政策没有 {month} 有效的 {PARAMETER}:请在 policy/kpi_parameter.csv 补一行,运行最近一个月后再试 / "
                    f"the policy of this release has no {PARAMETER} in force in {month}: add the row to policy/kpi_parameter.csv, "
                    "run the latest month and try again"
                )
            found[month] = int(given[0])
        return found

    def _policy(self, table: str, month: str) -> list[Row]:
        """Rows of a policy table in force on the last day of the month; none if the release keeps no such table."""
        path = self._release / "lineage" / "policy" / f"{table}.parquet"
        rows = pq.read_table(path).to_pylist() if path.exists() else []
        return [row for row in rows if in_force(row, last_day(month))]

    @cached_property
    def _least(self) -> dict[tuple[str, str], int]:
        """{(month, KPI): smallest count that may be shown}."""
        found: dict[tuple[str, str], int] = {}
        for month, least in self.minimum.items():
            exempt = {
                row["code"] for row in self._policy("kpi_code_set", month) if row["code_set"] == NOT_PERSONS
            }
            found |= {(month, kpi_id): 0 if kpi_id in exempt else least for kpi_id in self._kpis}
        return found

    @cached_property
    def _scored(self) -> dict[Key, Row]:
        """The values by the window they are scored by, without those that do not apply."""
        rows = self._tables["mart_kpi_value"].to_pylist()
        return {
            Key(row["month"], row["institution_id"], row["kpi_id"]): row
            for row in rows
            if row["kpi_window"] == self._kpis[row["kpi_id"]]["scoring_window"]
            and row["status"] != "not_applicable"
        }

    @cached_property
    def _cards(self) -> list[Row]:
        rows = self._tables["mart_indicator_score"].to_pylist()
        return sorted(rows, key=lambda row: (row["month"], row["institution_id"], row["kpi_id"]))

    @cached_property
    def _counts(self) -> dict[Key, Counts]:
        """Every figure of an institution, and where figures add up (a median does not) the county's."""
        own = {
            key: self._counted(key, row) for key, row in self._scored.items() if row["status"] in _WITH_FIGURE
        }
        of_kpi: dict[Key, list[Counts]] = defaultdict(list)
        for key, counts in own.items():
            if self._kpis[key.kpi_id]["statistic"] == "ratio":
                of_kpi[key._replace(institution_id=COUNTY)].append(counts)
        return own | {key: added(counts) for key, counts in of_kpi.items()}

    def _counted(self, key: Key, row: Row) -> Counts:
        is_share = bool(self._kpis[key.kpi_id].get("is_share"))
        return Counts.of(row["numerator"], row["denominator"], row["sample_size"], is_share)

    @cached_property
    def _suppressed(self) -> Suppression:
        members: dict[Card, list[Key]] = defaultdict(list)
        for row in sorted(self._cards, key=lambda row: (row["weight"], row["kpi_id"])):
            cell = Key(row["value_month"], row["institution_id"], row["kpi_id"])
            if row["score"] is not None and cell in self._counts:
                members[Card(row["month"], row["institution_id"])].append(cell)
        periods = {
            key: period
            for key in self._counts
            if (period := _period(key.month, self._kpis[key.kpi_id])) is not None
        }
        found = Suppression(self._counts, members, self._least, periods)
        found.hide()
        return found

    def _values(self) -> Iterator[Row]:
        county = [key for key in self._counts if key.institution_id == COUNTY]
        for key in sorted([*self._scored, *county]):
            row = self._scored[key] if key in self._scored else self._of_county(key)
            if key in self._suppressed.cells:
                row = {**row, **dict.fromkeys(_FIGURES), "status": SUPPRESSED}
            elif key not in self._counts:
                row = {**row, **dict.fromkeys(_FIGURES)}
            yield {**row, **self._names(key.institution_id, key.kpi_id)}

    def _of_county(self, key: Key) -> Row:
        kpi, counts = self._kpis[key.kpi_id], self._counts[key]
        value = None
        if counts.denominator:
            exact = counts.numerator * kpi["scale"] / (counts.denominator * (kpi.get("divisor") or 1))
            value = exact.quantize(Decimal("0.000001"), ROUND_HALF_UP)
        return {
            "month": key.month,
            "kpi_window": kpi["scoring_window"],
            "unit": kpi["unit"],
            "numerator": counts.numerator,
            "denominator": counts.denominator,
            "value": value,
            "sample_size": int(counts.sample),
            "status": "valid" if counts.sample >= kpi["minimum_sample"] else "below_minimum",
        }

    def _indicators(self) -> Iterator[Row]:
        for row in self._cards:
            if Key(row["value_month"], row["institution_id"], row["kpi_id"]) in self._suppressed.cells:
                row = {**row, "score": None, "status": SUPPRESSED}
            yield {**row, **self._names(row["institution_id"], row["kpi_id"])}

    def _totals(self) -> Iterator[Row]:
        rows = self._tables["mart_institution_score"].to_pylist()
        for row in sorted(rows, key=lambda row: (row["month"], row["institution_id"])):
            if Card(row["month"], row["institution_id"]) in self._suppressed.cards:
                row = {**row, "score": None, "rank_in_peer_group": None, "status": SUPPRESSED}
            yield row

    def _names(self, institution_id: str, kpi_id: str) -> Row:
        kpi, institution = self._kpis[kpi_id], self._institutions.get(institution_id, {})
        return {
            "institution_id": institution_id,
            "institution_name": institution.get("institution_name", "各机构合计 all institutions"),
            "institution_tier": institution.get("institution_tier"),
            **{name: kpi[name] for name in ("kpi_id", "kpi_code", "name_zh", "name_en")},
        }

    def readme(self) -> Iterator[str]:
        """What a reader has to know: where it is from, what is hidden, what each column and status means."""
        minima = sorted({*self.minimum.values()})
        said = "、".join(str(each) for each in minima)
        yield f"# 公开摘录 Public excerpt: {self._release.name}"
        yield ""
        yield f"- 人数或例数大于 0 而小于 {said} 的数字不公开,为防推算,另有数字随之隐去;隐去的状态一律写 {SUPPRESSED},其大小无从得知。"
        yield (
            f"- Counts above 0 and below {said} are not shown, nor are others that would give them back; all of them say {SUPPRESSED}, "
            "which tells nothing of their size."
        )
        yield (
            "- 机构编码为空的是各机构合计(不含未归属的) / a row without institution_id is the sum of the institutions, without what "
            "belongs to none. 空值表示没有,不是 0 / empty means none, not 0."
        )
        yield ""
        yield "| status | |"
        yield "|---|---|"
        yield from (f"| {code} | {words} |" for code, words in PUBLIC_STATUSES.items())
        for name, (mart, columns) in FILES.items():
            yield from ("", f"## {name}.csv", "| 列 column | |", "|---|---|")
            yield from (f"| {column} | {self._description(mart, column)} |" for column in columns)

    def _description(self, mart: str, column: str) -> str:
        for table in (mart, "dim_kpi", "dim_institution"):
            schema = self._tables[table].schema
            if column in schema.names:
                said = schema.field(column).metadata or {}
                return " / ".join(
                    said.get(name, b"").decode() for name in (b"description_zh", b"description_en")
                )
        raise LookupError(f"no published table describes {column}")


def _period(month: str, kpi: Row) -> str | None:
    """Since when a figure that grows from month to month counts; None for one that starts anew every month."""
    if kpi["aggregation"] == "last":
        return None
    year, number = month[:4], int(month[5:])
    periods = {
        "quarter": f"{year}Q{(number + 2) // 3}",
        "half_year": f"{year}H{(number + 5) // 6}",
        "ytd": year,
    }
    return periods.get(kpi["scoring_window"])


def _write_csv(path: Path, columns: Iterable[str], rows: Iterable[Row]) -> None:
    """UTF-8 with the mark that spreadsheets know it by; numbers without trailing zeros."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)


def _cell(value: Any) -> Any:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
