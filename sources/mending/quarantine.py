"""The quarantine as a person mends it: rows that share a cause together, with money, place, and what to write to mend them.

Here: grouping what conforming set aside or emptied, and the lines of a dictionary that would mend it. Not here: why a row is
quarantined (conforming.rules) or how groups are shown. Holds shapes and plain codes only, as the quarantine itself does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sources.base.engine import ask, literal, literals, matching
from sources.base.home import Home
from sources.conforming.rules import DUPLICATE_ROW, UNMAPPED_COLUMN, Fault
from sources.county.county import County
from sources.intake.standing import out_of_force
from sources.onboarding.codes import quoted

DICTIONARY_RULES = (
    Fault.DICTIONARY_GAP.name,
    Fault.VALUE_NOT_IN_SET.name,
    Fault.UNKNOWN_INSTITUTION.name,
    Fault.CODE_NULLED.name,
    Fault.OPERATION_UNKNOWN.name,
)
FILTERS = "($1 is null or feed = $1) and ($2 is null or institution_id = $2) and ($3 is null or month = $3)"


@dataclass(frozen=True)
class Narrowing:
    """Which part of the quarantine is meant; None means all."""

    feed: str | None = None
    institution: str | None = None
    month: str | None = None

    @property
    def parameters(self) -> list[str | None]:
        return [self.feed, self.institution, self.month]


@dataclass(frozen=True)
class QuarantineGroup:
    """Rows of one feed and deliverer that broke one rule in one column with one value (or shape of value): quarantined, or
    accepted with the code emptied.
    """

    feed: str
    institution_id: str
    rule_id: str
    column_name: str
    shown: str
    rows: int
    fen: int | None
    months: str
    first_file: str
    first_line: int
    message_zh: str
    message_en: str


@dataclass(frozen=True)
class EmptiedGroup:
    """Values of accepted rows that were emptied or marked, by rule and column: the rows are in the warehouse."""

    feed: str
    institution_id: str
    rule_id: str
    column_name: str
    disposition: str
    rows: int
    message_zh: str
    message_en: str


@dataclass(frozen=True)
class QuarantinedLine:
    """One line and one of its faults."""

    feed: str
    institution_id: str
    month: str
    file: str
    line: int
    rule_id: str
    column_name: str
    shown: str
    fen: int | None
    message_zh: str


def quarantine_groups(home: Home, narrowing: Narrowing) -> list[QuarantineGroup]:
    """Groups with the most rows first. A row with two faults stands in two groups."""
    sql = f"""select feed, institution_id, rule_id, coalesce(column_name, ''), coalesce(masked_value, ''),
            count(*), sum(amount_fen)::bigint, string_agg(distinct month, ' ' order by month),
            min(source_file), arg_min(source_line, (source_file, source_line)), any_value(message_zh), any_value(message_en)
        from quarantined where {FILTERS}
        group by all order by 6 desc, 1, 2, 3, 4, 5"""
    return [QuarantineGroup(*row) for row in _rows(home, sql, narrowing)]


def quarantined_lines(home: Home, narrowing: Narrowing) -> Iterator[QuarantinedLine]:
    """Every quarantined line with every fault, in the order of feed, deliverer, month, file and line."""
    sql = f"""select feed, institution_id, month, source_file, source_line, rule_id, coalesce(column_name, ''),
            coalesce(masked_value, ''), amount_fen, message_zh
        from quarantined where {FILTERS} order by all"""
    for row in _rows(home, sql, narrowing):
        yield QuarantinedLine(*row)


def quarantined_total(home: Home, narrowing: Narrowing) -> tuple[int, int]:
    """Quarantined rows and fen as the batches account for them: each row once."""
    if not list(home.batch_outcome.glob("*.parquet")):
        return 0, 0
    sql = f"""select coalesce(sum(quarantined_rows), 0), coalesce(sum(quarantined_fen), 0)
        from read_parquet({literal(matching(home.batch_outcome, "*.parquet"))}) where {FILTERS} and {_in_force(home, "batch_id")}"""
    ((rows, fen),) = ask(sql, narrowing.parameters)
    return int(rows), int(fen)


def emptied_groups(home: Home, narrowing: Narrowing) -> list[EmptiedGroup]:
    """What was emptied or marked in rows that stay, most rows first."""
    if not list(home.rule_outcome.glob("*.parquet")):
        return []
    sql = f"""select feed, institution_id, rule_id, column_name, disposition, sum(violated)::bigint,
            any_value(message_zh), any_value(message_en)
        from read_parquet({literal(matching(home.rule_outcome, "*.parquet"))})
        where {FILTERS} and {_in_force(home, "batch_id")} and disposition in ('nulled', 'marked') and rule_id not in ('{UNMAPPED_COLUMN}', '{DUPLICATE_ROW}')
        group by all order by 6 desc, 1, 2, 3, 4"""
    return [EmptiedGroup(*row) for row in ask(sql, narrowing.parameters)]


def _rows(home: Home, sql: str, narrowing: Narrowing) -> list[tuple]:
    if not list(home.quarantine.rglob("*.parquet")):
        return []
    files = literal(matching(home.quarantine, "*/institution_id=*/month=*/*.parquet"))
    quarantined = f"""select *, regexp_extract(filename, '([^/]+)/institution_id=', 1) as feed
        from read_parquet({files}, hive_partitioning = true, hive_types_autocast = false, filename = true)
        where {_in_force(home, "source_batch_id")}"""
    return ask(f"with quarantined as ({quarantined}) {sql}", narrowing.parameters)


def _in_force(home: Home, column: str) -> str:
    """Condition on the batch: what was overtaken or withdrawn needs no mending."""
    dead = literals(sorted(out_of_force(home)))
    return f"{column} not in ({dead})" if dead else "true"


def dictionary_lines(county: County, groups: list[QuarantineGroup]) -> dict[str, list[str]]:
    """{mapping file: lines to put into it} for codes that a dictionary would mend; codes that are shapes only are left out."""
    found: dict[str, dict[tuple[str, str], list[str]]] = {}
    for group in groups:
        if group.rule_id not in DICTIONARY_RULES or set(group.shown) <= set("9A字 ."):
            continue
        for mapping in county.mappings_of(group.institution_id):
            if group.feed in mapping.mapping.feeds:
                plan = mapping.plan(group.feed)
                column, source = (
                    plan.contract.judged_columns[group.column_name],
                    plan.columns.get(group.column_name),
                )
                name = (source.dictionary if source else None) or (
                    "institution" if column.references else column.name
                )
                choice = column.code_system or "、".join(column.valid_values) or "county.yml 的机构编号"
                line = f"    {quoted(group.shown)}: ?   # {group.rows:,} 行 rows;{choice}"
                place = found.setdefault(f"mappings/{mapping.name}.yml", {})
                place.setdefault((name, column.name), []).append(line)
                break
    return {file: list(_snippet(names)) for file, names in sorted(found.items())}


def _snippet(names: dict[tuple[str, str], list[str]]) -> Iterator[str]:
    yield "dictionaries:"
    for (name, column), lines in sorted(names.items()):
        use = "" if name == "institution" else f"   # 列 {column}: {{from: …, dictionary: {name}}}"
        yield f"  {name}:{use}"
        yield from sorted(set(lines))
