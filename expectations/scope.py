"""What the core, kpi and scoring gates look at: the build database, cut to the months judged.

`main` shows every table of the build (and the policy and batch outcomes) under its plain name, whole. `scope`
shows what is judged, always with `institution_id` and `month`: the tables themselves, and a few relations
made for a check. The build database is opened read-only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from expectations.check import Check
from expectations.published import PUBLISHED_DIMENSIONS
from expectations.reconciliation import reconcile
from sources.base.engine import literal, literals, quoted
from sources.base.home import Home
from sources.base.plain_path import plain
from sources.contracts.load import load_contracts

# Columns that speak of one person or one employee: never in a published table.
PERSON_LEVEL = (
    "person_key",
    "patient_key",
    "insurance_key",
    "ehr_key",
    "id_card_key",
    "medical_record_key",
    "staff_id",
)

# All but the table in which a build remembers what it was built from (orchestration.reuse).
RELATIONS = "database_name = 'build' and not internal and (schema_name, table_name) <> ('main', 'built_from')"


@dataclass(frozen=True)
class Scope:
    """The months judged, the last delivery month the build has read, and the day on which its accounts close."""

    home: Home
    months: Sequence[str]
    last_known_month: str
    closing: dt.date

    @property
    def month_list(self) -> str:
        return f"({literals(self.months)})"


def open_build(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Attach the build database read-only and show its tables in `main` and `scope`."""
    # Views of the build name the files of the home relative to it, for every connection of the session that asks them.
    connection.execute(f"set global file_search_path = {literal(plain(scope.home.root))}")
    connection.execute(f"attach {literal(plain(scope.home.build_database))} as build (read_only)")
    # Not the views of staging over what was delivered, which no check asks for: to show one is to open every file of its feed.
    tables = connection.execute(
        "select schema_name, table_name, bool_or(column_name = 'month'), bool_or(column_name = 'institution_id') "
        f"from duckdb_columns() where {RELATIONS} and (schema_name, table_name) not in "
        "(select (schema_name, view_name) from duckdb_views() where database_name = 'build' and schema_name = 'staging' "
        "and sql like '%conformed/%') "
        "group by all order by all"
    ).fetchall()
    for schema, table, has_month, has_institution in tables:
        try:
            connection.execute(
                f'create or replace view main."{table}" as select * from build."{schema}"."{table}"'
            )
        except duckdb.BinderException:
            # A view that an earlier version of this software left behind: whatever asks for it says so.
            continue
        added = [] if has_institution else ["null::varchar as institution_id"]
        added += [] if has_month else ["null::varchar as month"]
        where = f"where month in {scope.month_list}" if has_month else ""
        connection.execute(
            f'create or replace view scope."{table}" as '
            f'select {", ".join(["*", *added])} from main."{table}" {where}'
        )


def add_made_relations(
    connection: duckdb.DuckDBPyConnection, scope: Scope, subjects: Iterable[str]
) -> dict[str, str]:
    """Create those of the made relations that the checks ask for. Returns subject → why it could not be made."""
    failed: dict[str, str] = {}
    wanted = list(subjects)
    if any(subject.startswith("delivered__") or subject == "reconciliation" for subject in wanted):
        _batch_outcome(connection, scope)
    for subject in wanted:
        try:
            if subject.startswith("delivered__"):
                _delivered(connection, scope, subject.removeprefix("delivered__"))
            elif subject in _MADE:
                _MADE[subject](connection, scope)
        except duckdb.Error as error:
            failed[subject] = str(error)
    return failed


def bind(checks: Sequence[Check], scope: Scope) -> list[Check]:
    """Put the values a suite cannot know into the checks' arguments: `{closing_date}` and the two column
    lists.
    """
    values = {
        "{closing_date}": scope.closing.isoformat(),
        "{personal_columns}": personal_columns(),
        "{person_level_columns}": sorted({*PERSON_LEVEL, *personal_columns()}),
    }
    return [check.model_copy(update={"arguments": _bound(check.arguments, values)}) for check in checks]


def personal_columns() -> list[str]:
    """Names under which feeds deliver what may not pass beyond `sources/`."""
    columns = [column for contract in load_contracts().values() for column in contract.columns]
    kept = {name for contract in load_contracts().values() for name, *_ in contract.conformed_columns()}
    return sorted({column.name for column in columns if column.privacy and column.name not in kept})


def _bound(arguments: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    bound = {}
    for name, value in arguments.items():
        if isinstance(value, str) and isinstance(values.get(value), list):
            value = values[value]
        elif isinstance(value, str):
            value = value.replace("{closing_date}", values["{closing_date}"])
        bound[name] = value
    return bound


def _delivered(connection: duckdb.DuckDBPyConnection, scope: Scope, table: str) -> None:
    """Rows of a fact filed under deliverer and delivery month, so that a row without an institution has a
    place too.
    """
    connection.execute(f"""
        create view scope.delivered__{table} as
        select event.* exclude (institution_id, month), event.institution_id as found_institution_id,
            batch.institution_id, batch.month
        from main.{table} as event join main.batch_outcome as batch on batch.batch_id = event.source_batch_id
        where batch.month in {scope.month_list}
    """)


def _warehouse_column(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    _columns_of(connection, scope, "warehouse_column", "true")


def _mart_column(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    _columns_of(
        connection,
        scope,
        "mart_column",
        f"schema_name = 'marts' or table_name in ({literals(PUBLISHED_DIMENSIONS)})",
    )


def _columns_of(connection: duckdb.DuckDBPyConnection, scope: Scope, name: str, condition: str) -> None:
    connection.execute(f"""
        create table scope.{name} as
        select null::varchar as institution_id, null::varchar as month, column_name,
            table_name || '.' || column_name as problem
        from duckdb_columns() where {RELATIONS} and ({condition})
    """)


def _policy_weight(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """The weights in force on the last day of each month judged."""
    months = ", ".join(f"('{month}')" for month in scope.months)
    connection.execute(f"""
        create table scope.policy_weight as
        select null::varchar as institution_id, m.month, w.*
        from (values {months}) as m(month)
        join read_parquet({literal(scope.home.policy / "kpi_weight.parquet")}) as w
            on w.effective_from <= last_day(cast(m.month || '-01' as date))
            and (w.effective_to is null or w.effective_to >= last_day(cast(m.month || '-01' as date)))
    """)


def _policy_veto(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """The vetoes in force in each month judged that no appeal has lifted."""
    months = ", ".join(f"('{month}')" for month in scope.months)
    connection.execute(f"""
        create table scope.policy_veto as
        select m.month, v.*
        from (values {months}) as m(month)
        join read_parquet({literal(scope.home.policy / "score_veto.parquet")}) as v
            on m.month between v.month_from and v.month_to and v.appeal_state <> 'upheld'
            and v.effective_from <= last_day(cast(m.month || '-01' as date))
            and (v.effective_to is null or v.effective_to >= last_day(cast(m.month || '-01' as date)))
    """)


def _evidence_sum(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Numerators and denominators of institutions, communities and the county, summed from the evidence itself, not from the
    models' sums of it.

    Materialised, one subject at a time: the evidence is a deep view over all history, and a check reads its relation several
    times.
    """
    measures: dict[str, list[str]] = {}
    for subject, measure in connection.execute(
        "select distinct subject, measure from main.kpi_part"
    ).fetchall():
        measures.setdefault(subject, []).append(quoted(measure))
    connection.execute(
        "create table scope.evidence_measure (subject varchar, month varchar, institution_id varchar, community_id varchar, "
        "measure varchar, amount decimal(18, 4))"
    )
    for subject in sorted(measures):
        connection.execute(
            f"insert into scope.evidence_measure {_summed(connection, subject, sorted(measures[subject]), scope)}"
        )
    connection.execute("""
        create table scope.evidence_sum as
        with comparable as (
            -- A month whose comparison the warehouse does not reach has no figure.
            select p.kpi_id, m.month
            from (select kpi_id, max(offset_months) as reach from main.kpi_part group by all) as p
            cross join main.dim_month as m
            where strftime(cast(m.month || '-01' as date) - to_months(p.reach), '%Y-%m')
                >= (select min(month) from main.dim_month)
        ), added as (
            select strftime(cast(e.month || '-01' as date) + to_months(p.offset_months), '%Y-%m') as month,
                p.kpi_id, coalesce(h.home_id, '-') as home_id, e.community_id,
                sum(e.amount * p.coefficient) filter (p.part = 'numerator') as numerator,
                sum(e.amount * p.coefficient) filter (p.part = 'denominator') as denominator
            from scope.evidence_measure as e join main.kpi_part as p using (subject, measure)
            left join main.kpi_home as h on h.kpi_id = p.kpi_id and h.institution_id = e.institution_id
            group by all
        ), counted as (
            select * from added semi join comparable using (kpi_id, month)
        ), complete as (
            select counted.* from counted anti join main.kpi_missing_delivery as m
                on m.kpi_id = counted.kpi_id and m.month = counted.month and m.institution_id = counted.home_id
        )
        select month, kpi_id, 'institution' as unit_level, home_id as unit_id,
            sum(numerator) as numerator, sum(denominator) as denominator from counted group by all
        union all
        select month, kpi_id, 'community', community_id, sum(numerator), sum(denominator) from complete group by all
        union all
        select month, kpi_id, 'county', u.unit_id, sum(numerator), sum(denominator)
        from complete cross join (from main.dim_unit where unit_level = 'county') as u group by all
    """)


def _summed(
    connection: duckdb.DuckDBPyConnection, subject: str, measures: Sequence[str], scope: Scope
) -> str:
    """Sums by month, institution and community, of the months judged and those they are compared with."""
    view = f"kpi_evidence__{subject}"
    columns = {row[0] for row in connection.execute(f"describe main.{quoted(view)}").fetchall()}
    own = "v.community_id, " if "community_id" in columns else ""
    sums = ", ".join(f"sum({measure})::decimal(18, 4) as {measure}" for measure in measures)
    earlier = "select distinct offset_months from main.kpi_part"
    return f"""select {literal(subject)} as subject, month, institution_id, community_id, measure, amount from (unpivot (
        select v.month, coalesce(i.institution_id, '-') as institution_id, coalesce({own}i.alliance_id, '-') as community_id,
            {sums}
        from main.{quoted(view)} as v left join main.dim_institution as i on i.institution_id = v.institution_id
        where v.month in (
            select strftime(cast(m.month || '-01' as date) - to_months(o.offset_months), '%Y-%m')
            from (select unnest([{literals(scope.months)}]) as month) as m cross join ({earlier}) as o
        ) group by all
    ) on {", ".join(measures)} into name measure value amount)"""


def _money_of_month(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Of every institution and month in which both were delivered: what it charged (lines closed in the month) and what was
    settled there, in fen, and how many hundredths of the one the other is.
    """
    connection.execute(f"""
        create table scope.money_of_month as
        with charged as (
            select institution_id, charge_month as month, sum(amount_fen)::bigint as charged_fen
            from main.fct_fee_line where charge_month in {scope.month_list} group by all
        ),
        settled as (
            select institution_id, month, sum(total_fen)::bigint as settled_fen
            from main.fct_settlement where month in {scope.month_list} group by all
        )
        select *, round(100 * settled_fen / charged_fen, 1) as settled_pct
        from charged join settled using (institution_id, month) where charged_fen > 0
    """)


def _reconciliation(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    reconcile(connection, scope.home, scope.months, scope.last_known_month)


def _batch_outcome(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Every batch the build knows, with what it was credited with on arrival and whether it is in force. From the build:
    there is one small file a batch, and opening a year of them takes longer than judging a month.
    """
    connection.execute("""
        create view main.batch_outcome as
        select *, deliverer_id as institution_id, delivery_month as month, standing = 'in_force' as in_force
        from main.stg_batch_outcome
    """)


_MADE: dict[str, Callable[[duckdb.DuckDBPyConnection, Scope], None]] = {
    "warehouse_column": _warehouse_column,
    "mart_column": _mart_column,
    "policy_weight": _policy_weight,
    "policy_veto": _policy_veto,
    "reconciliation": _reconciliation,
    "money_of_month": _money_of_month,
    "kpi_component": _evidence_sum,
}
