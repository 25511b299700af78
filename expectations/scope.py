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
from expectations.facts import Fact, load_facts
from sources.base.engine import literal, literals, quoted
from sources.base.home import Home
from sources.contracts.contract import Contract
from sources.contracts.load import load_contracts
from sources.contracts.words import conformed_name
from sources.intake.standing import out_of_force

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
    # Views of the build name the files of the home relative to it.
    connection.execute(f"set file_search_path = {literal(scope.home.root)}")
    connection.execute(f"attach {literal(scope.home.build_database)} as build (read_only)")
    tables = connection.execute(
        "select schema_name, table_name, bool_or(column_name = 'month'), "
        "bool_or(column_name = 'institution_id') from duckdb_columns() where database_name = 'build' and not internal group by all order by all"
    ).fetchall()
    for schema, table, has_month, has_institution in tables:
        connection.execute(
            f'create or replace view main."{table}" as select * from build."{schema}"."{table}"'
        )
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
        "starts_with(table_name, 'mart_') or table_name in ('dim_institution', 'dim_kpi', 'dim_month')",
    )


def _columns_of(connection: duckdb.DuckDBPyConnection, scope: Scope, name: str, condition: str) -> None:
    connection.execute(f"""
        create table scope.{name} as
        select null::varchar as institution_id, null::varchar as month, column_name,
            table_name || '.' || column_name as problem
        from duckdb_columns() where database_name = 'build' and not internal and ({condition})
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


def _evidence_sum(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Numerators and denominators summed from the evidence itself, not from the models' sums of it.

    Materialised: the evidence is a deep view, and a check reads its relation several times.
    """
    measures: dict[str, list[str]] = {}
    for subject, measure in connection.execute(
        "select distinct subject, measure from main.kpi_part"
    ).fetchall():
        measures.setdefault(subject, []).append(quoted(measure))
    subjects = " union all ".join(
        _summed(subject, sorted(measures[subject]), scope) for subject in sorted(measures)
    )
    connection.execute(f"""
        create table scope.evidence_sum as
        select e.month, e.institution_id, p.kpi_id,
            sum(e.amount * p.coefficient) filter (p.part = 'numerator') as numerator,
            sum(e.amount * p.coefficient) filter (p.part = 'denominator') as denominator
        from ({subjects}) as e join main.kpi_part as p using (subject, measure) group by all
    """)


def _summed(subject: str, measures: Sequence[str], scope: Scope) -> str:
    sums = ", ".join(f"sum({measure})::decimal(18, 4) as {measure}" for measure in measures)
    return f"""select {literal(subject)} as subject, month, institution_id, measure, amount from (unpivot (
        select month, institution_id, {sums} from main.{quoted("kpi_evidence__" + subject)}
        where month in {scope.month_list} group by all
    ) on {", ".join(measures)} into name measure value amount)"""


def _reconciliation(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Per feed, deliverer and delivery month: newest accepted rows and money, against the warehouse's."""
    connection.execute(
        "create table scope.reconciliation (feed varchar, institution_id varchar, month varchar, "
        "accepted_rows bigint, accepted_fen bigint, missing_rows bigint, missing_fen bigint)"
    )
    for fact in load_facts():
        files = sorted(str(path) for path in scope.home.conformed.glob(f"{fact.feed}/*/*/*.parquet"))
        if files and fact.reconciled:
            connection.execute(_reconciliation_sql(load_contracts()[fact.feed], scope, fact), [files])


def _reconciliation_sql(contract: Contract, scope: Scope, fact: Fact) -> str:
    """An independent count: the newest version per deliverer and key by max_by, not by the models' window
    function.
    """
    key = ", ".join(map(quoted, contract.conformed_key))
    amount = (
        quoted(conformed_name(contract.column(contract.control_money)))
        if fact.money and contract.control_money
        else "0"
    )
    built_amount = f"e.{fact.money}" if amount != "0" else "0"
    return f"""
        insert into scope.reconciliation
        with newest as (
            select f.institution_id, max_by(
                {{'month': f.month, 'op': coalesce(f.op_flag, 'I'), 'fen': {amount}}},
                (coalesce(f.src_update_ts, timestamp '0001-01-01'),
                 coalesce(b.first_landed_at, timestamp '0001-01-01'), f.source_batch_id, f.source_line)
            ) as row
            from read_parquet(?, hive_partitioning = true, hive_types_autocast = false) as f
            join main.batch_outcome as b on b.batch_id = f.source_batch_id
            where f.month <= '{scope.last_known_month}'
            group by f.institution_id, {key}
        ), accepted as (
            select institution_id, row.month as month, count(*) as rows, sum(row.fen)::bigint as fen
            from newest where row.op <> 'D' group by all
        ), built as (
            select b.institution_id, b.month, count(*) as rows, sum({built_amount})::bigint as fen
            from main.{fact.table} as e join main.batch_outcome as b on b.batch_id = e.source_batch_id
            group by all
        )
        select '{contract.feed}', institution_id, month,
            coalesce(accepted.rows, 0), coalesce(accepted.fen, 0),
            abs(coalesce(accepted.rows, 0) - coalesce(built.rows, 0)),
            abs(coalesce(accepted.fen, 0) - coalesce(built.fen, 0))
        from accepted full join built using (institution_id, month)
        where month in {scope.month_list}
    """


def _batch_outcome(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Outcomes of the batches in force: no other has rows in the warehouse."""
    dead = literals(sorted(out_of_force(scope.home))) or "''"
    connection.execute(
        f"create table main.batch_outcome as select * from read_parquet(?) where batch_id not in ({dead})",
        [str(scope.home.batch_outcome / "*.parquet")],
    )


_MADE: dict[str, Callable[[duckdb.DuckDBPyConnection, Scope], None]] = {
    "warehouse_column": _warehouse_column,
    "mart_column": _mart_column,
    "policy_weight": _policy_weight,
    "reconciliation": _reconciliation,
    "kpi_component": _evidence_sum,
}
