"""From a doubtful pair to a decision and back, through files as people use them."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from sources.base.home import Home
from sources.base.privacy import pseudonym
from sources.county.county import DEMONSTRATION_KEY, County, CountyError, check
from sources.county.decisions import SHEET, read_decisions
from sources.identity.index import build_person_index
from sources.identity.review import review_pairs
from sources.identity.review_workbook import write_workbook
from sources.ingest import ingest_feed
from tests.sources.making import HOSPITAL, MONTH, TOWNSHIP, deliver, make_county

HEADER = "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ,MZ,LXDH,YBBH,GXSJ"
PHONE = "13812345678"


@pytest.fixture
def county(tmp_path: Path) -> County:
    return make_county(tmp_path / "county")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def register(county: County, org: str, number: str, name: str, card: str = "") -> None:
    line = f"{org},{number},{name},,{card},女,1984-03-17,,{PHONE},,{MONTH}-05"
    deliver(county, f"{org}/{MONTH}/HZ_{MONTH.replace('-', '')}.csv", f"{HEADER}\n{line}\n")


def build(county: County, home: Home) -> dict[str, int]:
    ingest_feed(county, home, "his_patient", [MONTH])
    return build_person_index(county, home)


def people(home: Home) -> dict[str, tuple[str, str]]:
    rows = pq.ParquetFile(home.person_index).read().to_pylist()
    return {row["local_key"]: (row["person_key"], row["link_method"]) for row in rows}


def decide(county: County, *lines: str) -> None:
    folder = county.folder / "identity"
    folder.mkdir(exist_ok=True)
    text = "\n".join(["pair_id,decision,decided_by,decided_on", *lines]) + "\n"
    (folder / "decisions.csv").write_text(text, encoding="utf-8")


def events(home: Home) -> list[dict]:
    return [json.loads(line) for line in (home.identity / "events.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture
def doubtful(county: County, home: Home) -> str:
    """Two records that may be sisters or one person; gives their pair."""
    register(county, TOWNSHIP, "P1", "赵子涵")
    register(county, HOSPITAL, "P2", "赵子涛")
    assert build(county, home)["pairs_to_review"] == 1
    (pair,) = review_pairs(county, home)
    return pair.pair_id


def test_a_doubtful_pair_is_asked_about_and_shown_masked(
    county: County, home: Home, doubtful: str, tmp_path: Path
) -> None:
    assert len({key for key, _ in people(home).values()}) == 2
    path = tmp_path / "review.xlsx"
    write_workbook(path, review_pairs(county, home))
    heading, row = CalamineWorkbook.from_path(path).get_sheet_by_name(SHEET).to_python()
    shown = dict(zip(heading, row, strict=True))
    assert shown["配对号"] == doubtful
    assert (shown["A 姓名"], shown["A 出生"], shown["A 电话尾号"]) == ("赵**", "1984-**-**", "**78")
    assert {shown["A 机构"], shown["B 机构"]} == {"县医院", "镇卫生院"}
    assert f"{TOWNSHIP}/{MONTH}/HZ_202503.csv:2" in (shown["A 文件:行"], shown["B 文件:行"])
    assert not any(clear in str(row) for clear in ("子涵", "子涛", PHONE, "03-17", "P1"))


def test_a_decision_joins_them_and_another_parts_them_again(
    county: County, home: Home, doubtful: str
) -> None:
    before = people(home)
    decide(county, f"{doubtful},同一人,陈档案,2025-04-01")
    assert build(county, home)["persons_merged"] == 1
    joined = people(home)
    assert {method for _, method in joined.values()} == {"review"}
    (key,) = {key for key, _ in joined.values()}
    assert key == min(key for key, _ in before.values())
    decide(county, f"{doubtful},same,陈档案,2025-04-01", f"{doubtful},different,陈档案,2025-04-09")
    counts = build(county, home)
    assert (counts["persons_split"], counts["pairs_to_review"]) == (1, 0)
    assert {local: key for local, (key, _) in people(home).items()} == {
        local: key for local, (key, _) in before.items()
    }
    assert [event["event"] for event in events(home)] == ["merged", "split"]
    assert [event["seq"] for event in events(home)] == [1, 2]


def test_who_is_unsure_is_asked_again(county: County, home: Home, doubtful: str) -> None:
    decide(county, f"{doubtful},unsure,陈档案,2025-04-01", "0123456789abcdef,same,陈档案,2025-04-01")
    counts = build(county, home)
    assert (counts["pairs_to_review"], counts["decisions_unused"]) == (1, 1)


def test_the_filled_workbook_is_read_as_it_is(
    county: County, home: Home, doubtful: str, tmp_path: Path
) -> None:
    (county.folder / "identity").mkdir()
    write_workbook(county.folder / "identity" / "review.xlsx", review_pairs(county, home))
    assert read_decisions(county.folder) == []
    assert check(county.folder) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("赵子涵,same,陈档案,2025-04-01", "配对号应为 16 位"),
        ("0123456789abcdef,vielleicht,陈档案,2025-04-01", "结论只能是"),
        ("0123456789abcdef,same,,2025-04-01", "缺少判断人"),
        ("0123456789abcdef,same,陈档案,一月", "判断日期应写成"),
    ],
)
def test_bad_decisions_are_refused_with_file_and_row(county: County, line: str, said: str) -> None:
    decide(county, "0123456789abcdef,unsure,陈档案,2025-04-01", line)
    (problem,) = check(county.folder)
    assert str(problem).startswith("identity/decisions.csv:3: ")
    assert said in problem.message_zh
    assert "赵子涵" not in str(problem)
    with pytest.raises(CountyError):
        County.load(county.folder)


def test_contradictions_of_one_day_and_missing_columns_are_refused(county: County) -> None:
    decide(county, *(f"0123456789abcdef,{word},陈档案,2025-04-01" for word in ("same", "different")))
    assert "identity/decisions.csv:2" in check(county.folder)[0].message_zh
    (county.folder / "identity" / "decisions.csv").write_text("pair_id\n", encoding="utf-8")
    assert "缺少列" in check(county.folder)[0].message_zh


def test_a_person_keeps_its_key_when_a_card_becomes_known(county: County, home: Home) -> None:
    register(county, TOWNSHIP, "P1", "赵子涵")
    build(county, home)
    (first,) = people(home).values()
    register(county, HOSPITAL, "P2", "赵子涵", "340699198403170020")
    build(county, home)
    assert {key for key, _ in people(home).values()} == {first[0]}
    methods = {org: people(home)[pseudonym(DEMONSTRATION_KEY, "patient", org, number)][1] for org, number in
               ((TOWNSHIP, "P1"), (HOSPITAL, "P2"))}  # fmt: skip
    assert methods == {TOWNSHIP: "model", HOSPITAL: "id_card"}
    assert events(home) == []


def test_a_second_run_changes_no_byte(county: County, home: Home, doubtful: str) -> None:
    def content() -> dict[str, bytes]:
        files = [*home.identity.rglob("*"), *home.person_index.parent.rglob("*")]
        return {str(path.relative_to(home.root)): path.read_bytes() for path in files if path.is_file()}

    before = content()
    assert build(county, home)["pairs_compared"] == 0
    assert content() == before


def test_what_a_killed_run_appended_is_dropped(county: County, home: Home, doubtful: str) -> None:
    (home.identity / "events.jsonl").write_text('{"seq": 1, "event": "merged"}\n', encoding="utf-8")
    decide(county, f"{doubtful},same,陈档案,2025-04-01")
    build(county, home)
    assert [(event["seq"], event["run"]) for event in events(home)] == [(1, 2)]


def test_the_same_people_without_any_memory(
    county: County, home: Home, doubtful: str, tmp_path: Path
) -> None:
    decide(county, f"{doubtful},same,陈档案,2025-04-01")
    build(county, home)
    anew = Home(tmp_path / "anew")
    build(county, anew)
    assert people(anew) == people(home)
