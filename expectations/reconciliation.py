"""The fate of every accepted row, counted: what each delivery was credited with on arrival, against what the facts hold of it.

accepted = in the facts + superseded + replaced + deleted + out of force, rows and fen, per feed, deliverer and delivery month;
what is left over is unexplained and stops the run. Every term is counted by a question of its own: *accepted* is what the intake
wrote down, *facts* is what stands in the fact, and a row that is not there must show the row that counts instead, newer and under
the same key. Of the models' own rule for the newest version nothing is used. Published as `mart_fact_reconciliation`.
Whole rows are read of the months judged; in all others the keys are looked up, and rows read of the batches that have one.
Not here: which share of fates is tolerated (suites/core.yml).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from expectations.facts import Fact, load_facts
from sources.base.engine import literal, literals, quoted
from sources.base.files import write_parquet
from sources.base.home import Home
from sources.contracts.contract import Contract
from sources.contracts.load import load_contracts
from sources.contracts.words import conformed_name

TABLE = "mart_fact_reconciliation"
_FATES = {
    "superseded": ("同一事件已有更新版本", "a newer version of the same event counts"),
    "replaced": (
        "被同一主键的另一事件顶替(疑似编号重用)",
        "another event under the same key counts (a number used again)",
    ),
    "deleted": ("源系统删除的行与删除通知", "deleted at the source, and the notices of deletion"),
    "out_of_force": ("所在批次已被取代或撤回", "the batch was overtaken or withdrawn"),
    "unexplained": (
        "去向不明:接收减去其余各项,必须为 0",
        "unaccounted for: accepted less all the others, has to be 0",
    ),
    "fact": ("进入事实表", "in the fact table"),
    "test": ("事实表中测试患者的行,不计入指标", "of the facts: test patients, counted in no KPI"),
    "reversal": ("事实表中的冲销行", "of the facts: reversals"),
    "void": ("事实表中作废、取消或无效的行", "of the facts: cancelled or otherwise not valid"),
    "monthless": (
        "事实表中不属于任何统计月的事件",
        "of the facts: events in no month of the warehouse",
    ),
}
# What tells that a row of a fact counts nowhere or against another; columns a fact may have.
_OF_THE_FACTS = {
    "test": {"is_test_patient": "is_test_patient", "is_test": "is_test"},
    "reversal": {"is_reversal": "is_reversal", "settlement_count": "settlement_count < 0"},
    "void": {"is_valid": "not is_valid"},
}
COLUMNS = (
    ("feed", pa.string(), "数据源", "feed"),
    ("institution_id", pa.string(), "交付方", "deliverer"),
    ("month", pa.string(), "交付月 YYYY-MM", "month of the delivery"),
    ("fact", pa.string(), "事实表", "fact table"),
    ("accepted_rows", pa.int64(), "接收时记下的行数", "rows as written down on arrival"),
    ("accepted_fen", pa.int64(), "接收时记下的金额(分)", "money as written down on arrival, in fen"),
    *(
        (f"{fate}_{unit}", pa.int64(), f"{zh}({zh_unit})", f"{en}, {en_unit}")
        for fate, (zh, en) in _FATES.items()
        for unit, zh_unit, en_unit in (("rows", "行数", "rows"), ("fen", "分", "fen"))
    ),
    (
        "overwriting_rows",
        pa.int64(),
        "本次交付顶替掉的其他事件行数(不论其交付月)",
        "rows of other events, whenever delivered, that rows of this delivery replaced",
    ),
)
SCHEMA = pa.schema(
    [
        pa.field(name, kind, metadata={"description_zh": zh, "description_en": en})
        for name, kind, zh, en in COLUMNS
    ],
    metadata={
        "description_zh": "事实表对账:数据源×交付方×交付月,接收=入表+更新+顶替+删除+失效",
        "description_en": "Fate of every accepted row by feed, deliverer and month of delivery: "
        "accepted = facts + superseded + replaced + deleted + out of force",
    },
)


def reconcile(
    connection: duckdb.DuckDBPyConnection, home: Home, months: Sequence[str], last_known_month: str
) -> None:
    """Create `scope.reconciliation` for the months judged; needs `main.batch_outcome` (with `in_force`) and the facts."""
    types = {pa.string(): "varchar", pa.int64(): "bigint"}
    columns = ", ".join(f"{name} {types[kind]}" for name, kind, *_ in COLUMNS)
    connection.execute(f"create table scope.reconciliation ({columns})")
    for fact in load_facts():
        files = tuple(sorted(home.conformed.glob(f"{fact.feed}/*/*/*.parquet")))
        if files:
            _Reconciled(connection, fact, months, last_known_month, files).count()


def keep(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Write what was counted, for the step that publishes (another process may run it)."""
    table = connection.execute(
        "select * from scope.reconciliation order by feed, institution_id, month"
    ).to_arrow_table()
    write_parquet(_path(home), table.cast(SCHEMA))


def load(home: Home) -> pa.Table:
    """What `keep` wrote; no rows if the core gate has not run."""
    path = _path(home)
    return pq.read_table(path) if path.is_file() else SCHEMA.empty_table()


def forget(home: Home) -> None:
    """Remove what an earlier run counted."""
    _path(home).unlink(missing_ok=True)


def _path(home: Home) -> Path:
    return home.gates / f"{TABLE}.parquet"


@dataclass(frozen=True)
class _Reconciled:
    """One fact held against the accepted rows of its feed."""

    connection: duckdb.DuckDBPyConnection
    fact: Fact
    months: Sequence[str]
    last_known_month: str
    files: Sequence[Path]

    def count(self) -> None:
        """Add the rows of this fact to `scope.reconciliation`."""
        run = self.connection.execute
        run(f"create or replace temp view arrived as {self._whole_rows(self._arrived)}")
        run(f"create or replace temp table elsewhere as {self._elsewhere()}")
        run(f"create or replace temp view touched as {self._touched()}")
        run(f"create or replace temp table discarded as {self._discarded()}")
        run(f"create or replace temp table fate as {self._fate()}")
        run(f"insert into scope.reconciliation by name {self._counted()}")

    @cached_property
    def _contract(self) -> Contract:
        return load_contracts()[self.fact.feed]

    @cached_property
    def _key(self) -> tuple[str, ...]:
        return self._contract.conformed_key

    @cached_property
    def _one_record(self) -> str:
        """Columns that all versions of one record share; a fact without a deliverer keeps one row of all deliverers'."""
        deliverer = ["institution_id"] if self.fact.is_by_deliverer else []
        monthly = ["month"] if self._contract.keep_every_month else []
        return ", ".join([*deliverer, *monthly, *map(quoted, self._key)])

    @cached_property
    def _told_apart(self) -> tuple[str, ...]:
        """Columns in which another event, or somebody else's entry, differs; a sex may be corrected, and 9 is none."""
        sexes = {conformed_name(column) for column in self._contract.columns if column.linkage == "sex"}
        return tuple(name for name in self._contract.tells_events_apart if name not in sexes)

    @cached_property
    def _proof(self) -> str | None:
        """The column that shows two rows to be of one person, whatever else differs."""
        if self._contract.proves_entry is None:
            return None
        name = conformed_name(self._contract.column(self._contract.proves_entry))
        return name if name in self._told_apart else None

    @property
    def _judged(self) -> str:
        return f"month in ({literals(self.months)})"

    @property
    def _money(self) -> str | None:
        """The fact's money, where the contract has control money and the fact keeps it."""
        return self.fact.money if self._contract.conformed_money else None

    @cached_property
    def _arrived(self) -> list[Path]:
        """Files of the months judged."""
        return [path for path in self.files if _month(path) in self.months]

    @cached_property
    def _others(self) -> list[Path]:
        """Files in which a record of the months judged may have other versions; a list kept every month has none."""
        if self._contract.keep_every_month:
            return []
        return [
            path
            for path in self.files
            if path not in set(self._arrived) and _month(path) <= self.last_known_month
        ]

    def _key_values(self) -> str:
        institutions = self._contract.institution_columns
        return ", ".join(  # a row that names no institution is its deliverer's
            f"coalesce(f.{quoted(name)}, f.institution_id) as {quoted(name)}"
            if name in institutions
            else f"f.{quoted(name)}"
            for name in self._key
        )

    def _rows(self, files: Sequence[Path], columns: str = "") -> str:
        """Accepted rows in force of these files (`f`), their batch as `b`; of none, no rows, which still have their columns."""
        names = literals(map(str, files or self.files[:1]))
        return f"""
            select f.institution_id, f.month, {self._key_values()}, f.source_batch_id as batch, f.source_line as line {columns}
            from read_parquet([{names}], hive_partitioning = true, hive_types_autocast = false, union_by_name = true) as f
            join main.batch_outcome as b on b.batch_id = f.source_batch_id and b.in_force
            where {"true" if files else "false"}
        """

    def _whole_rows(self, files: Sequence[Path]) -> str:
        """With what tells the event of a row, and which of two is the newer one."""
        money, event_time = self._contract.conformed_money, self._contract.event_time
        fen = f"f.{quoted(money)}" if money and self._money else "0"
        moment = (
            f"f.{quoted(conformed_name(self._contract.column(event_time)))}" if event_time else "null::date"
        )
        told = "".join(f", f.{quoted(name)}" for name in self._told_apart)
        return self._rows(
            files,
            f"""{told}, f.op_flag = 'D' as is_notice, f.src_update_ts as changed, b.first_landed_at as landed,
                {fen} as fen, strftime({moment}, '%Y-%m') as event_month""",
        )

    def _elsewhere(self) -> str:
        """Where records of the months judged have rows in other months: nothing but keys is read for it."""
        return f"""
            select batch, line from ({self._rows(self._others)})
            semi join (select distinct {self._one_record} from arrived) using ({self._one_record})
        """

    def _touched(self) -> str:
        """Every row in force of every record of which a row was delivered in the months judged."""
        found = self.connection.execute("select distinct batch from elsewhere").fetchall()
        batches = {batch for (batch,) in found}
        files = [path for path in self._others if path.stem in batches]
        return f"""
            from arrived union all by name
            from ({self._whole_rows(files)}) semi join elsewhere using (batch, line)
        """

    def _discarded(self) -> str:
        """Those that are not in the fact, and the row that is there instead."""
        names = self.fact.own_key(self._contract)
        keys = ", ".join(
            f"{quoted(theirs)} as {quoted(own)}" for theirs, own in zip(names, self._key, strict=True)
        )
        deliverer = "deliverer_id as institution_id, " if self.fact.is_by_deliverer else ""
        monthly = "month, " if self._contract.keep_every_month else ""
        return f"""
            with fact as (
                select {deliverer}{monthly}{keys},
                    source_batch_id as fact_batch, source_line as fact_line
                from main.{quoted(self.fact.table)}
            ),
            counted as (
                select * from fact semi join (select distinct {self._one_record} from arrived) using ({self._one_record})
            )
            select * from touched left join counted using ({self._one_record})
            where fact_batch is null or fact_batch <> batch or fact_line <> line
        """

    def _fate(self) -> str:
        """Why each of them is not there. A row that shows no reason is not explained."""
        differs = [f"d.{quoted(name)} <> s.{quoted(name)}" for name in (*self._told_apart, "event_month")]
        other = " or ".join(
            f"coalesce({each}, false)" for each in (*differs, "sign(d.fen) * sign(s.fen) < 0")
        )
        if proof := self._proof:
            other = f"({other}) and not coalesce(d.{quoted(proof)} = s.{quoted(proof)}, false)"
        key = self._one_record
        # A notice speaks of what its own deliverer has; another's row may be there all the same.
        noticed = key if self.fact.is_by_deliverer else f"institution_id, {key}"
        gone = "(d.fact_batch is null or s.institution_id <> d.institution_id)"
        # What is there although it was deleted must have been entered anew; a notice without a time speaks of what came before it.
        again = f"case when d.changed is null then {_arrived_later('s', 'd')} else {_newer('s', 'd')} end"
        return f"""
            with counting as (
                select * from touched semi join (
                    select {key}, fact_batch as batch, fact_line as line from discarded
                ) using ({key}, batch, line)
            ),
            notice as (
                select {noticed}, max(coalesce(changed, timestamp 'infinity')) as deleted_at
                from discarded where is_notice group by all
            )
            select d.institution_id, d.month, d.batch, d.fen, s.institution_id as by_institution, s.month as by_month,
                case
                    when coalesce(d.is_notice, false) then case when {gone} or {again} then 'deleted' else 'unexplained' end
                    when {gone} and n.deleted_at >= coalesce(d.changed, n.deleted_at) then 'deleted'
                    when s.batch is null or not {_newer("s", "d")} then 'unexplained'
                    when {other} then 'replaced'
                    else 'superseded'
                end as fate
            from discarded as d
            left join counting as s on {" and ".join(f"d.{name} = s.{name}" for name in key.split(", "))}
                and s.batch = d.fact_batch and s.line = d.fact_line
            left join notice as n on {" and ".join(f"d.{name} = n.{name}" for name in noticed.split(", "))}
        """

    def _counted(self) -> str:
        place = "institution_id, month"
        return f"""
            with accepted as (
                select {place}, sum(accepted_rows)::bigint as accepted_rows, sum({self._fen("accepted_fen")})::bigint as accepted_fen,
                    coalesce(sum(accepted_rows) filter (not in_force), 0)::bigint as out_of_force_rows,
                    coalesce(sum({self._fen("accepted_fen")}) filter (not in_force), 0)::bigint as out_of_force_fen
                from main.batch_outcome
                where feed = {literal(self.fact.feed)} and status <> 'refused' and {self._judged} group by all
            ),
            discarded as (
                select {place}, {", ".join(self._sums("fate = '{}'", ("superseded", "replaced", "deleted")))}
                from fate where {self._judged} group by all
            ),
            overwritten as (
                select by_institution as institution_id, by_month as month, count(*) as overwriting_rows
                from fate where fate = 'replaced' and by_month in ({literals(self.months)}) group by all
            ),
            built as (
                select b.institution_id, b.month, count(*) as fact_rows, sum(fen)::bigint as fact_fen,
                    {", ".join(self._sums("is_{}", (*_OF_THE_FACTS, "monthless")))}
                from ({self._facts()}) as e join main.batch_outcome as b using (batch_id)
                where b.{self._judged} group by all
            ),
            together as (
                select * from accepted full join discarded using ({place})
                full join overwritten using ({place}) full join built using ({place})
            ),
            filled as (select {place}, coalesce(columns(* exclude ({place})), 0) from together)
            select {literal(self.fact.feed)} as feed, {literal(self.fact.table)} as fact, *,
                accepted_rows - fact_rows - superseded_rows - replaced_rows - deleted_rows - out_of_force_rows as unexplained_rows,
                accepted_fen - fact_fen - superseded_fen - replaced_fen - deleted_fen - out_of_force_fen as unexplained_fen
            from filled
        """

    def _facts(self) -> str:
        """Rows of the fact with their batch, their money, and what is special about them."""
        there = {
            name
            for name, *_ in self.connection.execute(f"describe main.{quoted(self.fact.table)}").fetchall()
        }
        special = {
            name: next((sql for column, sql in found.items() if column in there), "false")
            for name, found in _OF_THE_FACTS.items()
        }
        # Lists speak of persons and things, not of events: they count for every month in which they hold.
        special["monthless"] = (
            "month is null or month not in (select month from main.dim_month)"
            if self._contract.delivery == "events"
            else "false"
        )
        marks = ", ".join(f"coalesce({sql}, false) as is_{name}" for name, sql in special.items())
        return f"""
            select source_batch_id as batch_id, {quoted(self._money) if self._money else "0"} as fen, {marks}
            from main.{quoted(self.fact.table)}
        """

    def _fen(self, name: str) -> str:
        return f"coalesce({name}, 0)" if self._money else "0"

    @staticmethod
    def _sums(condition: str, names: Sequence[str]) -> Iterator[str]:
        for name in names:
            held = condition.format(name)
            yield f"count(*) filter ({held}) as {name}_rows"
            yield f"coalesce(sum(fen) filter ({held}), 0)::bigint as {name}_fen"


def _month(path: Path) -> str:
    """The month a batch was delivered for, from its folder."""
    return path.parent.name.removeprefix("month=")


def _newer(one: str, other: str) -> str:
    """Whether a version comes after another: by its own time, then by arrival, then by its line."""
    changed = (f"coalesce({alias}.changed, timestamp '-infinity')" for alias in (one, other))
    return _after(one, other, changed)


def _arrived_later(one: str, other: str) -> str:
    return _after(one, other, ("", ""))


def _after(one: str, other: str, times: Iterable[str]) -> str:
    parts = []
    for alias, time in zip((one, other), times, strict=True):
        landed = f"coalesce({alias}.landed, timestamp '-infinity')"
        parts.append(f"({', '.join(filter(None, (time, landed, f'{alias}.batch', f'{alias}.line')))})")
    return f"({parts[0]} > {parts[1]})"
