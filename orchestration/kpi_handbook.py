"""The handbook of KPIs: a page for each, and a list by dimension, written from the registry.

Written with the seeds (`python -m orchestration.kpi_generated`), held against the registry by a test. Not here: the words of a
KPI (kpi_words), figures and the policy of a county (`yigongti kpi show`, `yigongti explain`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from orchestration.kpi_registry import Registered, Subject
from orchestration.kpi_words import ASSUMED, facts, formula, terms
from orchestration.settings import DEMO_SETTINGS
from sources.base.terms import DIRECTIONS, TIERS, WINDOWS
from sources.base.yamlfile import load_own_yaml
from sources.contracts.load import load_contracts
from sources.county.policy_words import policy_item

FOLDER = Path(__file__).parents[1] / "docs" / "handbook"
INDEX = FOLDER / "README.md"
_GENERATED = "由指标登记生成,请勿手改:`make generated`。Generated from `dbt_project/kpis`: do not edit."
_HEAD = f"""\
# 指标手册 / Handbook of KPIs

{_GENERATED}

每个指标一页:定义、公式、所用计量、层级与窗口、来源与假设、哪里会误导。计量是证据模型的列,一个事件加多少;`a[12]` 是十二个月前的计量 a。 /
One page per KPI. A measure is a column of an evidence model: what one event adds; `a[12]` is measure a of twelve months earlier.
在命令行 / on the command line: `yigongti kpi list`, `yigongti kpi show KPI-010`;某县现行的政策行 / with a county's policy rows: `--county`。
"""
_A_MONTH = "2025-03"


def pages(registry: Sequence[Registered], subjects: Mapping[str, Subject]) -> dict[Path, str]:
    """Every page as Markdown."""
    found = {page_of(one): "\n".join(_page(one, subjects)) + "\n" for one in registry}
    return {INDEX: "\n".join(_contents(registry)) + "\n", **found}


def page_of(one: Registered) -> Path:
    """Where the page of a KPI lies."""
    return FOLDER / f"{one.kpi_id}.md"


def _contents(registry: Sequence[Registered]) -> Iterator[str]:
    yield _HEAD.rstrip()
    for dimension, ones in groupby(sorted(registry, key=_by_dimension), key=lambda one: one.dimension):
        yield from ("", f"## {dimension}", "")
        yield "| 指标 / KPI | 名称 | English | 单位 | 方向 | 计分窗口 | |"
        yield "|---|---|---|---|---|---|---|"
        yield from (_entry(one) for one in ones)


def _by_dimension(one: Registered) -> tuple[str, str]:
    return one.dimension, one.kpi_id


def _entry(one: Registered) -> str:
    kpi = one.kpi
    mark = "不计算 / not computed" if kpi.not_computed else ASSUMED if kpi.is_assumption else ""
    cells = (
        f"[{one.kpi_id}]({page_of(one).name})",
        kpi.name.zh,
        kpi.name.en,
        kpi.unit,
        DIRECTIONS[kpi.better].zh,
        WINDOWS[kpi.scored.window].zh,
        mark,
    )
    return _row(*cells)


def _page(one: Registered, subjects: Mapping[str, Subject]) -> Iterator[str]:
    kpi = one.kpi
    yield from (f"# {one.kpi_id} {kpi.name.zh}", "", f"{kpi.name.en} · [指标手册](README.md)", "", _GENERATED)
    if kpi.not_computed:
        yield from ("", "## 不计算 / Not computed", "", kpi.not_computed)
    yield from ("", "## 定义", "", f"{kpi.definition.zh}{ASSUMED if kpi.is_assumption else ''}")
    yield from ("", kpi.definition.en)
    yield from ("", f"- 分子:{kpi.counts.numerator}", f"- 分母:{kpi.counts.denominator}")
    if not kpi.not_computed:
        yield from _formula(one, subjects)
    yield from ("", "## 口径", "", "| 项 | 内容 |", "|---|---|")
    yield from (_row(fact.label.zh, fact.text) for fact in facts(one, subjects))
    yield _row("所需报送", "、".join(_feed(feed) for feed in kpi.feeds))
    yield from _policy(one)
    yield from ("", "## 为什么", "", kpi.why)
    if kpi.misleads:
        yield from ("", "## 哪里会误导", "", kpi.misleads)
    if not kpi.not_computed:
        yield from ("", "## 走回原始文件", "", *_walk(one, subjects))


def _formula(one: Registered, subjects: Mapping[str, Subject]) -> Iterator[str]:
    yield from ("", "## 公式", "", f"`{formula(one)}`", "")
    yield "| | 计量 | 一个事件加多少 |"
    yield "|---|---|---|"
    for term in terms(one, subjects):
        yield _row(term.part.zh, f"`{term.written}`", term.description)


def _policy(one: Registered) -> Iterator[str]:
    if one.kpi.policy:
        yield from ("", "## 政策项", "", "| 参数或代码集 | 含义 |", "|---|---|")
        yield from (_row(f"`{name}`", policy_item(name).zh) for name in one.kpi.policy)


def _walk(one: Registered, subjects: Mapping[str, Subject]) -> Iterator[str]:
    """Commands that answer on the demo county, at the highest tier that has a value."""
    settings = load_own_yaml((DEMO_SETTINGS / "county.yml").read_text("utf-8"))
    tier = next((tier for tier in TIERS if tier in one.kpi.tiers), None)
    of_tier = [each["id"] for each in settings["institutions"] if each["tier"] == tier]
    levels = one.unit_levels(subjects)
    whose = f"--institution {of_tier[0]}" if "institution" in levels else f"--unit {levels[0]}"
    if whose == "--unit community":
        whose += f" --of {settings['alliances'][0]['id']}"
    yield "```console"
    yield f"$ yigongti kpi show {one.kpi_id}"
    yield f"$ yigongti explain --month {_A_MONTH} {whose} --kpi {one.kpi_id} --rows"
    yield "```"


def _feed(name: str) -> str:
    contract = load_contracts()[name]
    return f"[`{name}`](../generated/data_dictionary_{contract.domain}.md#{name}) {contract.name}"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
