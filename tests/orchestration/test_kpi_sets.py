"""National lists: whole, of registered KPIs, and plain about what they lack."""

import pytest
from pydantic import ValidationError

from orchestration.kpi_registry import load_registry
from orchestration.kpi_sets import load_sets

REGISTERED = {one.kpi_id for one in load_registry()}
LIST = """
name: {zh: 目录, en: list}
source: 某处
item_count: 2
items:
  - {number: 1, name: 甲, kpis: [KPI-001], confidence: B}
  - {number: 2, name: 乙, kpis: [], confidence: C, missing: 没有数据源}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "some.yml").write_text(LIST, encoding="utf-8")
    return tmp_path


def test_the_lists_have_the_items_the_nation_counts():
    lists = {one.set_id: one.kpi_set.item_count for one in load_sets(REGISTERED)}
    assert lists == {"community_2020": 26, "community_2024": 14, "drg_six": 6, "second_level_hospital": 28}


def test_an_item_has_a_row_for_each_kpi_and_one_without_any(folder):
    (listed,) = load_sets(REGISTERED, folder)
    rows = [(row["set_id"], row["item_number"], row["kpi_id"], row["missing_zh"]) for row in listed.rows()]
    assert rows == [("some", 1, "KPI-001", ""), ("some", 2, "-", "没有数据源")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("item_count: 2", "item_count: 3", "numbered from 1 to 3"),
        ("number: 2", "number: 1", "each once"),
        (", missing: 没有数据源", "", "says why"),
        ("confidence: B", "confidence: D", "'A', 'B' or 'C'"),
    ],
)
def test_a_list_that_is_not_whole_is_refused(folder, old, new, said):
    (folder / "some.yml").write_text(LIST.replace(old, new), encoding="utf-8")
    with pytest.raises(ValidationError, match=said):
        load_sets(REGISTERED, folder)


def test_a_kpi_that_is_not_registered_is_named(folder):
    (folder / "some.yml").write_text(LIST.replace("KPI-001", "KPI-999"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"some\.yml.*KPI-999"):
        load_sets(REGISTERED, folder)
