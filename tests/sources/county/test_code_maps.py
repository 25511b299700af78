"""The county's code map as people deliver it: what is read, and every mistake with file and row."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from sources.base.home import Home
from sources.county.code_maps import COLUMNS, check_code_maps, write_code_maps
from sources.reference import write_reference
from sources.terminology.code_workbook import UnmappedCode, write_workbook
from sources.terminology.suggestions import Unknown, suggest

HEADING = ",".join(COLUMNS)
GOOD = "diagnosis,,QT001,其他不适,R69.x00,2025-01-01,,编码员,2025-02-01,"


def _write(folder: Path, *rows: str, heading: str = HEADING, name: str = "codes.csv") -> None:
    (folder / "codes").mkdir(exist_ok=True)
    (folder / "codes" / name).write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8-sig")


def test_a_row_without_a_target_is_not_decided_yet(tmp_path: Path) -> None:
    undecided = "诊断,,9999,待查,,,,,,"
    _write(tmp_path, GOOD, undecided)
    assert check_code_maps(tmp_path, ["A"]) == []
    write_code_maps(tmp_path, Home(tmp_path / "home"))
    rows = pq.read_table(
        tmp_path / "home" / "conformed" / "reference" / "county_code_map.parquet"
    ).to_pylist()
    assert [(row["source_code"], row["target_code"], row["map_row"]) for row in rows] == [
        ("QT001", "R69.x00", 2)
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("diagnosis,,QT001,,R69,2025-01-01,,编码员,2025-02-01,", "R69"),
        ("diagnosis,Z9,QT001,,R69.x00,2025-01-01,,编码员,2025-02-01,", "Z9"),
        ("disease,,QT001,,R69.x00,2025-01-01,,编码员,2025-02-01,", "disease"),
        ("diagnosis,,QT001,,R69.x00,2025-13-01,,编码员,2025-02-01,", "2025-13-01"),
        ("diagnosis,,QT001,,R69.x00,2025-03-01,2025-02-01,编码员,2025-02-01,", "effective_to lies before"),
        ("diagnosis,,QT001,,R69.x00,2025-01-01,,,2025-02-01,", "decided_by must not be empty"),
    ],
)
def test_a_mistake_names_its_row(tmp_path: Path, row: str, said: str) -> None:
    _write(tmp_path, GOOD.replace("QT001", "QT002"), row)
    problems = check_code_maps(tmp_path, ["A"])
    assert [(problem.file, problem.line) for problem in problems] == [("codes/codes.csv", 3)]
    assert said in str(problems[0])


def test_a_code_is_decided_once_at_a_time_over_all_files(tmp_path: Path) -> None:
    _write(tmp_path, GOOD.replace("2025-01-01,,", "2025-01-01,2025-03-31,"), name="a.csv")
    _write(tmp_path, GOOD.replace("2025-01-01", "2025-04-01"), name="b.csv")
    assert check_code_maps(tmp_path, ["A"]) == []
    _write(tmp_path, GOOD.replace("2025-01-01", "2025-03-31"), name="b.csv")
    (problem,) = check_code_maps(tmp_path, ["A"])
    assert problem.file == "codes/b.csv" and "codes/a.csv" in problem.message_zh


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    _write(tmp_path, GOOD, heading=HEADING.replace("decided_by", "who"), name="a.csv")
    (tmp_path / "codes" / "b.csv").write_bytes("术语".encode("gb18030"))
    (tmp_path / "codes" / "c.xlsx").write_bytes(b"not a workbook")
    (tmp_path / "codes" / "d.docx").write_bytes(b"")
    (tmp_path / "codes" / "~$open.xlsx").write_bytes(b"")
    problems = check_code_maps(tmp_path, ["A"])
    assert sorted(problem.file for problem in problems) == [
        f"codes/{n}" for n in ("a.csv", "b.csv", "c.xlsx", "d.docx")
    ]


def test_suggestions_are_alike_by_name_or_begin_alike(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_reference(home)
    for feed, columns in (("his_rx_item", "drug_name"), ("his_fee_detail", "item_name")):
        _sent(home, feed, columns)
    unknown = [
        Unknown("diagnosis", "GX2", "高血压2级"),
        Unknown("diagnosis", "I10.99", None),
        Unknown("drug", "YP9", "阿莫西林胶囊"),
        Unknown("diagnosis", "9999", "待查"),
    ]
    first, second, third, nothing = suggest(home, unknown)
    assert first[0] == "I10.x04 高血压2级"
    assert len(second) == 5 and all(text.startswith("I10.") for text in second)
    assert third == ["XJ01CAA040 阿莫西林胶囊"]
    assert nothing == []


def _sent(home: Home, feed: str, name_column: str) -> None:
    code_column = {"drug_name": "nhsa_drug_code", "item_name": "nhsa_item_code"}[name_column]
    path = home.conformed_batch(feed, "A", "2025-01", "b1")
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({name_column: ["阿莫西林胶囊"], code_column: ["XJ01CAA040"]}), path)


def test_the_workbook_is_the_same_bytes_and_puts_suggestions_beside_the_code(tmp_path: Path) -> None:
    code = UnmappedCode("diagnosis", "A", "县医院", "QT001", None, 3, 990, "2025-01", ("R69.x00 不明",))
    for name in ("one.xlsx", "two.xlsx"):
        write_workbook(tmp_path / name, [code])
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    book = CalamineWorkbook.from_path(tmp_path / "one.xlsx")
    heading, row = book.get_sheet_by_name("待对照").to_python()
    filled = dict(zip(heading, row, strict=True))
    assert (filled["原编码"], filled["行数"], filled["金额(元)"], filled["生效日期"]) == (
        "QT001",
        3,
        9.9,
        "2025-01-01",
    )
    assert book.get_sheet_by_name("建议").to_python() == [["R69.x00 不明"]]
