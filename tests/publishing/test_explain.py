"""explain: the printed chain is the published one, and a chain that does not hold is refused."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from orchestration.explain.number import ExplainError, explain, score_in_words
from orchestration.publishing import manifest
from orchestration.publishing.evidence import Unit, evidence_file, evidence_of
from orchestration.publishing.uncounted import uncounted
from orchestration.publishing.walkback import counted_where, walk_back, window_months
from tests.publishing.conftest import LEAD, TOWN, Workshop


def test_the_chain_from_definition_to_line(workshop: Workshop) -> None:
    workshop.publish("2025-01", "2025-02")
    text = explain(workshop.home, "2025-02", TOWN, "KPI-010", rows=True)
    assert "平均住院日" in text and "出院患者平均住院天数" in text and "〔假设〕" in text
    assert "分子 8 · 分母 4 · 样本 4" in text
    assert "8 ÷ 4" in text
    assert "2025-02.1" in text
    lines = [line for line in text.splitlines() if f"{TOWN}/2025-02/ZY.csv:" in line]
    assert [line.rsplit(":", 1)[1] for line in lines] == ["2", "3", "4", "5"]
    assert "ZY.csv" not in explain(workshop.home, "2025-02", TOWN, "KPI-010")


def test_a_threshold_and_a_veto_are_told_with_what_they_took(workshop: Workshop) -> None:
    workshop.publish("2025-01")
    assert "门槛" not in (plain := explain(workshop.home, "2025-01", TOWN, "KPI-010")) and "否决" not in plain
    workshop.vetoed = True
    workshop.publish("2025-02")
    text = explain(workshop.home, "2025-02", TOWN, "KPI-010")
    assert "得分 0" in text and "未达门槛 1,该项 0 分" in text
    assert "一票否决(欺诈骗保、重大医疗安全责任):系数 1.1 → 0" in text


def test_a_community_counts_what_its_institutions_do(workshop: Workshop) -> None:
    workshop.publish("2025-01")
    text = explain(workshop.home, "2025-01", None, "KPI-010", rows=True, level="community")
    assert "县域医共体 A" in text and "分子 16 · 分母 8" in text
    assert f"{TOWN}/2025-01/ZY.csv:5" in text and f"{LEAD}/2025-01/ZY.csv:5" in text


def test_growth_is_walked_back_to_both_years(workshop: Workshop) -> None:
    """KPI-010 as stays of this month less those of the same month a year ago, over the latter."""
    workshop.events |= {("2024-01", LEAD): 2, ("2024-01", TOWN): 2}
    workshop.events = dict(sorted(workshop.events.items()))
    workshop.growth = True
    workshop.publish("2025-01")
    text = explain(workshop.home, "2025-01", TOWN, "KPI-010", rows=True)
    assert "分子 2 · 分母 2" in text
    assert "· -1 · 1 · " in text and f"{TOWN}/2024-01/ZY.csv:3" in text and f"{TOWN}/2025-01/ZY.csv:5" in text


@pytest.mark.parametrize(
    ("level", "unit", "said"),
    [
        ("community", "B", "A"),
        ("department", "0301", "institution/number"),
        ("team", None, "institution, department"),
    ],
)
def test_a_unit_nobody_knows_is_named(workshop: Workshop, level: str, unit: str | None, said: str) -> None:
    workshop.publish("2025-01")
    with pytest.raises(ExplainError, match=said):
        explain(workshop.home, "2025-01", unit, "KPI-010", level=level)


def test_evidence_comes_from_the_release_that_computed_the_value(workshop: Workshop) -> None:
    workshop.publish("2025-01")
    workshop.events["2025-01", TOWN] = 5
    workshop.publish("2025-02")
    assert len(walk_back(workshop.home, "2025-01", TOWN, "KPI-010").evidence) == 4


def test_evidence_that_does_not_sum_is_refused(workshop: Workshop) -> None:
    release = workshop.publish("2025-01").path
    path = release / "lineage" / evidence_file("stay", "2025-01")
    table = pq.read_table(path, partitioning=None)
    mine = pc.equal(table["institution_id"], TOWN)
    pq.write_table(pa.concat_tables([table, table.filter(mine).slice(0, 1)]), path)
    manifest.write(release, manifest.read(release))
    with pytest.raises(ExplainError, match="sums to"):
        explain(workshop.home, "2025-01", TOWN, "KPI-010")


@pytest.mark.parametrize(
    ("month", "institution", "kpi", "window"),
    [
        ("2025-09", TOWN, "KPI-010", None),
        ("2025-01", "H0", "KPI-010", None),
        ("2025-01", TOWN, "KPI-999", None),
        ("2025-01", TOWN, "KPI-010", "decade"),
        ("2025-01", TOWN, "KPI-010", "ytd"),
    ],
)
def test_what_is_not_published_cannot_be_explained(
    workshop: Workshop, month, institution, kpi, window
) -> None:
    with pytest.raises(ExplainError, match="nothing has been published"):
        explain(workshop.home, month, institution, kpi, window)
    workshop.publish("2025-01")
    with pytest.raises(ExplainError, match=r"版本|窗口"):
        explain(workshop.home, month, institution, kpi, window)


def test_windows() -> None:
    assert window_months("2025-02", "month", "sum") == ["2025-02"]
    assert window_months("2025-02", "quarter", "sum") == ["2025-01", "2025-02"]
    assert window_months("2025-04", "quarter", "sum") == ["2025-04"]
    assert window_months("2025-03", "ytd", "sum") == ["2025-01", "2025-02", "2025-03"]
    rolling = window_months("2025-02", "rolling12", "sum")
    assert (len(rolling), rolling[0], rolling[-1]) == (12, "2024-03", "2025-02")
    assert window_months("2025-02", "rolling12", "last") == ["2025-02"]


ANCHORS = [
    {"anchor": a, "points": p}
    for a, p in (("floor", 0), ("baseline", 60), ("target", 100), ("challenge", 120))
]


@pytest.mark.parametrize(
    ("direction", "anchors", "value", "ending"),
    [
        ("higher", (15, 25, 30), "4", "→ 0"),
        ("higher", (15, 25, 30), "12", "= 42"),
        ("higher", (15, 25, 30), "20", "= 80"),
        ("higher", (15, 25, 30), "27.5", "= 110"),
        ("higher", (15, 25, 30), "33", "→ 120"),
        ("lower", (9, 7.5, 7), "10.8", "→ 0"),
        ("lower", (9, 7.5, 7), "8.2", "= 81.3333"),
        ("lower", (9, 7.5, 7), "7.2", "= 112"),
        ("lower", (9, 7.5, 7), "6.5", "→ 120"),
    ],
)
def test_score_in_words_retraces_the_worked_examples(
    workshop: Workshop, direction, anchors, value, ending
) -> None:
    """Methods A1: referral rate (B15 T25 C30) and length of stay (B9 T7.5 C7, lower is better)."""
    workshop.publish("2025-01")
    found = walk_back(workshop.home, "2025-01", TOWN, "KPI-010")
    baseline, target, challenge = map(Decimal, map(str, anchors))
    in_force = found.target | {
        "baseline": baseline,
        "target": target,
        "challenge": challenge,
        "floor": 2 * baseline - target,
    }
    found = replace(
        found,
        value=found.value | {"value": Decimal(value)},
        target=in_force,
        kpi=found.kpi | {"direction": direction},
        anchors=ANCHORS,
    )
    assert score_in_words(found).endswith(ending)


def test_a_release_that_kept_no_targets_is_explained_by_what_it_published(workshop: Workshop) -> None:
    release = workshop.publish("2025-01").path
    kept = walk_back(workshop.home, "2025-01", TOWN, "KPI-010").target
    (release / "lineage" / "target.parquet").unlink()
    manifest.write(release, manifest.read(release))
    found = walk_back(workshop.home, "2025-01", TOWN, "KPI-010").target
    names = ("baseline", "target", "challenge", "floor")
    assert [found[name] for name in names] == [kept[name] for name in names]


@pytest.mark.parametrize(
    ("institution", "kpi"), [(TOWN, "CI-10"), (TOWN, "平均住院日"), (TOWN, "length of stay")]
)
def test_codes_and_names_mean_what_they_name(workshop: Workshop, institution: str, kpi: str) -> None:
    workshop.publish("2025-01")
    assert explain(workshop.home, "2025-01", institution, kpi) == explain(
        workshop.home, "2025-01", TOWN, "KPI-010"
    )


def test_a_name_of_two_institutions_asks_for_the_id_and_a_wrong_one_gets_the_nearest(
    workshop: Workshop,
) -> None:
    workshop.publish("2025-01")
    with pytest.raises(ExplainError, match=f"(?s){LEAD}.*{TOWN}.*give the id"):
        explain(workshop.home, "2025-01", "x", "KPI-010")
    with pytest.raises(ExplainError, match="平均住院日"):
        explain(workshop.home, "2025-01", TOWN, "平均住院天")


def test_what_was_received_and_not_counted_is_listed_by_cause(workshop: Workshop) -> None:
    """The batch b1 of the lead holds eight rows; three of them are counted nowhere, for causes that add up."""
    workshop.publish("2025-01")
    found = walk_back(workshop.home, "2025-01", LEAD, "KPI-010")
    (each,) = uncounted(found.release, found.window_months, found.evidence)
    assert (each.received, each.quarantined, each.duplicate, each.counted, each.left_out) == (8, 1, 1, 4, 2)
    assert each.rules == (("TYPE_INVALID", "los", 1),)
    text = explain(workshop.home, "2025-01", LEAD, "KPI-010", not_counted=True)
    assert "收到 8 行 = 计入 4 + 隔离 1 + 重复 1" in text and "TYPE_INVALID los:1" in text
    assert "not counted" not in explain(workshop.home, "2025-01", LEAD, "KPI-010")


def test_rows_superseded_are_told_from_those_left_out(workshop: Workshop) -> None:
    release = workshop.publish("2025-01").path
    path = release / "marts" / "mart_fact_reconciliation.parquet"
    names = pq.read_table(path).schema.names
    row = dict.fromkeys(names, 0) | {"feed": "his_ip_stay", "institution_id": LEAD, "month": "2025-01"}
    pq.write_table(pa.Table.from_pylist([row | {"superseded_rows": 1}]), path)
    (each,) = uncounted(
        release, ["2025-01"], evidence_of(release, ["2025-01"], Unit("institution", LEAD), "KPI-010")
    )
    assert (each.received, each.superseded, each.counted, each.left_out) == (8, 1, 4, 1)


def test_an_event_left_out_says_by_which_rule(workshop: Workshop) -> None:
    """Rows of the subject alone, none that counts after all, and those that other KPIs of the subject count."""
    workshop.publish("2025-01")
    text = explain(workshop.home, "2025-01", TOWN, "KPI-010", not_counted=True)
    assert "按业务规则不计 3" in text
    assert "his_ip_stay 日间手术 day surgery:2" in text
    assert "his_ip_stay 不在本指标的分子、分母之内 in neither part of this KPI:1" in text
    assert "已计入" not in text and "作废" not in text and "ZY.csv" not in text
    listed = explain(workshop.home, "2025-01", TOWN, "KPI-010", rows=True, not_counted=True)
    places = [
        line.rsplit(":", 1)[1] for line in listed.split("not counted:")[1].splitlines() if "ZY.csv:" in line
    ]
    assert sorted(places, key=int) == ["6", "91", "92"]


def test_a_month_that_lacks_a_delivery_leaves_nothing_out_by_rule(workshop: Workshop) -> None:
    workshop.undelivered = {"2025-02"}
    workshop.publish("2025-01", "2025-02")
    assert "按业务规则不计 0" in explain(workshop.home, "2025-02", TOWN, "KPI-010", not_counted=True)


def test_a_release_that_kept_no_reasons_says_so(workshop: Workshop) -> None:
    release = workshop.publish("2025-01").path
    shutil.rmtree(release / "lineage" / "left_out")
    manifest.write(release, manifest.read(release))
    assert "does not keep the events" in explain(workshop.home, "2025-01", TOWN, "KPI-010", not_counted=True)


EARLIER = {"cited_as": "earlier", "cited_date": date(2025, 1, 3), "cited_file": "H/a.csv", "cited_line": 7}
AVERAGE = {"cited_date": date(2024, 1, 31), "cited_fen": 12345, "cited_care_kind": "outpatient"}


@pytest.mark.parametrize(
    ("cited", "said"),
    [
        (EARLIER, "较早的一次 the earlier one: 2025-01-03 · H/a.csv:7"),
        (EARLIER | {"cited_as": "return"}, "返回 the return: 2025-01-03 · H/a.csv:7"),
        (
            AVERAGE | {"cited_as": "base_policy"},
            f"123.45 元/次(政策表 policy/opening_average_cost.csv,{TOWN} 2024-01",
        ),
        (AVERAGE | {"cited_as": "base_warehouse"}, "2024-01 outpatient 次均 123.45 元/次(本仓库"),
        ({}, None),
    ],
)
def test_the_other_half_of_a_row_is_cited(
    workshop: Workshop, cited: dict, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.publish("2025-01")
    found = walk_back(workshop.home, "2025-01", TOWN, "KPI-010")
    rows = [found.evidence[0] | cited]
    monkeypatch.setattr(
        "orchestration.explain.number.walk_back", lambda *_, **__: replace(found, evidence=rows)
    )
    lines = explain(workshop.home, "2025-01", TOWN, "KPI-010", rows=True).splitlines()
    place = next(number for number, line in enumerate(lines) if "ZY.csv:" in line)
    assert said in lines[place + 1] if said else "合计" in lines[place + 1]


def test_a_line_says_where_it_is_counted(workshop: Workshop) -> None:
    workshop.publish("2025-01")
    workshop.publish("2025-02")
    expected = {f"2025-01 {where} KPI-010 分子 2 分母 1" for where in (LEAD, TOWN)}
    assert expected <= set(counted_where(workshop.home, "b1", 3))
    assert counted_where(workshop.home, "b1", 99) == []


def test_only_a_kpi_that_uses_the_measure_cites_its_other_half(workshop: Workshop) -> None:
    """A referral came back: the bounce-back rate says so, the referral rate does not."""
    release = workshop.publish("2025-01").path
    path = release / "lineage" / evidence_file("stay", "2025-01")
    table = pq.read_table(path, partitioning=None)
    for measure, said in (("typical_bed_days", "return"), ("bounced", None)):
        cited = {"cited_for": measure, "cited_as": "return"}
        columns = {name: pa.array([value] * len(table)) for name, value in cited.items()}
        pq.write_table(pa.table({**{n: table[n] for n in table.column_names}, **columns}), path)
        rows = evidence_of(release, ["2025-01"], Unit("institution", TOWN), "KPI-010")
        assert {row["cited_as"] for row in rows} == {said}


def test_a_line_counts_where_its_release_published_a_figure(workshop: Workshop) -> None:
    """The evidence of a month with a missing delivery is kept, and counts nowhere."""
    workshop.undelivered = {"2025-02"}
    workshop.publish("2025-01", "2025-02")
    assert counted_where(workshop.home, "b1", 2)
    assert counted_where(workshop.home, "b2", 2) == []
