"""A release keeps the policy and mappings it was made with: rows changed afterwards are named, two releases compared line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.commands.county import check
from orchestration.publishing.compare import diff
from sources.county.county import County
from sources.county.policy import write_policy
from sources.county.texts import write_texts
from tests.publishing.conftest import Workshop
from tests.sources.making import make_county

ROW = "township,KPI-013,满意,60,0,2025-01-01,"
MONTHS = ("2025-01", "2025-02", "2025-03")


@pytest.fixture
def county(tmp_path: Path) -> County:
    return make_county(tmp_path / "county")


def publish(workshop: Workshop, county: County, *months: str):
    """Publish with the policy and texts of the county as they are now."""
    write_policy(county.policy_folder, workshop.home)
    write_texts(county.folder, workshop.home)
    return workshop.publish(*months)


def replace(county: County, file: str, old: str, new: str) -> None:
    path = county.folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def said(workshop: Workshop, county: County, capsys: pytest.CaptureFixture) -> tuple[int, str]:
    code = check(county.folder, workshop.home.root)
    return code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "what"),
    [
        ("kpi_target", "60,90,95", "60,85,95", ":2:", "~ kpi_target KPI-001 * *: target 90 → 85"),
        ("kpi_parameter", "minimum_peers,5", "minimum_peers,4", ":2:", "value 5 → 4"),
        ("kpi_target", "95,,,,,2025-01-01", "95,,,,,2025-02-01", ":2:", "- kpi_target KPI-001 * *: target_mode abs, baseline 60"),
        ("kpi_code_set", "large_equipment_class,CT", "large_equipment_class,MR", ":3:", "+ kpi_code_set large_equipment_class MR"),
        ("kpi_code_set", "large_equipment_class,CT", "large_equipment_class,MR", ": ", "- kpi_code_set large_equipment_class CT"),
        ("kpi_weight", f"{ROW},", f"{ROW}2025-02-28,1,\ntownship,KPI-013,满意,60,1,2025-03-01,,", ":8:", "primary_outcome 0 → 1"),
        ("calendar_exception", "2025-02-04", "2025-02-05", ":2:", "~ calendar_exception holiday 2025-01-28: effective_to 2025-02-04 → 2025-02-05"),
    ],
)  # fmt: skip
def test_a_row_changed_in_place_for_a_published_month_is_named(
    workshop: Workshop, county: County, capsys: pytest.CaptureFixture, file: str, old: str, new: str, place: str, what: str
) -> None:  # fmt: skip
    publish(workshop, county, *MONTHS)
    assert said(workshop, county, capsys) == (0, "")
    replace(county, f"policy/{file}.csv", old, new)
    code, text = said(workshop, county, capsys)
    assert code == 2 and what in text
    assert any(f"policy/{file}.csv{place}" in line and what in line for line in text.splitlines()), text


def test_a_row_that_ends_and_a_new_one_after_the_published_months_are_no_change(
    workshop: Workshop, county: County, capsys: pytest.CaptureFixture
) -> None:
    publish(workshop, county, *MONTHS)
    replace(
        county, "policy/kpi_weight.csv", f"{ROW},1", f"{ROW}2025-03-31,1,\ntownship,KPI-013,满意,60,1,2025-04-01,,1"
    )  # fmt: skip
    replace(county, "policy/score_anchor.csv", "假设", "县发〔2025〕3 号")
    assert said(workshop, county, capsys) == (0, "")


def test_a_month_stands_on_the_policy_of_the_release_that_computed_it(
    workshop: Workshop, county: County, capsys: pytest.CaptureFixture
) -> None:
    publish(workshop, county, "2025-01")
    replace(county, "policy/kpi_target.csv", "60,90,95", "60,85,95")
    publish(workshop, county, "2025-02")
    code, text = said(workshop, county, capsys)
    assert code == 2 and "2025-01 is published and had this row otherwise" in text and "2025-02" not in text
    publish(workshop, county, "2025-01", "2025-02")
    assert said(workshop, county, capsys) == (0, "")


def test_diff_shows_policy_row_by_row_and_mappings_line_by_line(workshop: Workshop, county: County) -> None:
    old = publish(workshop, county, "2025-01")
    assert (old.path / "lineage/county/mappings/vendor.yml").read_bytes() == (
        county.folder / "mappings/vendor.yml"
    ).read_bytes()
    assert (old.path / "lineage/county/policy/kpi_target.csv").is_file()
    replace(county, "policy/kpi_target.csv", "60,90,95", "60,85,95")
    replace(county, "policy/kpi_code_set.csv", "large_exam_modality,CT", "large_exam_modality,MR")
    replace(county, "mappings/vendor.yml", "男: 1", "男: 1, 男性: 1")
    (county.folder / "mappings" / "platform.yml").unlink()
    new = publish(workshop, county, "2025-01")
    lines = diff(workshop.home, old.release_id, new.release_id).splitlines()
    assert "  ~ kpi_target KPI-001 * * 2025-01-01: target 90 → 85" in lines
    assert any(line.startswith("  - kpi_code_set large_exam_modality CT 2025-01-01") for line in lines)
    assert any(line.startswith("  + kpi_code_set large_exam_modality MR 2025-01-01") for line in lines)
    assert any(line.startswith("  +") and "男性: 1" in line for line in lines)
    assert "原因:mappings/platform.yml 改变 / mappings/platform.yml changed" in lines
    assert not (new.path / "lineage/county/mappings/platform.yml").exists()
