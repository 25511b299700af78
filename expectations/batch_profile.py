"""What the feed gate judges: per batch, what conforming counted, and the accepted rows held against the
contract.

Only batches in force are judged: what a later file took the place of, or a person withdrew, is history.
Reads `<home>/conformed` (batch_outcome, batch_standing, rule_outcome, county/expected_delivery and the accepted rows of the
months in question) and writes four relations into the session's schema `scope`; `suites/feed.yml` says what
each is for. Counting happens once, in DuckDB; Great Expectations then judges thousands of batches in
milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import duckdb
import pyarrow as pa

from sources.base.engine import literal, literals, matching, quoted
from sources.base.home import Home
from sources.contracts.contract import Contract
from sources.contracts.words import Column, conformed_name
from sources.intake.standing import IN_FORCE, RESOLVED_SCHEMA, STANDING_SCHEMA, read_resolved, read_standing

# So many rows more or less say nothing of a small clinic's month.
_SMALL_CHANGE_ROWS = 50
_MISSING_RULES = ("REQUIRED_MISSING",)
_COUNTED_RULES = {
    "date_out_of_range": ("DATE_OUT_OF_RANGE",),
    "id_card_invalid": ("ID_CARD_INVALID", "ID_CARD_NOT_OWN"),
    "default_value": ("DEFAULT_VALUE", "PLACEHOLDER_DATE"),
    "key_reused": ("KEY_REUSED",),
    "count_differs": ("COUNT_DIFFERS",),
    "owner_unread": ("OWNER_UNREAD",),
}
# A delivery of which more than this is quarantined is as good as none.
_UNUSABLE_PCT = 90
# Mean amounts of a row that differ so many times are in different units: fen and yuan are 100 apart, yuan and 万元 10,000.
_OTHER_UNIT = 30
# Rules about the file or the row as a whole, or counted above: they say nothing of a column's type or values.
_NOT_ABOUT_VALUES = (
    *_MISSING_RULES,
    *(rule for rules in _COUNTED_RULES.values() for rule in rules),
    "RAGGED_ROW",
    "TEST_PATIENT",
    "UNMAPPED_COLUMN",
    "MAPPED_COLUMN_ABSENT",
    "BLOCK_ABSENT",
    "DUPLICATE_ROW",
    "ENTRY_REPEATED",
)


def build(
    connection: duckdb.DuckDBPyConnection, home: Home, contracts: Sequence[Contract], months: Sequence[str]
) -> None:
    """Create scope.batch_profile, accepted_profile, column_profile and delivery_profile for these feeds
    and months.
    """
    feeds = [contract.feed for contract in contracts]
    _outcomes(connection, home, feeds)
    _batch_profile(connection, months)
    _leave_out_resolved(connection)
    _accepted_profile(connection, home, contracts, months)
    _column_profile(connection, contracts)
    _delivery_profile(connection, home, contracts, months)


def _outcomes(connection: duckdb.DuckDBPyConnection, home: Home, feeds: Sequence[str]) -> None:
    """Outcomes of these feeds that are in force: earlier months are the history that volumes are compared with."""
    rows = [asdict(row) for feed in feeds for row in read_standing(home, feed).values()]
    connection.register("standing", pa.Table.from_pylist(rows, schema=STANDING_SCHEMA))
    connection.execute("create table main.batch_standing as select * from standing")
    connection.unregister("standing")
    for name in ("batch_outcome", "rule_outcome"):
        connection.execute(
            f"create table main.{name} as select * from read_parquet(?) where feed in {_list(feeds)} and batch_id "
            f"not in (select batch_id from main.batch_standing where standing <> '{IN_FORCE}')",
            [matching(home.conformed / name, "*.parquet")],
        )
    faults = [fault for feed in feeds for fault in read_resolved(home, feed)]
    connection.register("resolved", pa.Table.from_pylist(faults, schema=RESOLVED_SCHEMA))
    connection.execute("""
        update main.rule_outcome as broken set violated = broken.violated - resolved.resolved from resolved
        where (broken.batch_id, broken.rule_id, broken.column_name)
            = (resolved.batch_id, resolved.rule_id, resolved.column_name)
    """)
    connection.unregister("resolved")


def _leave_out_resolved(connection: duckdb.DuckDBPyConnection) -> None:
    """Quarantined rows that came again in a later batch are judged there, and here no longer."""
    connection.execute(f"""
        update scope.batch_profile as batch set
            delivered_rows = batch.delivered_rows - standing.resolved_rows,
            quarantined_rows = batch.quarantined_rows - standing.resolved_rows,
            unusable_rows = case when (batch.quarantined_rows - standing.resolved_rows) * 100
                > (batch.delivered_rows - standing.resolved_rows) * {_UNUSABLE_PCT}
                then batch.quarantined_rows - standing.resolved_rows else 0 end
        from main.batch_standing as standing
        where standing.batch_id = batch.batch_id and standing.resolved_rows > 0
    """)


def _batch_profile(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    counted = ", ".join(
        f"coalesce(sum(violated) filter (rule_id in {_list(rules)}), 0)::bigint as {name}_rows"
        for name, rules in _COUNTED_RULES.items()
    )
    # Rules count cells: a row with two bad dates would count twice. Rows are those of the worst column.
    worst = ", ".join(f"max({name}_rows) as {name}_rows" for name in _COUNTED_RULES)
    zeros = ", ".join(
        f"least(coalesce({name}_rows, 0), coalesce(batch.delivered_rows, 0)) as {name}_rows"
        for name in _COUNTED_RULES
    )
    connection.execute(f"""
        create table scope.batch_profile as
        with columns as (
            select batch_id, column_name, {counted},
                (count(*) filter (rule_id in ('UNMAPPED_COLUMN', 'MAPPED_COLUMN_ABSENT', 'BLOCK_ABSENT')) > 0)::int as unmapped
            from main.rule_outcome group by all
        ), rules as (
            select batch_id, {worst}, sum(unmapped)::bigint as unmapped_columns from columns group by all
        ), batches as (
            select batch.* exclude (delivered_rows), coalesce(batch.delivered_rows, 0) as delivered_rows,
                {zeros}, coalesce(rules.unmapped_columns, 0) as unmapped_columns,
                (batch.status = 'refused')::int as refused,
                coalesce(standing.absent_keys, 0) as absent_keys, coalesce(standing.unused_keys, 0) as unused_keys,
                coalesce(standing.moved_keys, 0) as moved_keys
            from main.batch_outcome as batch left join rules using (batch_id)
            left join main.batch_standing as standing using (batch_id)
            where batch.month in {_list(months)}
        )
        select *,
            case when status = 'refused' then 0
                else abs(delivered_rows - (accepted_rows + quarantined_rows + duplicate_rows))
                end as unreconciled_rows,
            case when status = 'refused' then 0 else
                coalesce(abs(delivered_fen - (accepted_fen + quarantined_fen + duplicate_fen)), 0)
                end::bigint as unreconciled_fen,
            case when quarantined_rows * 100 > delivered_rows * {_UNUSABLE_PCT} then quarantined_rows else 0
                end as unusable_rows,
        from batches
    """)


def _accepted_profile(
    connection: duckdb.DuckDBPyConnection, home: Home, contracts: Sequence[Contract], months: Sequence[str]
) -> None:
    connection.execute(
        "create table main.accepted (feed varchar, batch_id varchar, stored_rows bigint, stored_fen bigint, "
        "misfit_rows bigint)"
    )
    institutions = home.county / "institution.parquet"
    connection.execute(f"create view main.institution as select * from read_parquet({literal(institutions)})")
    for contract in contracts:
        patterns = [f"{contract.feed}/institution_id=*/month={month}/*.parquet" for month in months]
        files = sorted(str(path) for pattern in patterns for path in home.conformed.glob(pattern))
        if files:
            connection.execute(_accepted_sql(contract), [files])
    connection.execute(f"""
        create table scope.accepted_profile as
        select batch.feed, institution_id, month, batch_id, source_file, accepted_rows,
            abs(accepted_rows - coalesce(stored_rows, 0)) as unstored_rows,
            coalesce(accepted_fen, 0) as accepted_fen,
            abs(coalesce(accepted_fen, 0) - coalesce(stored_fen, 0)) as unstored_fen,
            coalesce(misfit_rows, 0) as misfit_rows
        from main.batch_outcome as batch left join main.accepted using (batch_id)
        where status <> 'refused' and month in {_list(months)}
    """)


def _accepted_sql(contract: Contract) -> str:
    """One pass over the accepted rows of a feed: rows and money stored, rows not fitting the contract."""
    misfits = [sql for column in contract.columns if (sql := _misfit(column))]
    money = quoted(contract.conformed_money) if contract.conformed_money else "0"
    return f"""
        insert into main.accepted
        select '{contract.feed}', source_batch_id, count(*), sum({money})::bigint,
            count(*) filter ({" or ".join(misfits) or "false"})
        from read_parquet(?, hive_partitioning = false) group by all
    """


def _misfit(column: Column) -> str | None:
    """SQL that is true for an accepted value the contract forbids; None where nothing is left to look at."""
    rule = column.privacy
    if rule is not None and (rule.drop or rule.id_card or rule.test_name):
        return None
    name = quoted(conformed_name(column))
    tests = [f"{name} is null"] if column.required else []
    if rule is None and column.valid_values:
        tests.append(f"{name} not in {_list(column.valid_values)}")
    if rule is None and column.references == "institution":
        tests.append(f"({name} is not null and {name} not in (select institution_id from main.institution))")
    return " or ".join(tests) or None


def _column_profile(connection: duckdb.DuckDBPyConnection, contracts: Sequence[Contract]) -> None:
    """Compiled from the contracts: every required or restricted column × every batch, with what conforming
    refused.
    """
    restricted = [
        f"({literal(contract.feed)}, {literal(column.name)})"
        for contract in contracts
        for column in contract.columns
        if _is_restricted(column)
    ]
    connection.execute(f"""
        create table scope.column_profile as
        with restricted (feed, column_name) as (values {", ".join(restricted)}),
        rules as (
            select batch_id, column_name,
                sum(violated) filter (rule_id in {_list(_MISSING_RULES)})::bigint as missing,
                sum(violated) filter (rule_id not in {_list(_NOT_ABOUT_VALUES)})::bigint as invalid
            from main.rule_outcome group by all
        )
        select batch.feed, restricted.column_name as check_suffix, batch.institution_id, batch.month,
            batch.batch_id, batch.source_file, batch.delivered_rows,
            least(coalesce(missing, 0), batch.delivered_rows) as missing_rows,
            least(coalesce(invalid, 0), batch.delivered_rows) as invalid_rows
        from scope.batch_profile as batch join restricted using (feed)
        left join rules on rules.batch_id = batch.batch_id and rules.column_name = restricted.column_name
        where status <> 'refused'
    """)


def _is_restricted(column: Column) -> bool:
    return (
        column.required
        or bool(column.valid_values)
        or column.logical_type != "string"
        or bool(column.references)
    )


def _delivery_profile(
    connection: duckdb.DuckDBPyConnection, home: Home, contracts: Sequence[Contract], months: Sequence[str]
) -> None:
    """One row per delivery expected. Volumes compare only for events and whole lists, not for lists of changes."""
    feeds = [contract.feed for contract in contracts]
    steady = [contract.feed for contract in contracts if contract.delivery != "changes"] or [""]
    expected = home.county / "expected_delivery.parquet"
    connection.execute(f"""
        create table scope.delivery_profile as
        with received as (
            select feed, institution_id, month, sum(delivered_rows) as delivered_rows,
                sum(abs(accepted_fen))::double / nullif(sum(accepted_rows), 0) as mean_fen
            from main.batch_outcome where status <> 'refused' group by all
        ), expected as (
            select feed, institution_id, month
            from read_parquet({literal(expected)}), (values {_rows(months)}) as m(month)
            where feed in {_list(feeds)}
        ), usual as (
            select e.feed, e.institution_id, e.month, avg(r.delivered_rows) as usual_rows,
                avg(r.mean_fen) as usual_fen
            from expected as e join received as r
                on r.feed = e.feed and r.institution_id = e.institution_id and r.month < e.month
                and r.month >= strftime(strptime(e.month || '-01', '%Y-%m-%d') - interval 3 month, '%Y-%m')
            where e.feed in {_list(steady)}
            group by all
        )
        select feed, institution_id, month, received.feed is null as absent,
            (absent)::int as undelivered, coalesce(delivered_rows, 0)::bigint as delivered_rows,
            round(usual_rows)::bigint as usual_rows,
            case when not absent and abs(delivered_rows - usual_rows) > {_SMALL_CHANGE_ROWS}
                then round(delivered_rows / nullif(usual_rows, 0), 4) end as volume_ratio,
            coalesce(greatest(mean_fen / nullif(usual_fen, 0), usual_fen / nullif(mean_fen, 0)) >= {_OTHER_UNIT}, false)::int
                as other_unit
        from expected left join received using (feed, institution_id, month)
        left join usual using (feed, institution_id, month)
    """)


def _list(values: Sequence[str]) -> str:
    return f"({literals(values)})"


def _rows(values: Sequence[str]) -> str:
    return ", ".join(f"({literal(value)})" for value in values)
