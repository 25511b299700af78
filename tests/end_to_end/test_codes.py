"""The circle of an unmapped code, through the front door: published, written to a workbook, filled in, mapped by the next run."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.end_to_end.conftest import World, must, yigongti

pytestmark = pytest.mark.proof

MONTH, CODE, TARGET = "2025-03", "QT001", "R69.x00"


def _unmapped(world: World) -> dict[str, int]:
    """Rows with the unmapped code in the month, by deliverer."""
    mart = world.release / "marts" / "mart_code_unmapped.parquet"
    sql = "select deliverer_id, sum(rows) from read_parquet(?) where month = ? and source_code = ? group by 1"
    return dict(duckdb.execute(sql, [str(mart), MONTH, CODE]).fetchall())


def _filled(workbook: Path, path: Path, **values: str) -> None:
    """The workbook as a person saves it: the rows of the code filled in for the whole county, once."""
    rows = CalamineWorkbook.from_path(workbook).get_sheet_by_name("待对照").to_python()
    heading = rows[0]
    chosen = next(row for row in rows[1:] if row[heading.index("原编码")] == CODE)
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("待对照")
    for column, name in enumerate(heading):
        sheet.write(0, column, name)
        sheet.write(1, column, values.get(name, chosen[column]))
    book.close()


def test_a_filled_workbook_maps_the_code_from_its_day_on(own: World, tmp_path: Path) -> None:
    assert _unmapped(own)
    place = ("--county", own.county, "--home", own.home)
    said = must("code", "unmapped", *place, "--output", tmp_path / "unmapped.xlsx")
    assert CODE in said
    (own.county / "codes").mkdir()
    filled = own.county / "codes" / "filled.xlsx"
    answers = {
        "机构编码(空=全县)": "",
        "对照人": "编码员",
        "对照日期": "2025-04-02",
        "生效日期": "2025-03-01",
    }

    _filled(tmp_path / "unmapped.xlsx", filled, **{**answers, "目标编码": "R69"})
    refused = yigongti("county", "check", own.county)
    assert refused.code == 2
    assert "codes/filled.xlsx[待对照]:2" in refused.text and "R69" in refused.text

    _filled(tmp_path / "unmapped.xlsx", filled, **{**answers, "目标编码": f"{TARGET} 原因不明的疾病"})
    must("county", "check", own.county)
    outcome = own.run("--month", MONTH)
    assert outcome.code == 0, outcome.text
    assert _unmapped(own) == {}
    facts = duckdb.connect(str(own.home / "warehouse" / "build.duckdb"), read_only=True).execute(
        """select distinct month < '2025-03', normalised_diagnosis_code, code_method, code_map_version
           from core.fct_outpatient_diagnosis where diagnosis_code = ?""",
        [CODE],
    )
    assert set(facts.fetchall()) == {
        (True, None, "unmapped", None),
        (False, TARGET, "county_map", "county 2025-04-02"),
    }
