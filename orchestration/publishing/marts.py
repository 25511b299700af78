"""The published tables: taken from the build for the months of the run, kept from the last release for all
others.

Belongs here: which tables there are, their keys, how months are put together, how the files are written so
that equal content gives equal bytes. Does not: what is in them (dbt models, gates), and when they are
published (release.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expectations import reconciliation
from sources.base.engine import connect, literal, quoted
from sources.base.plain_path import plain
from sources.base.terms import COUNTED, GATES, KAHN_CATEGORIES, OUTCOMES, SEVERITIES, explained, in_chinese

RELEASE_COLUMNS = ("release_id", "revision")
# Key in the metadata of every Parquet file of a release.
RELEASE_KEY = b"release_id"
_COMPRESSION = {"compression": "zstd", "compression_level": 3, "row_group_size": 100_000}


@dataclass(frozen=True)
class Mart:
    """A published table: its key, and whether its rows belong to months (published months stay frozen).

    matures: a row published as `immature` was never a figure, and is replaced once the build knows it. stands: the build
    itself keeps what was published of months that stand (fund_entry). explains: rows say how entries came about, so those of a
    month that stands are taken from the release its entries stand in.
    """

    name: str
    key: tuple[str, ...]
    monthly: bool = True
    matures: bool = False
    stands: bool = False
    explains: bool = False


MARTS = (
    Mart("mart_kpi_value", ("month", "kpi_window", "institution_id", "kpi_id"), matures=True),
    Mart("mart_unit_value", ("month", "kpi_window", "unit_level", "unit_id", "kpi_id"), matures=True),
    Mart(
        "mart_kpi_set_value",
        ("month", "kpi_window", "set_id", "item_number", "kpi_id", "unit_level", "unit_id"),
        matures=True,
    ),
    Mart("mart_week_value", ("month", "week", "unit_level", "unit_id", "kpi_id"), matures=True),
    Mart("mart_indicator_score", ("month", "institution_id", "kpi_id")),
    Mart("mart_institution_score", ("month", "institution_id")),
    Mart("mart_score_change", ("month", "institution_id", "kpi_id")),
    Mart("mart_annual_score", ("month", "institution_id")),
    Mart("mart_annual_indicator_score", ("month", "institution_id", "kpi_id")),
    Mart("mart_reference_score", ("month", "institution_id", "method")),
    Mart("mart_batch_reconciliation", ("month", "feed", "institution_id", "batch_id")),
    Mart("mart_fact_reconciliation", ("month", "feed", "institution_id")),
    Mart("mart_data_quality", ("month", "check_id", "institution_id", "batch_id")),
    Mart("mart_quarantine_summary", ("month", "feed", "institution_id", "rule_id", "column_name")),
    Mart(
        "mart_code_unmapped",
        ("month", "institution_id", "deliverer_id", "feed", "terminology", "source_code"),
    ),
    Mart("mart_code_coverage", ("month", "institution_id", "feed", "terminology")),
    Mart("mart_fund_entry", ("month", "entry_id"), stands=True),
    Mart("mart_fund_balance", ("month", "account_id"), stands=True),
    Mart("mart_pool_institution", ("month", "institution_id"), explains=True),
    Mart("mart_honour", ("honour_id",), monthly=False),
    Mart("mart_pool_watch", ("month", "institution_id", "subject", "measure")),
    Mart("mart_casemix_agreement", ("month", "institution_id", "scheme", "outcome", "reason")),
    Mart("mart_case_settlement", ("month", "institution_id", "method", "deviation")),
    Mart("mart_settlement_list_quality", ("month", "institution_id", "rule_id")),
    Mart("mart_fund_flow", ("month", "community_id", "insurance_type_code", "component", "care_level")),
    Mart("mart_fund_outflow_disease", ("month", "community_id", "diagnosis_category")),
    Mart("mart_fund_share", ("month", "budget_year", "community_id", "insurance_type_code", "scheme")),
    Mart("mart_fund_per_head", ("month", "community_id", "insurance_type_code")),
    Mart("mart_market_net", ("month", "institution_id")),
    Mart(
        "mart_market_statement",
        ("month", "provider_institution_id", "consumer_institution_id", "service_code"),
    ),
    Mart("mart_pay_fairness", ("month", "institution_id")),
    Mart("mart_fund_execution", ("month", "budget_year", "community_id", "insurance_type_code")),
    Mart(
        "mart_fund_waterfall", ("month", "budget_year", "community_id", "insurance_type_code", "step_number")
    ),
    Mart("mart_quality_score", ("month", "institution_id", "dimension")),
    Mart("mart_quality_rule", ("month", "institution_id", "dimension", "rule_id", "feed", "column_name")),
    Mart("dim_institution", ("institution_id",), monthly=False),
    Mart("dim_unit", ("unit_level", "unit_id"), monthly=False),
    Mart("dim_department", ("institution_id", "department_code"), monthly=False),
    Mart("dim_kpi", ("kpi_id",), monthly=False),
    Mart("dim_month", ("month",)),
    Mart("dim_day", ("day",)),
    Mart("dim_institution_history", ("institution_id", "valid_from"), monthly=False),
    Mart("dim_diagnosis", ("diagnosis_code",), monthly=False),
    Mart("dim_procedure", ("procedure_code",), monthly=False),
    Mart("dim_drug", ("deliverer_id", "drug_code"), monthly=False),
    Mart("dim_service_item", ("deliverer_id", "item_code", "item_terminology"), monthly=False),
)
# Columns that have another name than in 0.2.0 (the old one is published one version more).
RENAMED = {"kpi_window": "window", "row_count": "rows"}
BY_NAME = {mart.name: mart for mart in MARTS}

DATA_QUALITY = pa.schema(
    [
        pa.field(name, kind, metadata={"description_zh": zh, "description_en": en})
        for name, kind, zh, en in (
            ("check_id", pa.string(), "检查编号", "identifier of the check"),
            (
                "gate",
                pa.string(),
                f"质控门({explained(GATES)})",
                "gate: feed, core, kpi or scoring",
            ),
            ("subject", pa.string(), "被检查的数据源或表", "feed or table that was judged"),
            ("institution_id", pa.string(), "机构代码(空=全县)", "institution; null = the county as a whole"),
            ("month", pa.string(), "月份", "month"),
            ("batch_id", pa.string(), "批次(按批次判断的检查)", "batch, where batches are judged"),
            (
                "kahn_category",
                pa.string(),
                f"质量维度({'、'.join(in_chinese(KAHN_CATEGORIES).values())})",
                "conformance, completeness or plausibility",
            ),
            (
                "severity",
                pa.string(),
                f"严重程度({explained(SEVERITIES)})",
                "critical stops a release, warning does not",
            ),
            ("violated", pa.int64(), "不符合数", "number that violated the rule"),
            ("total", pa.int64(), "检查总数", "number that was judged"),
            ("counts", pa.string(), f"计数单位({explained(COUNTED)})", "what is counted"),
            (
                "threshold_pct",
                pa.float64(),
                "允许不符合的百分比",
                "share that may violate the rule, per cent",
            ),
            (
                "tolerated",
                pa.int64(),
                "不论占比都允许的个数",
                "number that may violate it whatever the share",
            ),
            (
                "outcome",
                pa.string(),
                f"结论({explained(OUTCOMES)});violated ≤ tolerated 或占比 ≤ threshold_pct 即通过",
                "outcome; passed where violated ≤ tolerated or the share ≤ threshold_pct",
            ),
            (
                "message_zh",
                pa.string(),
                "说明与处理办法",
                "what holds or is wrong and how to mend it, in Chinese",
            ),
            (
                "message_en",
                pa.string(),
                "说明与处理办法(英文)",
                "what holds or is wrong and how to mend it, in English",
            ),
        )
    ],
    metadata={
        "description_zh": "数据质量检查结果:检查×机构×月(按批次判断的再按批次)",
        "description_en": "Outcome of every check, by institution and month (and batch, where batches are judged)",
    },
)

# Published tables that no model makes: what the gates counted.
MADE_BY_GATES = {"mart_data_quality": DATA_QUALITY, reconciliation.TABLE: reconciliation.SCHEMA}


def data_quality(frames: Sequence[pd.DataFrame]) -> pa.Table:
    """`mart_data_quality` of the months judged, from the rows of the gates."""
    return pa.Table.from_pandas(pd.concat(frames), schema=DATA_QUALITY, preserve_index=False)


def read_build(connection: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    """A table of the attached database `build`, whichever schema it is in, with its comments as metadata."""
    schema = schema_of(connection, name)
    table = connection.execute(f"select * from build.{quoted(schema)}.{quoted(name)}").to_arrow_table()
    where = "where database_name = 'build' and schema_name = ? and table_name = ?"
    comments = dict(
        connection.execute(
            f"select column_name, comment from duckdb_columns() {where}", [schema, name]
        ).fetchall()
    )
    whole = connection.execute(
        "select comment from (select database_name, schema_name, table_name, comment from duckdb_tables() "
        f"union all select database_name, schema_name, view_name as table_name, comment from duckdb_views()) {where}",
        [schema, name],
    ).fetchone()
    fields = [field.with_metadata(_described(comments.get(field.name))) for field in table.schema]
    return table.cast(pa.schema(fields, metadata=_described(whole[0] if whole else None)))


def schema_of(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """The schema of a table or view of `build`. Raises LookupError if the build has none of that name."""
    found = connection.execute(
        "select distinct schema_name from duckdb_columns() where database_name = 'build' and table_name = ?",
        [name],
    ).fetchall()
    if len(found) != 1:
        raise LookupError(f"the build has {len(found)} tables named {name}, expected one")
    return found[0][0]


def read_release(directory: Path) -> dict[str, pa.Table]:
    """The marts of a published release, columns by their names of today; an older one may lack marts that came later."""
    paths = {mart.name: directory / "marts" / f"{mart.name}.parquet" for mart in MARTS}
    return {name: _renamed(pq.read_table(path)) for name, path in paths.items() if path.is_file()}


def _renamed(table: pa.Table) -> pa.Table:
    """With the new name beside the old one, in a table that knows the old one only."""
    for name, before in RENAMED.items():
        if before in table.column_names and name not in table.column_names:
            table = table.append_column(name, table[before])
    return table


def with_platforms(institutions: pa.Table, platforms: Mapping[str, str]) -> pa.Table:
    """Institutions and, of tier `platform`, whoever else delivers ({id: name}): whose quality is scored is listed too."""
    rows = [
        {"institution_id": one, "institution_name": name, "institution_tier": "platform", "delivered_by": one}
        for one, name in sorted(platforms.items())
    ]
    return pa.concat_tables([institutions, pa.Table.from_pylist(rows, schema=institutions.schema)])


def put_together(mart: Mart, built: pa.Table, published: pa.Table | None, months: Sequence[str]) -> pa.Table:
    """Rows of `months` from the build and all other months as they were published; sorted by key."""
    if not mart.monthly:
        return in_order(mart, built)
    scope = pa.array(sorted(months), pa.string())
    fresh = built.filter(pc.is_in(built["month"], scope))
    if published is None:
        return in_order(mart, fresh)
    kept = _aligned(published, built.schema)
    kept = kept.filter(pc.invert(pc.is_in(kept["month"], scope)))
    if mart.matures:
        grown = _matured(mart, built, kept)
        kept = _without(mart, kept, grown)
        fresh = pa.concat_tables([fresh, grown])
    return in_order(mart, pa.concat_tables([fresh, kept]))


def stamp(table: pa.Table, release_id: str, revisions: Mapping[str, int], rows: pa.ChunkedArray) -> pa.Table:
    """Write the release into the rows (boolean mask) it computed. Frozen rows keep the one that did."""
    for name, values in (
        ("release_id", pa.array([release_id] * len(table), pa.string())),
        ("revision", pa.array([revisions.get(month.as_py()) for month in table["month"]], pa.int32())),
    ):
        if name in table.column_names:
            index = table.column_names.index(name)
            field = table.schema.field(index)
            table = table.set_column(index, field, pc.if_else(rows, values.cast(field.type), table[name]))
    return table


def same_content(one: pa.Table, other: pa.Table) -> bool:
    """Equal rows and columns, whichever release computed them."""
    return _bare(one).equals(_bare(other))


def in_order(mart: Mart, table: pa.Table) -> pa.Table:
    """Sorted by the key, nulls first, so that equal content is equal bytes."""
    keys = [(name, "ascending", "at_start") for name in mart.key]
    order = pc.sort_indices(table, sort_keys=keys)
    return table.take(order).combine_chunks()


def write_parquet(table: pa.Table, path: Path, release_id: str) -> None:
    """Same table, same bytes: fixed compression, row groups and metadata. The file says which release it belongs to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {**(table.schema.metadata or {}), RELEASE_KEY: release_id.encode()}
    pq.write_table(table.replace_schema_metadata(metadata), path, **_COMPRESSION)


def write_database(tables: Mapping[str, pa.Table], path: Path, release_id: str) -> None:
    """One DuckDB file, schema `marts`, with the descriptions as comments; `release_info` says which release it is."""
    with connect() as connection:
        connection.execute(f"attach {literal(plain(path))} as release")
        connection.execute("create schema release.marts")
        connection.execute(
            f"create table release.main.release_info as select {literal(release_id)} as release_id"
        )
        for name, table in tables.items():
            connection.register("published", table)
            connection.execute(f"create table release.marts.{name} as select * from published")
            connection.unregister("published")
            connection.execute(f"comment on table release.marts.{name} is {_comment(table.schema.metadata)}")
            for field in table.schema:
                connection.execute(
                    f"comment on column release.marts.{name}.{quoted(field.name)} is {_comment(field.metadata)}"
                )


def differing(tables: Iterable[str], database: Path, parquet: Path) -> list[str]:
    """Tables whose columns, rows or values are not the same in the database, opened anew, and in the folder of Parquet files."""
    with connect() as connection:
        connection.execute(f"attach {literal(plain(database))} as release (read_only)")

        def hashed(source: str) -> list[tuple]:
            columns = connection.execute(f"describe select * from {source}").fetchall()
            content = "select count(*), sum(hash(t)::hugeint) from (select * from {}) as t"
            return [column[:2] for column in columns] + connection.execute(content.format(source)).fetchall()

        return [
            name
            for name in tables
            if hashed(f"release.marts.{quoted(name)}")
            != hashed(f"read_parquet({literal(parquet / f'{name}.parquet')})")
        ]


def _matured(mart: Mart, built: pa.Table, kept: pa.Table) -> pa.Table:
    """Rows of the build that are no longer immature, for keys published as immature."""
    waiting = _keys(mart, kept.filter(pc.equal(kept["status"], "immature")))
    known = built.filter(pc.not_equal(built["status"], "immature"))
    return known.filter(pa.array([key in waiting for key in _key_list(mart, known)], pa.bool_()))


def _without(mart: Mart, table: pa.Table, removed: pa.Table) -> pa.Table:
    gone = _keys(mart, removed)
    return table.filter(pa.array([key not in gone for key in _key_list(mart, table)], pa.bool_()))


def _keys(mart: Mart, table: pa.Table) -> set[tuple]:
    return set(_key_list(mart, table))


def _key_list(mart: Mart, table: pa.Table) -> list[tuple]:
    return list(zip(*(table[name].to_pylist() for name in mart.key), strict=True))


def _aligned(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table of an older release with the columns of today: new columns are null, dropped ones gone."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _bare(table: pa.Table) -> pa.Table:
    kept = [name for name in table.column_names if name not in RELEASE_COLUMNS]
    return table.select(kept).combine_chunks()


def _described(comment: str | None) -> dict[str, str]:
    """The model's description, Chinese and English, as metadata that readers of Parquet see."""
    zh, _, en = (comment or "").partition(" | ")
    return {"description_zh": zh.strip(), "description_en": en.strip()}


def _comment(metadata: Mapping[bytes, bytes] | None) -> str:
    found = metadata or {}
    parts = [found.get(key, b"").decode() for key in (b"description_zh", b"description_en")]
    return literal(" | ".join(parts))
