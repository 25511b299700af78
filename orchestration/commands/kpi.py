"""`yigongti kpi …`: the registry of KPIs in words, and the rows of policy that each of them reads.

Not here: the words (kpi_words), values (`yigongti explain`).
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import click
from rich.table import Table

from orchestration.commands.county import require_county
from orchestration.console import make_console
from orchestration.kpi_registry import Registered, Subject, load_registry, load_subjects
from orchestration.kpi_words import ASSUMED, UnknownKpiError, facts, find_kpi, formula, terms
from orchestration.settings import DEMO_SETTINGS
from sources.base.likeness import nearest
from sources.base.terms import DIRECTIONS, WINDOWS, Words
from sources.county.policy import readable_tables
from sources.county.policy_checks import Row, Tables, said
from sources.county.policy_words import policy_item

_READ = ("kpi_parameter", "kpi_code_set", "kpi_target", "kpi_weight", "deduction_rule")
# What every table of policy says beside its own columns.
_IN_FORCE = ("effective_from", "effective_to", "assumption", "origin")


def list_kpis(dimension: str | None) -> None:
    """Print every registered KPI, or those of a dimension. A dimension that nobody knows is a usage error."""
    registry = load_registry()
    known = {one.dimension for one in registry}
    if dimension and dimension not in known:
        near = nearest(dimension, known)
        raise click.BadParameter(
            f"没有维度 {dimension},相近的有 {near} / no such dimension; nearest: {near}",
            param_hint="--dimension",
        )
    table = Table(title="指标登记 KPIs", title_justify="left")
    for heading in (
        "指标 KPI",
        "名称 name",
        "维度 dimension",
        "单位 unit",
        "方向 direction",
        "窗口 window",
        "",
    ):
        table.add_column(heading)
    for one in registry:
        if dimension in (None, one.dimension):
            table.add_row(*_entry(one))
    make_console().print(table)


def _entry(one: Registered) -> tuple[str, ...]:
    kpi = one.kpi
    mark = "不计算 not computed" if kpi.not_computed else ASSUMED if kpi.is_assumption else ""
    way, window = DIRECTIONS[kpi.better].zh, WINDOWS[kpi.scored.window].zh
    return one.kpi_id, f"{kpi.name.zh} {kpi.name.en}", one.dimension, kpi.unit, way, window, mark


def show_kpi(name: str, county_dir: Path | None) -> None:
    """Print what is registered of a KPI, and its rows of a county's policy (None: the demo county's).

    An indicator that nobody knows, and a folder without a county, are usage errors.
    """
    if county_dir is not None:
        require_county(county_dir)
    try:
        one = find_kpi(load_registry(), name)
    except UnknownKpiError as error:
        raise click.UsageError(str(error)) from error
    console = make_console()
    for line in [*_words(one, load_subjects()), *_policy(one, (county_dir or DEMO_SETTINGS) / "policy")]:
        console.print(line, soft_wrap=True, highlight=False)


def _words(one: Registered, subjects: dict[str, Subject]) -> Iterator[str]:
    kpi = one.kpi
    yield f"{one.kpi_id} {kpi.name.zh} / {kpi.name.en}"
    if kpi.not_computed:
        yield f"\n不计算 not computed:{kpi.not_computed}"
    yield f"\n定义 definition{ASSUMED if kpi.is_assumption else ''}:{kpi.definition.zh}"
    yield f"  {kpi.definition.en}"
    yield f"  分子 numerator:{kpi.counts.numerator}"
    yield f"  分母 denominator:{kpi.counts.denominator}"
    if not kpi.not_computed:
        yield f"\n公式 formula:{formula(one)}"
        yield from (f"  {term.part.zh} {term.written}:{term.description}" for term in terms(one, subjects))
    yield ""
    yield from (f"{fact.label}:{fact.text}" for fact in facts(one, subjects))
    yield f"{Words('所需报送', 'feeds')}:{'、'.join(kpi.feeds)}"
    yield f"\n为什么 why:{kpi.why}"
    if kpi.misleads:
        yield f"哪里会误导 misleads:{kpi.misleads}"


def _policy(one: Registered, folder: Path) -> Iterator[str]:
    tables = readable_tables(folder)
    yield f"\n政策 policy({folder}):"
    for table in _READ:
        if table not in tables:
            yield f"  {table}.csv 有误,读不出:先 yigongti county check / cannot be read: yigongti county check first"
    for item in one.kpi.policy:
        yield f"  {item}:{' / '.join(policy_item(item))}"
        yield from _rows(tables, "kpi_parameter", {"parameter": item})
        yield from _codes(tables, item)
    yield "  目标、权重与扣分规则 targets, weights, deductions:"
    for table in ("kpi_target", "kpi_weight", "deduction_rule"):
        yield from _rows(tables, table, {"kpi_id": one.kpi_id})


def _rows(tables: Tables, table: str, key: Row) -> Iterator[str]:
    """Rows of a table that hold the key, with the line each stands on."""
    for line, row in tables.get(table, []):
        if key.items() <= row.items():
            own = {name: value for name, value in row.items() if name not in (*key, *_IN_FORCE)}
            figures = " ".join(f"{name}={said(value)}" for name, value in own.items() if value is not None)
            yield f"    {table}.csv:{line}  {figures}  {_standing(row)}"


def _codes(tables: Tables, code_set: str) -> Iterator[str]:
    """A list of codes in one line for each period and origin."""
    rows = [row for _, row in tables.get("kpi_code_set", []) if row["code_set"] == code_set]
    for standing, together in groupby(rows, key=_standing):
        yield f"    kpi_code_set.csv  {'、'.join(row['code'] for row in together)}  {standing}"


def _standing(row: Row) -> str:
    """From when to when a row is in force, whether somebody decided it, and where it is from."""
    until = f" 至 {row['effective_to']}" if row["effective_to"] else ""
    assumed = ASSUMED if row["assumption"] else ""
    return f"自 {row['effective_from']}{until}{assumed} {row['origin'] or ''}".rstrip()
